using Npgsql;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes.Trends;

/// <summary>The small chart of what ends on a date: the days that were left, and when none will be.</summary>
internal static class ExpiryPictureQueries
{
    /// <summary>What certificates and domains measure.</summary>
    public const string Series = "days_left";

    // Of a probe that is younger than two days, every value. The outer bounds let the planner pass over the other days' tables.
    private const string Read = """
        with asked as (select a.nr, s.id, a.at from unnest($1, $2, $3) a (nr, probe_id, at) join probe_series s on s.probe_id = a.probe_id and s.name = $4),
            days as (select a.nr, d.at, d.least from asked a join measured_days d on d.series_id = a.id and d.at >= a.at - interval '60 days' where d.at >= $5 - interval '60 days'),
            old as (select nr from days group by nr having count(*) > 1)
        select nr, at, least from days where nr in (select nr from old)
        union all
        select a.nr, v.at, v.value from asked a join measured_values v on v.series_id = a.id and v.at >= a.at - interval '2 days' and v.at < a.at
        where v.at >= $5 - interval '2 days' and v.at < $6 and a.nr not in (select nr from old)
        order by 1, 2
        """;

    /// <summary>One for each check, in their order, with one question to the store. Null: the check warns of nothing that ends, or there is too little to draw.</summary>
    public static async Task<IReadOnlyList<TrendPicture?>> ReadAsync(NpgsqlConnection connection, IReadOnlyList<(long Probe, Observation Seen, DateTimeOffset At)> checks, CancellationToken cancel)
    {
        var pictures = new TrendPicture?[checks.Count];
        var ending = Enumerable.Range(0, checks.Count).Where(i => checks[i].Seen.IsUp && Left(checks[i].Seen) is not null).ToList();
        if (ending.Count == 0) return pictures;
        var points = new Dictionary<int, List<(DateTimeOffset At, double Left)>>();
        await using (var command = new NpgsqlCommand(Read, connection)
        {
            Parameters =
            {
                new() { Value = ending.ToArray() }, new() { Value = ending.ConvertAll(i => checks[i].Probe).ToArray() }, new() { Value = ending.ConvertAll(i => checks[i].At).ToArray() }, new() { Value = Series },
                new() { Value = ending.Min(i => checks[i].At) }, new() { Value = ending.Max(i => checks[i].At) },
            },
        })
        await using (var reader = await command.ExecuteReaderAsync(cancel))
            while (await reader.ReadAsync(cancel))
            {
                if (!points.TryGetValue(reader.GetInt32(0), out var mine)) points.Add(reader.GetInt32(0), mine = []);
                mine.Add((reader.GetFieldValue<DateTimeOffset>(1), reader.GetDouble(2)));
            }
        foreach (var (i, mine) in points) pictures[i] = Draw(mine, Left(checks[i].Seen)!, checks[i].At);
        return pictures;
    }

    private static Measurement? Left(Observation seen) => seen.Measured.FirstOrDefault(m => m.Name == Series);

    private static TrendPicture? Draw(List<(DateTimeOffset At, double Left)> points, Measurement left, DateTimeOffset at) =>
        points[0].At >= at ? null : new([.. points.Select(p => p.Left), left.Value], points[0].At, at, 0, left.Value > 0 ? at.AddDays(Math.Min(left.Value, 3650)) : null, left.Unit);
}
