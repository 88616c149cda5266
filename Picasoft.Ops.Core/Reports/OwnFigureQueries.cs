using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Heartbeats;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Reports;

/// <summary>One figure of the product itself, named as Prometheus does.</summary>
/// <param name="Labels">Name and value, in this order.</param>
public sealed record OwnFigure(string Name, double Value, params IReadOnlyList<(string Name, string Value)> Labels);

/// <summary>
/// How the product fares, for whoever watches the watchman: what is open, what waits, what is late. Read from the store when it is asked for, so every node says the same.
/// </summary>
public sealed class OwnFigureQueries(IDbContextFactory<OpsDbContext> contexts, TimeProvider time)
{
    /// <summary>What each name means, in one sentence.</summary>
    public static IReadOnlyDictionary<string, string> Meanings { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["ops_incidents"] = "Incidents that are not over, by state and severity.",
        ["ops_alerts_active"] = "Alerts that go on.",
        ["ops_silences_active"] = "Silences in force.",
        ["ops_probes"] = "Probes that are switched on, by what is known of their target.",
        ["ops_probe_overdue_seconds"] = "How late the most overdue check is; grows when no node checks.",
        ["ops_heartbeats"] = "Heartbeats by state.",
        ["ops_deliveries_waiting"] = "Messages not handed over yet, by channel.",
        ["ops_delivery_oldest_waiting_seconds"] = "How long the oldest of them has waited.",
        ["ops_deliveries_failed"] = "Messages given up within the last 24 hours, by channel.",
    };

    public async Task<IReadOnlyList<OwnFigure>> ReadAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var since = now.AddDays(-1);
        var figures = new List<OwnFigure>();
        await using var db = await contexts.CreateDbContextAsync(cancel);

        var incidents = await db.Incidents.Where(i => i.State != IncidentState.Resolved).GroupBy(i => new { i.State, i.Severity }).Select(g => new { g.Key.State, g.Key.Severity, Count = g.Count() }).ToListAsync(cancel);
        foreach (var state in Enum.GetValues<IncidentState>().Where(s => s != IncidentState.Resolved))
            foreach (var severity in Enum.GetValues<Severity>())
                figures.Add(new("ops_incidents", incidents.Where(i => i.State == state && i.Severity == severity).Sum(i => i.Count), ("state", Words.Of(state)), ("severity", Words.Of(severity))));
        figures.Add(new("ops_alerts_active", await db.Alerts.CountAsync(a => a.ResolvedAt == null, cancel)));
        figures.Add(new("ops_silences_active", await db.Silences.CountAsync(s => s.StartsAt <= now && s.EndsAt > now, cancel)));

        var probes = await db.Probes.Where(p => p.Enabled).GroupJoin(db.ProbeStates, p => p.Id, s => s.ProbeId, (p, s) => s).SelectMany(s => s.DefaultIfEmpty(), (_, s) => s == null ? ProbeStatus.Unknown : s.Status).GroupBy(s => s).Select(g => new { Status = g.Key, Count = g.Count() }).ToListAsync(cancel);
        foreach (var status in Enum.GetValues<ProbeStatus>()) figures.Add(new("ops_probes", probes.Where(p => p.Status == status).Sum(p => p.Count), ("status", Words.Of(status))));
        var definitions = db.Probes;
        var due = await db.ProbeSlots.Where(s => definitions.Any(p => p.Id == s.ProbeId && p.Enabled)).MinAsync(s => (DateTimeOffset?)s.NextDueAt, cancel);
        figures.Add(new("ops_probe_overdue_seconds", Seconds(now - due)));

        var heartbeats = await db.HeartbeatStates.GroupBy(s => s.Status).Select(g => new { Status = g.Key, Count = g.Count() }).ToListAsync(cancel);
        foreach (var status in Enum.GetValues<HeartbeatStatus>()) figures.Add(new("ops_heartbeats", heartbeats.Where(h => h.Status == status).Sum(h => h.Count), ("status", Words.Of(status))));

        var channels = await db.Channels.OrderBy(c => c.Name).Select(c => c.Name).ToListAsync(cancel);
        var waiting = db.Deliveries.Where(d => d.State == DeliveryState.Pending || d.State == DeliveryState.Sending);
        var byChannel = await waiting.GroupBy(d => d.ChannelName).Select(g => new { Channel = g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Channel, g => g.Count, StringComparer.Ordinal, cancel);
        var failed = await db.Deliveries.Where(d => d.State == DeliveryState.Failed && d.CreatedAt >= since).GroupBy(d => d.ChannelName).Select(g => new { Channel = g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Channel, g => g.Count, StringComparer.Ordinal, cancel);
        foreach (var channel in channels) figures.Add(new("ops_deliveries_waiting", byChannel.GetValueOrDefault(channel), ("channel", channel)));
        figures.Add(new("ops_delivery_oldest_waiting_seconds", Seconds(now - await waiting.Where(d => d.Reason != DeliveryReason.Later).MinAsync(d => (DateTimeOffset?)d.CreatedAt, cancel))));
        foreach (var channel in channels) figures.Add(new("ops_deliveries_failed", failed.GetValueOrDefault(channel), ("channel", channel)));
        return figures;
    }

    private static double Seconds(TimeSpan? late) => Math.Max(0, late?.TotalSeconds ?? 0);
}
