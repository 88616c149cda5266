using System.Globalization;
using Npgsql;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Logs.Windows;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Logs;

/// <summary>The alert that a log rule raises: <c>alertname=log_rule</c> with the names of the rule and its service, and the fields that keep its alerts apart.</summary>
public static class LogAlerts
{
    public const string AlertName = "log_rule";

    /// <summary>Fields become labels under this, unless they are <c>host</c> or <c>app</c>: a field called "severity" must not set the alert's.</summary>
    private const string Prefix = "log_";

    /// <param name="host">Where the service runs, for a rule that does not count by host.</param>
    /// <param name="key">Values of <see cref="LogRuleInput.By"/>; see <see cref="LogFields.Key"/>.</param>
    /// <param name="line">The last line, masked; null: there is none.</param>
    public static AlertSignal Begin(LogRuleInput rule, string? host, string key, RuleVerdict verdict, DateTimeOffset? endsAt, string? line, Phrase? summary = null)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["alertname"] = AlertName, ["rule"] = rule.Name, ["service"] = rule.Service ?? "", ["host"] = host ?? "", ["severity"] = Words.Of(rule.Severity) };
        var by = rule.By();
        var values = by.Count == 0 ? [] : key.Split('\u001f');
        foreach (var (name, value) in by.Zip(values)) labels[name is LogFields.Host or LogFields.App ? name : Prefix + name] = value;
        var said = summary ?? Summary(rule, string.Join(", ", values.Where(v => v.Length > 0)), verdict);
        var annotations = new List<(string, string)> { ("summary", said.In(CultureInfo.InvariantCulture)) };
        if (line is not null) annotations.Add(("line", line));
        if (rule.Runbook is { Length: > 0 } runbook) annotations.Add((ServiceInput.IsUrl(runbook.Trim()) ? "runbook_url" : "runbook", runbook));
        return new(LabelSet.Of([.. labels.Select(l => (l.Key, l.Value))]), LabelSet.Of([.. annotations]), verdict.Since, endsAt, LogRuleActions.Source, said);
    }

    /// <summary>The ends of what a rule began; <paramref name="key"/>: only that of these values.</summary>
    public static async Task<IReadOnlyList<AlertSignal>> EndsAsync(NpgsqlConnection connection, string rule, (IReadOnlyList<string> By, string Key)? key, DateTimeOffset now, CancellationToken cancel)
    {
        var ends = await OwnAlerts.EndsAsync(connection, LogRuleActions.Source, "rule", [rule], now, cancel);
        return key is not { } only ? ends : [.. ends.Where(e => only.Key == string.Join('\u001f', only.By.Select(b => e.Labels[b is LogFields.Host or LogFields.App ? b : Prefix + b])))];
    }

    private static Phrase Summary(LogRuleInput rule, string values, RuleVerdict verdict)
    {
        var title = rule.Title is { Length: > 0 } written ? written : rule.Name;
        if (values.Length > 0) title += $" ({values})";
        return rule switch
        {
            { AbsentFor: { } absent } => Phrase.Of("log.alert.absent", title, absent, verdict.Since),
            { FollowedBy: { } follow } => Phrase.Of("log.alert.not_followed", title, follow.Within, verdict.Since),
            { FirstSeen: not null } => Phrase.Of("log.alert.first_seen", title),
            { Threshold: { Count: > 1 } threshold } => Phrase.Of("log.alert.threshold", title, threshold.Count, threshold.Within), // not how many there are now: that would change with every line
            _ => Phrase.Of("log.alert.match", title),
        };
    }
}
