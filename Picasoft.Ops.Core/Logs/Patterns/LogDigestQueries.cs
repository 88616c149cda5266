using Microsoft.EntityFrameworkCore;
using Npgsql;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Logs.Patterns;

/// <summary>Reads a digest from the counts by day.</summary>
public sealed class LogDigestQueries(IDbContextFactory<OpsDbContext> contexts, NpgsqlDataSource source, TimeProvider time)
{
    private const int Shown = 15;

    /// <summary>Fewer lines in a day did not grow, whatever the factor.</summary>
    private const int GrewAtLeast = 20;

    // Compared with four times as long before, so that one bad day there does not hide the next.
    private const string Grew = """
        select p.app, p.text, string_agg(distinct p.host, ', '), sum(d.count) filter (where d.day >= $1)::bigint as now, coalesce(sum(d.count) filter (where d.day < $1), 0) / 4.0 as before
        from log_pattern_days d join log_patterns p on p.id = d.pattern_id
        where d.day between $1 - 4 * $3 and $2 and p.state <> 'Noise'
        group by p.app, p.hash, p.text
        having sum(d.count) filter (where d.day >= $1) >= $4 and coalesce(sum(d.count) filter (where d.day < $1), 0) > 0
            and sum(d.count) filter (where d.day >= $1) >= 3 * sum(d.count) filter (where d.day < $1) / 4.0
        order by sum(d.count) filter (where d.day >= $1) / sum(d.count) filter (where d.day < $1) desc limit $5
        """;

    // Five days of seven before: what speaks now and then is not silent.
    private const string Silent = """
        select p.app, p.host, max(p.last_seen)
        from log_patterns p join log_pattern_days d on d.pattern_id = p.id
        where d.day between $1 - 7 and $2
        group by p.app, p.host
        having count(distinct d.day) filter (where d.day < $1) >= 5 and count(*) filter (where d.day >= $1) = 0
        order by p.app, p.host limit $3
        """;

    private const string Totals = """
        select count(distinct p.id) filter (where p.state = 'Noise'), coalesce(sum(d.count) filter (where p.state = 'Noise'), 0)::bigint, coalesce(sum(d.count), 0)::bigint
        from log_pattern_days d join log_patterns p on p.id = d.pattern_id where d.day between $1 and $2
        """;

    /// <summary>The day it is where the product runs.</summary>
    public DateOnly Today => LogDays.Of(time.GetUtcNow(), time.LocalTimeZone);

    /// <param name="to">The last day, included.</param>
    /// <param name="days">1 for a day, 7 for a week.</param>
    public async Task<LogDigest> ReadAsync(DateOnly to, int days, CancellationToken cancel)
    {
        var from = to.AddDays(1 - days);
        var (begin, end) = (LogDays.Begin(from, time.LocalTimeZone), LogDays.Begin(to.AddDays(1), time.LocalTimeZone));
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var rows = await db.LearntPatterns.AsNoTracking().Where(p => p.FirstSeen >= begin && p.FirstSeen < end && p.State != PatternState.Noise && (p.State != PatternState.Usual || p.DecidedBy != null)).OrderByDescending(p => p.Id).Take(2000).ToListAsync(cancel);
        var fresh = rows.GroupBy(p => (p.App, p.Hash)).Select(PatternQueries.Rank).OrderByDescending(r => r.Rank).Take(Shown).Select(r => new DigestKind(r.Newest.App, r.Newest.Text, string.Join(", ", r.Hosts), r.Count, 0)).ToList();
        await using var connection = await source.OpenConnectionAsync(cancel);
        var grew = await ListAsync(connection, Grew, r => new DigestKind(r.GetString(0), r.GetString(1), r.GetString(2), r.GetInt64(3), (double)r.GetDecimal(4)), cancel, from, to, days, GrewAtLeast * days, Shown);
        var silent = await ListAsync(connection, Silent, r => new SilentProgram(r.GetString(0), r.GetString(1), r.GetFieldValue<DateTimeOffset>(2)), cancel, from, to, Shown);
        var totals = (await ListAsync(connection, Totals, r => (r.GetInt64(0), r.GetInt64(1), r.GetInt64(2)), cancel, from, to))[0];
        return new(from, to, fresh, grew, silent, totals.Item1, totals.Item2, totals.Item3);
    }

    private static async Task<List<T>> ListAsync<T>(NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancel, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values) command.Parameters.Add(new() { Value = value });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var list = new List<T>();
        while (await reader.ReadAsync(cancel)) list.Add(read(reader));
        return list;
    }
}
