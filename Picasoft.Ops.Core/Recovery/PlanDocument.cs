using System.Globalization;
using System.Text;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Recovery;

/// <summary>All that the printed plan is made of.</summary>
public sealed record PlanFacts(
    DateTimeOffset At, IReadOnlyList<Service> Services, IReadOnlyList<Host> Hosts, IReadOnlyList<(string Name, string Mail)> People, IReadOnlyList<Readiness> Readiness, IReadOnlyList<ProvenPlan> Plans, IReadOnlyList<ClusterRow> Clusters, IReadOnlyList<SshHostInput> SshHosts);

/// <summary>Writes the whole recovery plan as one text in Markdown that can be followed when everything is down: with every address and command, and no secret. Pure.</summary>
public static class PlanDocument
{
    public static string Write(PlanFacts facts, CultureInfo culture, TimeZoneInfo zone)
    {
        var text = new StringBuilder();
        string Say(string key, params object?[] args) => Phrase.Of(key, args).In(culture);
        string For(TimeSpan? span) => span is { } s ? DurationText.Rough(s, culture) : "–";
        string Day(DateTimeOffset? at) => at is { } a ? Phrase.Day(DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(a, zone).Date), culture) : "–";
        // "Is it there?" needs no colon.
        string Of(string name, string what) => name.EndsWith("?**", StringComparison.Ordinal) ? $"{name} {what}" : Say("message.label", name, what);

        Line(Say("doc.as_of", Phrase.Instant(facts.At, culture, zone)));
        Head(Say("doc.order"));
        foreach (var (index, service) in Recovery.Readiness.StartOrder(facts.Services).Index())
            Line($"{index + 1}. {service.Shown}{(service.DependsOn.Count > 0 ? " ← " + string.Join(", ", service.DependsOn) : "")}{(service.Host is { } host ? $" ({host})" : "")}");
        Head(Say("doc.services"));
        foreach (var row in facts.Readiness)
        {
            Line($"### {row.Service.Shown}");
            if (row.Service.Url is { } url) Line($"- {url}");
            // What is not promised, and what was never made, the gaps below say in words.
            if ((row.Service.Rto ?? row.Service.Rpo) is not null) Line("- " + Say("doc.promised", For(row.Service.Rto), For(row.Service.Rpo)));
            Line("- " + (row.LastProven is { } proven ? Say("doc.proven", For(proven.Took), Day(proven.EndedAt), For(row.ProvenRpo)) : Say("doc.unproven")));
            if (row.LastBackup is not null || row.LastRestore is not null) Line("- " + Say("doc.backup", Day(row.LastBackup?.At), Day(row.LastRestore?.At)));
            foreach (var gap in row.Gaps) Line($"- ⚠ {gap.In(culture)}");
            if (!string.IsNullOrWhiteSpace(row.Service.Runbook)) { Line(""); Line(Lowered(row.Service.Runbook.Trim())); }
            Line("");
        }
        Head(Say("doc.plans"));
        foreach (var plan in facts.Plans.Select(p => p.Plan))
        {
            Line($"### {plan.Title ?? plan.Name}");
            Line((plan.Owner is { } owner ? Say("doc.plan", plan.Service, owner) : Say("doc.plan_unkept", plan.Service)) + (plan.People > 1 ? " " + Say("doc.agree") : ""));
            Line("");
            foreach (var (index, step) in plan.Way.Index()) Line(Of($"{index + 1}. **{step.Title}**{(step.Destructive ? " " + Say("doc.destructive") : "")}", StepOf(step, facts, Say).Replace("\n", "\n   ", StringComparison.Ordinal)));
            Line("");
        }
        Head(Say("doc.clusters"));
        foreach (var (cluster, view) in facts.Clusters.Select(c => (c.Cluster, c.View)))
            Line(Of($"- **{cluster.Name}** ({Words.Of(cluster.Engine!.Value)}{(cluster.Service is { } of ? $", {of}" : "")})", string.Join(", ", cluster.Members.Select(m => $"{m.Key} `{m.Value}`{(view?.Leader == m.Key ? " ← " + Say("doc.led") : "")}"))));
        Head(Say("doc.hosts"));
        foreach (var host in facts.Hosts) Line($"- **{host.Name}** `{host.Address}` {host.Location}");
        Head(Say("doc.people"));
        foreach (var (name, mail) in facts.People) Line($"- {name} {mail}");
        return text.ToString();

        void Head(string title) => text.Append('\n').Append("## ").Append(title).Append("\n\n");
        void Line(string line) => text.Append(line).Append('\n');
    }

    /// <summary>A runbook stands below the title of its service: so do its own titles, outside its code.</summary>
    private static string Lowered(string markdown)
    {
        var isCode = false;
        return string.Join('\n', markdown.Split('\n').Select(line =>
        {
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal)) isCode = !isCode;
            var level = line.Length - line.TrimStart('#').Length;
            return isCode || level is 0 or > 6 || !line[level..].StartsWith(' ') ? line : new string('#', Math.Min(6, level + 3)) + line[level..];
        }));
    }

    /// <summary>So that a person can do it by hand.</summary>
    private static string StepOf(RecoveryStepInput step, PlanFacts facts, Func<string, object?[], string> say) => step switch
    {
        { Manual: { } manual } => manual.Trim(),
        { Check: { Url: { } url } } => $"`curl -f {url}`",
        { Check: { Cluster: { } cluster } } => say("doc.check_cluster", [cluster]),
        { Http: { } http } => $"`curl -X {Words.Of(http.Method).ToUpperInvariant()} {http.Url}`{(http.TokenFile is { } file ? $" (Authorization: Bearer ← {file})" : "")}{(http.Body is { } body ? $" `{body}`" : "")}",
        { Patroni: { } p } => $"`POST {facts.Clusters.FirstOrDefault(c => c.Cluster.Name == p.Cluster)?.Cluster.Members.Values.FirstOrDefault() ?? p.Cluster}/{Words.Of(p.Action!.Value)}`{(p.Member is { } member ? $" → {member}" : "")}{(p.PasswordFile is { } secret ? $" ({p.User} ← {secret})" : "")}",
        { Haproxy: { } h } => $"`echo 'set server {h.Backend}/{h.Server} state {Words.Of(h.Action!.Value)}' | socat - {h.Socket}`",
        { Docker: { } d } => $"`docker {Words.Of(d.Action!.Value)} {d.Container}` ({d.Engine})",
        { Ssh: { } s } => facts.SshHosts.FirstOrDefault(x => x.Name == s.Host) is { } on ? $"`ssh -p {on.Port} {on.User}@{on.Host} '{on.Commands.GetValueOrDefault(s.Command)}'`" : $"{s.Command} @ {s.Host}",
        { Plugin: { } plugin } => $"`{string.Join(' ', plugin.Arguments.Prepend(plugin.Command))}`",
        _ => "",
    };
}
