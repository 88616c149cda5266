using Npgsql;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes.Trends;

/// <summary>The small chart of what ends on a date: the days that were left, and when none will be.</summary>
internal static class ExpiryPictureQueries
{
    /// <summary>What certificates and domains measure.</summary>
    public const string Series = "days_left";

    // Of a probe that is younger than two days, every value.
    private const string Read = """
        with mine as (select id from probe_series where probe_id = $1 and name = $2),
            days as (select d.at, d.least from measured_days d join mine on mine.id = d.series_id where d.at >= $3 - interval '60 days')
        select at, least from days where (select count(*) from days) > 1
        union all
        select v.at, v.value from measured_values v join mine on mine.id = v.series_id where v.at >= $3 - interval '2 days' and v.at < $3 and (select count(*) from days) <= 1
        order by 1
        """;

    /// <summary>Null: the check warns of nothing that ends, or there is too little to draw.</summary>
    public static async Task<TrendPicture?> ReadAsync(NpgsqlConnection connection, long probe, Observation seen, DateTimeOffset at, CancellationToken cancel)
    {
        if (!seen.IsUp || seen.Measured.FirstOrDefault(m => m.Name == Series) is not { } left) return null;
        var points = new List<(DateTimeOffset At, double Left)>();
        await using (var command = new NpgsqlCommand(Read, connection) { Parameters = { new() { Value = probe }, new() { Value = Series }, new() { Value = at } } })
        await using (var reader = await command.ExecuteReaderAsync(cancel))
            while (await reader.ReadAsync(cancel)) points.Add((reader.GetFieldValue<DateTimeOffset>(0), reader.GetDouble(1)));
        return points.Count == 0 || points[0].At >= at ? null : new([.. points.Select(p => p.Left), left.Value], points[0].At, at, 0, left.Value > 0 ? at.AddDays(Math.Min(left.Value, 3650)) : null, left.Unit);
    }
}
