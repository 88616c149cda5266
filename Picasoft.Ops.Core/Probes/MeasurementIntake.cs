using System.Collections.Concurrent;
using Npgsql;
using NpgsqlTypes;

namespace Picasoft.Ops.Core.Probes;

/// <summary>
/// Writes what checks measured, within the transaction of their results. The name, unit and bounds of a series are written once
/// and remembered here; a value is three columns.
/// </summary>
internal sealed class MeasurementIntake
{
    // New names first, up to the limit of the probe; then those that changed their unit or bounds.
    private const string Know = """
        insert into probe_series as s (probe_id, name, unit, warn, crit, min, max)
        select r.id, r.name, r.unit, r.warn, r.crit, r.min, r.max
        from unnest($1, $2, $3, $4, $5, $6, $7) with ordinality r (id, name, unit, warn, crit, min, max, nr)
        join probes p on p.id = r.id
        where exists (select from probe_series k where k.probe_id = r.id and k.name = r.name)
            or (select count(*) from probe_series k where k.probe_id = r.id) + (select count(*) from unnest($1) with ordinality o (id, nr) where o.id = r.id and o.nr <= r.nr) <= $8
        order by r.id, r.name
        on conflict (probe_id, name) do update set unit = excluded.unit, warn = excluded.warn, crit = excluded.crit, min = excluded.min, max = excluded.max
        returning id, probe_id, name
        """;

    private const string Insert = "insert into measured_values (series_id, at, value) select * from unnest($1, $2, $3) on conflict do nothing";

    private readonly ConcurrentDictionary<(long Probe, string Name), (int Id, Measurement Shape)> _known = new();
    private IReadOnlyList<((long Probe, string Name) Key, (int Id, Measurement Shape) Value)> _pending = [];

    public async Task StoreAsync(NpgsqlConnection connection, IReadOnlyList<CheckDone> batch, CancellationToken cancel)
    {
        _pending = [];
        var values = Values(batch);
        if (values.Count == 0) return;
        var news = values.Where(v => !_known.TryGetValue((v.Probe, v.Measured.Name), out var known) || known.Shape != ShapeOf(v.Measured)).GroupBy(v => (v.Probe, v.Measured.Name)).Select(g => g.Last()).OrderBy(v => v.Probe).ThenBy(v => v.Measured.Name, StringComparer.Ordinal).ToList();
        // Remembered only once they are committed: the caller's transaction may yet be undone, and what is remembered would be a series that never was.
        var fresh = news.Count == 0 ? [] : await KnowAsync(connection, news, cancel);
        var rows = values.Select(v => (Id: fresh.TryGetValue((v.Probe, v.Measured.Name), out var id) ? id : _known.TryGetValue((v.Probe, v.Measured.Name), out var known) ? known.Id : 0, v.At, v.Measured.Value)).Where(r => r.Id > 0).ToList();
        if (rows.Count == 0) return;
        await using var insert = new NpgsqlCommand(Insert, connection)
        {
            Parameters = { Array(rows.Select(r => r.Id), NpgsqlDbType.Integer), Array(rows.Select(r => r.At), NpgsqlDbType.TimestampTz), Array(rows.Select(r => r.Value), NpgsqlDbType.Double) },
        };
        await insert.ExecuteNonQueryAsync(cancel);
        _pending = [.. news.Where(n => fresh.ContainsKey((n.Probe, n.Measured.Name))).Select(n => ((n.Probe, n.Measured.Name), (fresh[(n.Probe, n.Measured.Name)], ShapeOf(n.Measured))))];
    }

    /// <summary>The transaction was committed.</summary>
    public void Remember()
    {
        foreach (var (key, value) in _pending) _known[key] = value;
        _pending = [];
    }

    private static List<(long Probe, DateTimeOffset At, Measurement Measured)> Values(IReadOnlyList<CheckDone> batch) =>
    [
        .. from done in batch
           where done.Seen.Measured.Count > 0
           from measured in done.Seen.Measured.Where(m => double.IsFinite(m.Value) && m.Name.Length > 0).DistinctBy(m => m.Name, StringComparer.Ordinal).Take(Observation.MaxMeasured)
           select (done.Probe.Id, done.At, measured with { Name = ProbeReasons.Shown(measured.Name) is { Length: > 100 } name ? name[..100] : ProbeReasons.Shown(measured.Name), Unit = measured.Unit is { Length: > 16 } unit ? unit[..16] : measured.Unit }),
    ];

    private static async Task<Dictionary<(long, string), int>> KnowAsync(NpgsqlConnection connection, IReadOnlyList<(long Probe, DateTimeOffset At, Measurement Measured)> news, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(Know, connection)
        {
            Parameters =
            {
                Array(news.Select(n => n.Probe), NpgsqlDbType.Bigint), Array(news.Select(n => n.Measured.Name), NpgsqlDbType.Text), Array(news.Select(n => n.Measured.Unit), NpgsqlDbType.Text),
                Array(news.Select(n => n.Measured.Warn), NpgsqlDbType.Double), Array(news.Select(n => n.Measured.Crit), NpgsqlDbType.Double),
                Array(news.Select(n => n.Measured.Min), NpgsqlDbType.Double), Array(news.Select(n => n.Measured.Max), NpgsqlDbType.Double), new() { Value = (long)ProbeSeries.MaxOfProbe },
            },
        };
        var ids = new Dictionary<(long, string), int>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel)) ids[(reader.GetInt64(1), reader.GetString(2))] = reader.GetInt32(0);
        return ids;
    }

    private static Measurement ShapeOf(Measurement measured) => measured with { Value = 0 };

    private static NpgsqlParameter Array<T>(IEnumerable<T> values, NpgsqlDbType type) => new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | type };
}
