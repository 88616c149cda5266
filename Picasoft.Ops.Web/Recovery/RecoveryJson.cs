using System.Text.Json;
using System.Text.Json.Nodes;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Recovery;
using Picasoft.Ops.Web.Shell;

namespace Picasoft.Ops.Web.Recovery;

/// <summary>How recovery looks in the API; the product's words are in the language asked for.</summary>
internal static class RecoveryJson
{
    /// <summary>Fields of a plan's answer that a change does not take.</summary>
    public static IReadOnlyCollection<string> PlanAnswered { get; } = ["lastRun", "lastGoodRun", "fromFile", "laxBy", "agreementsMissing"];

    /// <summary>Likewise of a cluster: what was seen of it.</summary>
    public static IReadOnlyCollection<string> ClusterAnswered { get; } = ["fromFile", "at", "leader", "machines", "findings", "backends", "history", "events"];

    public static object Of(ClusterRow row) => new
    {
        row.Cluster.Name,
        row.Cluster.Service,
        row.Cluster.Engine,
        row.Cluster.Members,
        row.Cluster.Address,
        row.FromFile,
        row.Version,
        at = row.View?.At.UtcDateTime,
        leader = row.View?.Leader,
        machines = row.View?.Members.Select(m => new { m.Name, m.Role, m.State, m.Timeline, m.Lag, m.Answers, m.Leads }),
        findings = row.View?.Findings.Select(f => new { f.Level, text = f.Words.In() }),
        backends = row.View?.Backends.Select(b => new { b.Member, b.Proxy, b.Server, b.Status, b.IsUp, since = b.Since is { } since ? DurationText.Exact(since) : null, b.Check }),
        history = row.View?.History.Select(h => new { at = h.At.UtcDateTime, h.Leader, h.Timeline, h.Reason }),
        events = row.Events.Select(e => new { at = e.At.UtcDateTime, text = e.Words.In() }),
    };

    public static object Of(PlanRow row)
    {
        var json = Api.Written(row.Plan, row.FromFile, row.Version);
        json["lastRun"] = Node(row.Last);
        json["lastGoodRun"] = Node(row.LastGood);
        json["laxBy"] = row.Lax?.LaxBy;
        json["agreementsMissing"] = row.Lax?.Missing(row.Plan) ?? 0;
        return json;

        static JsonNode? Node(RecoveryRun? run) => run is null ? null : JsonSerializer.SerializeToNode(Of(run), OpsJson.Api);
    }

    public static object Of(Readiness row) => new
    {
        service = row.Service.Name,
        row.Service.Criticality,
        promised = new { rto = Text(row.Service.Rto), rpo = Text(row.Service.Rpo) },
        proven = new { rto = Text(row.LastProven?.Took), rpo = Text(row.ProvenRpo), run = row.LastProven?.Id, at = row.LastProven?.EndedAt?.UtcDateTime },
        plans = row.Plans.Select(p => p.Plan.Name),
        lastBackup = row.LastBackup?.At.UtcDateTime,
        lastRestore = row.LastRestore?.At.UtcDateTime,
        gaps = row.Gaps.Select(g => g.In()),
    };

    private static string? Text(TimeSpan? span) => span is { } s ? DurationText.Exact(s) : null;

    public static object Of(RecoveryRun run) => new
    {
        run.Id,
        run.Plan,
        run.Service,
        run.Drill,
        run.DryRun,
        run.Automatic,
        incident = run.IncidentNumber,
        run.SeenBy,
        seenAt = run.SeenAt?.UtcDateTime,
        measuredRpo = run.MeasuredRpo is { } rpo ? DurationText.Exact(rpo) : null,
        run.State,
        step = run.IsOver ? (int?)null : run.Step + 1,
        steps = run.Definition.Way.Count,
        current = run.IsOver ? null : run.Current?.Title,
        reason = run.Reason?.In(),
        run.StartedBy,
        startedAt = run.StartedAt.UtcDateTime,
        endedAt = run.EndedAt?.UtcDateTime,
        records = run.Records.Select(r => new { step = r.Step + 1, title = run.Definition.Way[r.Step].Title, r.State, startedAt = r.StartedAt.UtcDateTime, endedAt = r.EndedAt?.UtcDateTime, r.By, text = r.Words?.In(), r.Output }),
    };
}
