using Microsoft.EntityFrameworkCore;
using Npgsql;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Logs.Patterns;

/// <summary>Reads a digest from the counts by hour: the days are those of its reader.</summary>
public sealed class LogDigestQueries(IDbContextFactory<OpsDbContext> contexts, NpgsqlDataSource source)
{
    private const int Shown = 15;

    /// <summary>Fewer lines in a day did not grow, whatever the factor.</summary>
    private const int GrewAtLeast = 20;

    // Compared with four times as long before, so that one bad day there does not hide the next.
    private const string Grew = """
        select p.app, p.text, string_agg(distinct p.host, ', '), sum(h.count) filter (where h.hour >= $1)::bigint, coalesce(sum(h.count) filter (where h.hour < $1), 0) / 4.0
        from log_pattern_hours h join log_patterns p on p.id = h.pattern_id
        where h.hour >= $3 and h.hour < $2 and p.state <> 'Noise'
        group by p.app, p.hash, p.text
        having sum(h.count) filter (where h.hour >= $1) >= $4 and coalesce(sum(h.count) filter (where h.hour < $1), 0) > 0
            and sum(h.count) filter (where h.hour >= $1) >= 3 * sum(h.count) filter (where h.hour < $1) / 4.0
        order by sum(h.count) filter (where h.hour >= $1) / sum(h.count) filter (where h.hour < $1) desc limit $5
        """;

    // Five days of seven before: what speaks now and then is not silent.
    private const string Silent = """
        select p.app, p.host, max(p.last_seen)
        from log_patterns p join log_pattern_hours h on h.pattern_id = p.id
        where h.hour >= $3 and h.hour < $2
        group by p.app, p.host
        having count(distinct (h.hour at time zone $4)::date) filter (where h.hour < $1) >= 5 and count(*) filter (where h.hour >= $1) = 0
        order by p.app, p.host limit $5
        """;

    private const string Totals = """
        select count(distinct p.id) filter (where p.state = 'Noise'), coalesce(sum(h.count) filter (where p.state = 'Noise'), 0)::bigint, coalesce(sum(h.count), 0)::bigint
        from log_pattern_hours h join log_patterns p on p.id = h.pattern_id where h.hour >= $1 and h.hour < $2
        """;

    /// <param name="to">The last day, included.</param>
    /// <param name="days">1 for a day, 7 for a week.</param>
    /// <param name="zone">Whose days; where a day begins in the middle of an hour (UTC), that hour belongs to the day before.</param>
    public async Task<LogDigest> ReadAsync(DateOnly to, int days, TimeZoneInfo zone, CancellationToken cancel)
    {
        var from = to.AddDays(1 - days);
        var (begin, end) = (LogDays.Begin(from, zone), LogDays.Begin(to.AddDays(1), zone));
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var rows = await db.LearntPatterns.AsNoTracking().Where(p => p.FirstSeen >= begin && p.FirstSeen < end && p.State != PatternState.Noise && (p.State != PatternState.Usual || p.DecidedBy != null)).OrderByDescending(p => p.Id).Take(2000).ToListAsync(cancel);
        var fresh = rows.GroupBy(p => (p.App, p.Hash)).Select(PatternQueries.Rank).OrderByDescending(r => r.Rank).Take(Shown).Select(r => new DigestKind(r.Newest.App, r.Newest.Text, string.Join(", ", r.Hosts), r.Count, 0)).ToList();
        await using var connection = await source.OpenConnectionAsync(cancel);
        var grew = await ListAsync(connection, Grew, r => new DigestKind(r.GetString(0), r.GetString(1), r.GetString(2), r.GetInt64(3), (double)r.GetDecimal(4)), cancel, begin, end, LogDays.Begin(from.AddDays(-4 * days), zone), GrewAtLeast * days, Shown);
        var silent = await ListAsync(connection, Silent, r => new SilentProgram(r.GetString(0), r.GetString(1), r.GetFieldValue<DateTimeOffset>(2)), cancel, begin, end, LogDays.Begin(from.AddDays(-7), zone), Iana(zone), Shown);
        var totals = (await ListAsync(connection, Totals, r => (r.GetInt64(0), r.GetInt64(1), r.GetInt64(2)), cancel, begin, end))[0];
        return new(from, to, fresh, grew, silent, totals.Item1, totals.Item2, totals.Item3);
    }

    // As PostgreSQL knows it; one that nobody but this machine knows is taken for its offset.
    private static string Iana(TimeZoneInfo zone) => zone.HasIanaId ? zone.Id : "UTC";

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
