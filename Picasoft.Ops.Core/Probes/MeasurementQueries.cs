using Microsoft.EntityFrameworkCore;
using Npgsql;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Probes;

/// <summary>How finely a span of time is told.</summary>
public enum Grain
{
    /// <summary>Every value.</summary>
    Raw,
    Hour,
    Day,
}

/// <summary>One value, or what an hour or a day of values were.</summary>
public readonly record struct MeasuredPoint(DateTimeOffset At, double Least, double Average, double Most);

/// <summary>A measurement over time, oldest point first.</summary>
public sealed record MeasuredSeries(ProbeSeries Series, IReadOnlyList<MeasuredPoint> Points);

/// <summary>What pages, the API and the trends ask about measurements.</summary>
public sealed class MeasurementQueries(IDbContextFactory<OpsDbContext> contexts, NpgsqlDataSource source)
{
    /// <summary>Most points of one series in one answer; the newest count.</summary>
    public const int MaxPoints = 5000;

    /// <summary>As fine as a chart can show: every value of up to two days, hours up to sixty days, days beyond.</summary>
    public static Grain GrainOf(TimeSpan span) => span <= TimeSpan.FromDays(2) ? Grain.Raw : span <= TimeSpan.FromDays(60) ? Grain.Hour : Grain.Day;

    /// <summary>All measurements of a probe, by name; those without a value in the span have no points.</summary>
    /// <param name="maxPoints">Most points of each series; the newest count.</param>
    public async Task<IReadOnlyList<MeasuredSeries>> OfProbeAsync(long probeId, DateTimeOffset from, DateTimeOffset to, Grain grain, int maxPoints, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var series = await db.ProbeSeries.AsNoTracking().Where(s => s.ProbeId == probeId).OrderBy(s => s.Name).ToListAsync(cancel);
        if (series.Count == 0) return [];
        var points = await PointsAsync([.. series.Select(s => s.Id)], from, to, grain, maxPoints, cancel);
        return series.ConvertAll(s => new MeasuredSeries(s, [.. points[s.Id]]));
    }

    /// <summary>The points of several series in one query, oldest first.</summary>
    public async Task<ILookup<int, MeasuredPoint>> PointsAsync(IReadOnlyCollection<int> series, DateTimeOffset from, DateTimeOffset to, Grain grain, int maxPoints, CancellationToken cancel)
    {
        var (table, columns) = grain switch
        {
            Grain.Raw => ("measured_values", "value, value, value"),
            Grain.Hour => ("measured_hours", "least, average, most"),
            _ => ("measured_days", "least, average, most"),
        };
        await using var command = source.CreateCommand($"""
            select s.id, r.* from unnest($1) s (id) cross join lateral
                (select at, {columns} from {table} where series_id = s.id and at >= $2 and at < $3 order by at desc limit $4) r order by s.id, r.at
            """);
        command.Parameters.Add(new() { Value = series.ToArray() });
        command.Parameters.Add(new() { Value = from.ToUniversalTime() });
        command.Parameters.Add(new() { Value = to.ToUniversalTime() });
        command.Parameters.Add(new() { Value = maxPoints });
        var found = new List<(int Id, MeasuredPoint Point)>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel)) found.Add((reader.GetInt32(0), new(reader.GetFieldValue<DateTimeOffset>(1), reader.GetDouble(2), reader.GetDouble(3), reader.GetDouble(4))));
        return found.ToLookup(f => f.Id, f => f.Point);
    }

    /// <summary>What each of these results measured.</summary>
    public async Task<ILookup<DateTimeOffset, (string Name, double Value, string? Unit)>> OfResultsAsync(long probeId, IReadOnlyCollection<DateTimeOffset> at, CancellationToken cancel)
    {
        if (at.Count == 0) return Array.Empty<(DateTimeOffset, string, double, string?)>().ToLookup(r => r.Item1, r => (r.Item2, r.Item3, r.Item4));
        await using var command = source.CreateCommand("""
            select v.at, s.name, v.value, s.unit from probe_series s join measured_values v on v.series_id = s.id
            where s.probe_id = $1 and v.at between $2 and $3 order by v.at, s.name
            """);
        command.Parameters.Add(new() { Value = probeId });
        command.Parameters.Add(new() { Value = at.Min() });
        command.Parameters.Add(new() { Value = at.Max() });
        var found = new List<(DateTimeOffset At, string Name, double Value, string? Unit)>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel)) found.Add((reader.GetFieldValue<DateTimeOffset>(0), reader.GetString(1), reader.GetDouble(2), reader.IsDBNull(3) ? null : reader.GetString(3)));
        return found.ToLookup(f => f.At, f => (f.Name, f.Value, f.Unit));
    }
}
