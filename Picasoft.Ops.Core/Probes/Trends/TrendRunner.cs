using Microsoft.EntityFrameworkCore;
using Npgsql;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Probes.Trends;

/// <summary>Looks at all trends and makes their alerts what they should be: begun, refreshed with what is known now, ended.</summary>
public sealed class TrendRunner(IDbContextFactory<OpsDbContext> contexts, TimeProvider time)
{
    private static readonly TimeSpan _days = TimeSpan.FromDays(28);
    private static readonly TimeSpan _hours = TimeSpan.FromDays(1);
    private static readonly TimeSpan _weeks = TimeSpan.FromDays((7 * Drift.MaxWeeks) + 1);

    public async Task RunAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        var probes = await db.Probes.AsNoTracking().Where(p => p.Enabled).ToDictionaryAsync(p => p.Id, cancel);
        var services = await db.Services.AsNoTracking().Select(s => new { s.Name, s.Title, s.Host }).ToDictionaryAsync(s => s.Name, StringComparer.Ordinal, cancel);
        var horizon = (await db.Set<PreventionSettings>().AsNoTracking().SingleOrDefaultAsync(cancel) ?? new()).Input().Forecast;
        var open = await OwnAlerts.OpenAsync(connection, TrendPlanner.Source, cancel);
        var warned = open.Where(a => a.Labels["alertname"] == TrendPlanner.Full).Select(a => (a.Labels["probe"], a.Labels["measurement"])).ToHashSet();

        var wanted = new List<AlertSignal>();
        foreach (var facts in await FactsAsync(db, connection, now, cancel))
        {
            if (TrendPlanner.OfLimit(facts, warned.Contains((facts.Subject.Name, facts.Series.Name)), horizon, now) is { } full) wanted.Add(full);
            if (TrendPlanner.OfSlot(facts, now) is { } slot) wanted.Add(slot);
        }
        foreach (var (id, medians) in await MediansAsync(connection, now, cancel))
            if (probes.TryGetValue(id, out var probe) && TrendPlanner.OfLatency(probe, HostOf(probe), TitleOf(probe), medians, now) is { } slow) wanted.Add(slow);

        await OwnAlerts.SettleAsync(connection, open, wanted, now, cancel);
        await transaction.CommitAsync(cancel);

        async Task<List<TrendFacts>> FactsAsync(OpsDbContext store, NpgsqlConnection on, DateTimeOffset at, CancellationToken stop)
        {
            var series = await store.ProbeSeries.AsNoTracking().ToListAsync(stop);
            var days = await DaysAsync(on, at, stop);
            var hours = await HoursAsync(on, at, stop);
            return [.. series.Where(s => probes.ContainsKey(s.ProbeId)).Select(s => new TrendFacts(probes[s.ProbeId], HostOf(probes[s.ProbeId]), TitleOf(probes[s.ProbeId]), s, [.. days[s.Id]], [.. hours[s.Id]]))];
        }

        string? HostOf(ProbeDefinition probe) => probe.Service is { } name && services.TryGetValue(name, out var service) ? service.Host : null;
        string TitleOf(ProbeDefinition probe) => probe.Service is { } name && services.TryGetValue(name, out var service) ? service.Title ?? name : probe.Name;
    }

    private static async Task<ILookup<int, (DateOnly Day, double Least, double Most)>> DaysAsync(NpgsqlConnection connection, DateTimeOffset now, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("select series_id, (at at time zone 'UTC')::date, least, most from measured_days where at >= $1 order by 1, 2", connection) { Parameters = { new() { Value = now - _days } } };
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var found = new List<(int Id, DateOnly Day, double Least, double Most)>();
        while (await reader.ReadAsync(cancel)) found.Add((reader.GetInt32(0), reader.GetFieldValue<DateOnly>(1), reader.GetDouble(2), reader.GetDouble(3)));
        return found.ToLookup(f => f.Id, f => (f.Day, f.Least, f.Most));
    }

    private static async Task<ILookup<int, (DateTimeOffset Hour, double Least)>> HoursAsync(NpgsqlConnection connection, DateTimeOffset now, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("""
            select h.series_id, h.at, h.least from measured_hours h join probe_series s on s.id = h.series_id
            where h.at >= $1 and s.name like 'slot %' order by 1, 2
            """, connection) { Parameters = { new() { Value = now - _hours } } };
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var found = new List<(int Id, DateTimeOffset Hour, double Least)>();
        while (await reader.ReadAsync(cancel)) found.Add((reader.GetInt32(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetDouble(2)));
        return found.ToLookup(f => f.Id, f => (f.Hour, f.Least));
    }

    /// <summary>Only the hours that are compared: six of now, and the same six of the weeks before; and a week for the picture of those that are slow now.</summary>
    private static async Task<Dictionary<long, Dictionary<DateTimeOffset, double>>> MediansAsync(NpgsqlConnection connection, DateTimeOffset now, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("""
            with compared as (
                select probe_id, avg(ms_p50) filter (where hour >= $1 - interval '7 hours') as is, avg(ms_p50) filter (where hour < $1 - interval '6 days') as was
                from probe_hours where hour >= $2 and failed < checks
                    and (hour >= $1 - interval '7 hours' or hour between $1 - interval '7 days 7 hours' and $1 - interval '7 days'
                        or hour between $1 - interval '14 days 7 hours' and $1 - interval '14 days')
                group by probe_id)
            select h.probe_id, h.hour, h.ms_p50::float8 from compared c join probe_hours h on h.probe_id = c.probe_id
            where c.is > 1.5 * c.was and h.hour >= $2 and h.failed < h.checks
            """, connection) { Parameters = { new() { Value = now }, new() { Value = now - _weeks } } };
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var found = new Dictionary<long, Dictionary<DateTimeOffset, double>>();
        while (await reader.ReadAsync(cancel))
        {
            if (!found.TryGetValue(reader.GetInt64(0), out var medians)) found[reader.GetInt64(0)] = medians = [];
            medians[reader.GetFieldValue<DateTimeOffset>(1)] = reader.GetDouble(2);
        }
        return found;
    }
}
