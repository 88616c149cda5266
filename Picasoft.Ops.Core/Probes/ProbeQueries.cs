using Microsoft.EntityFrameworkCore;
using Npgsql;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Probes;

/// <summary>A probe and where it stands; <see cref="State"/> is null until its first check.</summary>
public sealed record ProbeRow(ProbeDefinition Probe, ProbeState? State, string Target)
{
    public ProbeStatus Status => State?.Status ?? ProbeStatus.Unknown;
}

/// <summary>How a day was.</summary>
public enum DayState
{
    /// <summary>Nothing was checked.</summary>
    NoData,
    /// <summary>At least 99.9 % of the checks were good.</summary>
    Up,
    /// <summary>Something failed, yet at least 90 % were good.</summary>
    Degraded,
    Down,
}

/// <summary>One day of a service, as its worst probe saw it.</summary>
/// <param name="Availability">Share of good checks, 0 to 1; null: nothing was checked.</param>
public sealed record DayBar(DateOnly Date, DayState State, double? Availability)
{
    public static DayBar Of(DateOnly date, double? availability) => new(date, availability switch { null => DayState.NoData, >= 0.999 => DayState.Up, >= 0.9 => DayState.Degraded, _ => DayState.Down }, availability);
}

/// <summary>What pages and the API ask about probes.</summary>
public sealed class ProbeQueries(IDbContextFactory<OpsDbContext> contexts, NpgsqlDataSource source, ProbeKinds kinds)
{
    /// <summary>Most results in one answer.</summary>
    public const int MaxResults = 10_000;

    /// <summary>By name; <paramref name="service"/>: only those of one service.</summary>
    public async Task<IReadOnlyList<ProbeRow>> ListAsync(string? service, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var rows = await (from p in db.Probes.AsNoTracking()
                          where service == null || p.Service == service
                          join s in db.ProbeStates.AsNoTracking() on p.Id equals s.ProbeId into states
                          from s in states.DefaultIfEmpty()
                          orderby p.Name
                          select new { p, s }).ToListAsync(cancel);
        return rows.ConvertAll(r => Row(r.p, r.s));
    }

    public async Task<ProbeRow?> FindAsync(string name, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var probe = await db.Probes.AsNoTracking().SingleOrDefaultAsync(p => p.Name == name, cancel);
        return probe is null ? null : Row(probe, await db.ProbeStates.AsNoTracking().SingleOrDefaultAsync(s => s.ProbeId == probe.Id, cancel));
    }

    /// <summary>Results of one probe, newest first, from <paramref name="from"/> to before <paramref name="to"/>. To page on, pass the last one's instant as <paramref name="to"/>.</summary>
    public async Task<IReadOnlyList<ProbeResult>> ResultsAsync(long id, DateTimeOffset from, DateTimeOffset to, int limit, CancellationToken cancel)
    {
        var (begin, end) = (from.ToUniversalTime(), to.ToUniversalTime());
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.ProbeResults.AsNoTracking().Where(r => r.ProbeId == id && r.At >= begin && r.At < end).OrderByDescending(r => r.At).Take(Math.Clamp(limit, 1, MaxResults)).ToListAsync(cancel);
    }

    /// <summary>The last results since <paramref name="since"/> of several probes, oldest first, <paramref name="count"/> at most of each: one query, for small pictures in a list.</summary>
    public async Task<ILookup<long, (float Ms, bool Ok)>> RecentAsync(IReadOnlyCollection<long> ids, DateTimeOffset since, int count, CancellationToken cancel)
    {
        await using var command = source.CreateCommand("""
            select p.id, r.ms, r.ok from unnest($1) p (id) cross join lateral
                (select at, ms, ok from probe_results where probe_id = p.id and at >= $2 order by at desc limit $3) r order by p.id, r.at
            """);
        command.Parameters.Add(new() { Value = ids.ToArray() });
        command.Parameters.Add(new() { Value = since.ToUniversalTime() });
        command.Parameters.Add(new() { Value = count });
        var found = new List<(long Id, float Ms, bool Ok)>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel)) found.Add((reader.GetInt64(0), reader.GetFloat(1), reader.GetBoolean(2)));
        return found.ToLookup(r => r.Id, r => (r.Ms, r.Ok));
    }

    /// <summary>Hourly sums of one probe, oldest first.</summary>
    public async Task<IReadOnlyList<ProbeHour>> HoursAsync(long id, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel)
    {
        var (begin, end) = (from.ToUniversalTime(), to.ToUniversalTime());
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.ProbeHours.AsNoTracking().Where(h => h.ProbeId == id && h.Hour >= begin && h.Hour < end).OrderBy(h => h.Hour).ToListAsync(cancel);
    }

    /// <summary>
    /// The last <paramref name="days"/> days (UTC) of every service that has probes, oldest first, today last: one bar a day for all of them in one query.
    /// A service's day is that of its worst probe. Today is as fresh as the last roll-up, five minutes at most.
    /// </summary>
    /// <param name="service">Only this one.</param>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<DayBar>>> DaysAsync(int days, DateTimeOffset now, CancellationToken cancel, string? service = null)
    {
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var first = today.AddDays(1 - days);
        await using var command = source.CreateCommand("""
            select service, (day at time zone 'UTC')::date, availability from service_days where day >= $1 and ($2::text is null or service = $2)
            """);
        command.Parameters.Add(new() { Value = new DateTimeOffset(first, TimeOnly.MinValue, TimeSpan.Zero) });
        command.Parameters.Add(new() { Value = (object?)service ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        var good = new Dictionary<(string, DateOnly), double>();
        await using (var reader = await command.ExecuteReaderAsync(cancel))
            while (await reader.ReadAsync(cancel)) good[(reader.GetString(0), reader.GetFieldValue<DateOnly>(1))] = reader.GetDouble(2);
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var services = await db.Probes.Where(p => p.Service != null && (service == null || p.Service == service)).Select(p => p.Service!).Distinct().ToListAsync(cancel);
        return services.ToDictionary(s => s, IReadOnlyList<DayBar> (s) =>
            [.. Enumerable.Range(0, days).Select(first.AddDays).Select(day => DayBar.Of(day, good.TryGetValue((s, day), out var share) ? share : null))], StringComparer.Ordinal);
    }

    private ProbeRow Row(ProbeDefinition probe, ProbeState? state)
    {
        try
        {
            return new(probe, state, kinds.Open(probe) is { } settings ? kinds.Find(probe.Type)!.Target(settings) : "");
        }
        catch (InvalidOperationException)
        {
            return new(probe, state, ""); // sealed with another key; its checks say so
        }
    }
}
