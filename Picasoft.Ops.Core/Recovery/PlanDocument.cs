using System.Globalization;
using System.Text;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Recovery;

/// <summary>All that the printed plan is made of.</summary>
/// <param name="Programs">Folders of the programs that plans run, with colons between.</param>
public sealed record PlanFacts(
    DateTimeOffset At, IReadOnlyList<Service> Services, IReadOnlyList<Host> Hosts, IReadOnlyList<(string Name, string Mail)> People, IReadOnlyList<Readiness> Readiness, IReadOnlyList<ProvenPlan> Plans, IReadOnlyList<ClusterRow> Clusters, IReadOnlyList<SshHostInput> SshHosts, string Programs);

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
        string Label(string name, string what) => name.EndsWith("?**", StringComparison.Ordinal) ? $"{name} {what}" : Say("message.label", name, what);

        // What stands on a service names it; people know it by its title.
        string Shown(string name) => facts.Services.FirstOrDefault(s => s.Name == name)?.Shown ?? name;

        Line(Say("doc.as_of", Phrase.Instant(facts.At, culture, zone)));
        Line("");
        Line(Say("doc.how"));
        Head(Say("doc.order"));
        foreach (var (index, service) in Recovery.Readiness.StartOrder(facts.Services).Index())
        {
            var where = new[] { service.Host is { } host ? Say("doc.on", host) : null, service.DependsOn.Count > 0 ? Say("doc.after", string.Join(", ", service.DependsOn.Select(Shown))) : null }.OfType<string>().ToList();
            Line($"{index + 1}. **{service.Shown}**{(where.Count > 0 ? $" ({string.Join(" · ", where)})" : "")}");
        }
        Head(Say("doc.hosts"));
        foreach (var host in facts.Hosts) Line($"- **{host.Name}** `{host.Address}` {host.Location}");
        Head(Say("doc.services"));
        foreach (var row in facts.Readiness)
        {
            Line($"### {row.Service.Shown}");
            if (row.Service.Url is { } url) Line($"- {url}");
            // What is not promised, and what was never made, the gaps below say in words.
            if ((row.Service.Rto ?? row.Service.Rpo) is not null) Line("- " + Say("doc.promised", For(row.Service.Rto), For(row.Service.Rpo)));
            Line("- " + (row.LastProven is { } proven ? Say("doc.proven", For(proven.Took), Day(proven.EndedAt), For(row.ProvenRpo)) : Say("doc.unproven")));
            if (row.LastBackup is not null || row.LastRestore is not null) Line("- " + Say("doc.backup", Day(row.LastBackup?.At), Day(row.LastRestore?.At)));
            foreach (var gap in row.Gaps) Line($"- ⚠ {gap.In(culture, zone)}");
            Book(row.Service);
        }
        // Nothing is promised of the others, but they are started too.
        foreach (var service in facts.Services.Where(s => !string.IsNullOrWhiteSpace(s.Runbook) && facts.Readiness.All(r => r.Service.Name != s.Name)))
        {
            Line($"### {service.Shown}");
            if (service.Url is { } url) Line($"- {url}");
            Book(service);
        }
        Head(Say("doc.plans"));
        foreach (var plan in facts.Plans.Select(p => p.Plan))
        {
            Line($"### {plan.Shown}");
            Line((plan.Owner is { } owner ? Say("doc.plan", Shown(plan.Service), owner) : Say("doc.plan_unkept", Shown(plan.Service))) + (plan.People > 1 ? " " + Say("doc.agree") : ""));
            Line("");
            foreach (var (index, step) in plan.Way.Index())
            {
                var number = $"{index + 1}. ";
                // What belongs to an item stands as far in as its words do.
                Line(Label($"{number}**{step.Title}**{(step.Destructive ? " " + Say("doc.destructive") : "")}", StepByHand.Of(step, facts, Say).Replace("\n", "\n" + new string(' ', number.Length), StringComparison.Ordinal)));
            }
            Line("");
        }
        Head(Say("doc.clusters"));
        foreach (var (cluster, view) in facts.Clusters.Select(c => (c.Cluster, c.View)))
            Line(Label($"- **{cluster.Name}** ({Say("doc.engine." + Words.Of(cluster.Engine!.Value), cluster.Address)}{(cluster.Service is { } of ? " · " + Say("doc.for", Shown(of)) : "")})", string.Join(", ", cluster.Members.Select(m => $"{m.Key} `{m.Value}`{(view?.Leader == m.Key ? $" ({Say("doc.led")})" : "")}"))));
        Head(Say("doc.people"));
        foreach (var (name, mail) in facts.People) Line(Label($"- {name}", mail));
        return text.ToString();

        void Book(Service service)
        {
            if (!string.IsNullOrWhiteSpace(service.Runbook)) { Line(""); Line(Lowered(service.Runbook.Trim())); }
            Line("");
        }
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
}
