using Npgsql;
using NpgsqlTypes;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Probes;

/// <summary>The alert that a probe raises: <c>alertname=probe_down</c> with the names of the probe, its service and that one's host.</summary>
public static class ProbeAlerts
{
    public const string AlertName = "probe_down";

    /// <summary>The same of a probe that warns: its thing works, but will not for long.</summary>
    public const string WarningName = "probe_warning";

    /// <summary><see cref="Alert.Source"/> of these alerts.</summary>
    public const string Source = "probe";

    /// <param name="title">What people call the thing that is down.</param>
    /// <param name="seen">What the check found that made it an alert.</param>
    public static AlertSignal Begin(ProbeDefinition probe, string? host, string title, Observation seen, DateTimeOffset at)
    {
        var reason = seen.Reason ?? Phrase.Of("probe.failed", "");
        var severity = seen.Warning is { } mild && mild < probe.Severity ? mild : probe.Severity;
        var summary = Phrase.Of("probe.alert", title, reason);
        return new(
            LabelSet.Of(("alertname", seen.IsUp ? WarningName : AlertName), ("probe", probe.Name), ("service", probe.Service ?? ""), ("host", host ?? ""), ("severity", Words.Of(severity))),
            LabelSet.Of(("summary", summary.In(System.Globalization.CultureInfo.InvariantCulture))),
            at, null, Source, summary);
    }

    /// <summary>The ends of what these probes began: with the labels of then, since a service may have moved to another host meanwhile.</summary>
    public static async Task<IReadOnlyList<AlertSignal>> EndsAsync(NpgsqlConnection connection, IReadOnlyList<string> probes, DateTimeOffset now, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            "select labels, annotations, summary, starts_at, generator_url from alerts where source = $1 and resolved_at is null and labels->>'probe' = any($2)", connection)
        {
            Parameters = { new() { Value = Source }, new() { Value = probes.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text } },
        };
        var ends = new List<AlertSignal>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            ends.Add(new(Json.Parse<LabelSet>(reader.GetString(0)), Json.Parse<LabelSet>(reader.GetString(1)), reader.GetFieldValue<DateTimeOffset>(3), now, Source,
                reader.IsDBNull(2) ? null : Json.Parse<Phrase>(reader.GetString(2)), reader.IsDBNull(4) ? null : reader.GetString(4)));
        return ends;
    }
}
