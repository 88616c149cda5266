using Npgsql;
using NpgsqlTypes;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Logs.Patterns;

/// <summary>Writes what was learnt: one transaction for all of it, counts are added to, so several nodes may learn at once.</summary>
internal static class PatternRows
{
    private const string Upsert = """
        insert into log_patterns as p (host, app, hash, key, text, count, first_seen, last_seen, level, peak, state)
        select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        on conflict (app, hash, host) do update set count = p.count + excluded.count, first_seen = least(p.first_seen, excluded.first_seen), last_seen = greatest(p.last_seen, excluded.last_seen),
            level = least(p.level, excluded.level), peak = greatest(p.peak, excluded.peak)
        """;

    private const string CountHours = """
        insert into log_pattern_hours as h (pattern_id, hour, count)
        select p.id, $5, n.added from unnest($1, $2, $3, $4) as n (host, app, hash, added) join log_patterns p using (host, app, hash) where n.added > 0
        on conflict (pattern_id, hour) do update set count = h.count + excluded.count
        """;

    // What a merged pattern was before goes into it: its lines, its hours, and what somebody decided.
    private const string MoveHours = """
        insert into log_pattern_hours as h (pattern_id, hour, count)
        select p.id, o.hour, sum(o.count) from unnest($1, $2, $3, $4) as n (host, app, hash, old)
            join log_patterns p using (host, app, hash) join log_patterns was on was.host = n.host and was.app = n.app and was.hash = n.old and was.id <> p.id
            join log_pattern_hours o on o.pattern_id = was.id
        group by p.id, o.hour
        on conflict (pattern_id, hour) do update set count = h.count + excluded.count
        """;

    private const string Join = """
        with gone as (
            delete from log_patterns was using unnest($1, $2, $3, $4) as n (host, app, hash, old)
            where was.host = n.host and was.app = n.app and was.hash = n.old and n.old <> n.hash
            returning was.host, was.app, n.hash, was.count, was.first_seen, was.level, was.peak, was.state, was.decided_at, was.decided_by)
        update log_patterns p set count = p.count + g.count, first_seen = least(p.first_seen, g.first_seen), level = least(p.level, g.level), peak = greatest(p.peak, g.peak),
            state = coalesce(g.state, p.state), decided_at = coalesce(g.decided_at, p.decided_at), decided_by = coalesce(g.decided_by, p.decided_by)
        from (select host, app, hash, sum(count) as count, min(first_seen) as first_seen, min(level) as level, max(peak) as peak,
                coalesce(max(state) filter (where state not in ('New', 'Usual')), max(state) filter (where state <> 'New')) as state, max(decided_at) as decided_at, max(decided_by) as decided_by from gone group by host, app, hash) g
        where p.host = g.host and p.app = g.app and p.hash = g.hash
        """;

    public static async Task WriteAsync(NpgsqlDataSource source, IReadOnlyList<PatternChange> changes, DateTimeOffset now, CancellationToken cancel)
    {
        // A key may be there twice after a failed try; the counts add up. Sorted: two nodes never wait for each other.
        var rows = changes.GroupBy(c => (c.Host, c.App, c.Hash)).Select(g => g.Last() with { Add = g.Sum(c => c.Add), FirstSeen = g.Min(c => c.FirstSeen) })
            .OrderBy(c => c.App, StringComparer.Ordinal).ThenBy(c => c.Hash).ThenBy(c => c.Host, StringComparer.Ordinal).ToList();
        var replaced = changes.SelectMany(c => c.Replaces.Distinct().Where(old => old != c.Hash).Select(old => (c.Host, c.App, c.Hash, Old: old))).Distinct().ToList();
        await using var connection = await source.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        object Hosts() => rows.Select(r => Storable(r.Host)).ToArray();
        object Apps() => rows.Select(r => Storable(r.App)).ToArray();
        object Hashes() => rows.Select(r => r.Hash).ToArray();
        await RunAsync(connection, Upsert, cancel, Hosts(), Apps(), Hashes(), rows.Select(r => Storable(r.Key)).ToArray(), rows.Select(r => Storable(r.Text)).ToArray(), rows.Select(r => r.Add).ToArray(),
            rows.Select(r => r.FirstSeen).ToArray(), rows.Select(r => r.LastSeen).ToArray(), rows.Select(r => r.Level).ToArray(), rows.Select(r => r.Peak).ToArray(), rows.Select(r => r.State.ToString()).ToArray());
        await RunAsync(connection, CountHours, cancel, Hosts(), Apps(), Hashes(), rows.Select(r => r.Add).ToArray(), new DateTimeOffset(now.UtcDateTime.Date.AddHours(now.UtcDateTime.Hour), TimeSpan.Zero));
        if (replaced.Count > 0)
        {
            object[] merged = [replaced.Select(r => Storable(r.Host)).ToArray(), replaced.Select(r => Storable(r.App)).ToArray(), replaced.Select(r => r.Hash).ToArray(), replaced.Select(r => r.Old).ToArray()];
            await RunAsync(connection, MoveHours, cancel, merged);
            await RunAsync(connection, Join, cancel, merged);
        }
        if (rows.Any(r => r.State == PatternState.New)) await ChangeSignal.PublishAsync(connection, LearntPattern.Topic, 0, cancel);
        await transaction.CommitAsync(cancel);
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancel, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values) command.Parameters.Add(new() { Value = value, NpgsqlDbType = TypeOf(value) });
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static NpgsqlDbType TypeOf(object value) => value switch
    {
        DateTimeOffset[] => NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
        string[] => NpgsqlDbType.Array | NpgsqlDbType.Text,
        long[] => NpgsqlDbType.Array | NpgsqlDbType.Bigint,
        int[] => NpgsqlDbType.Array | NpgsqlDbType.Integer,
        _ => NpgsqlDbType.TimestampTz,
    };

    /// <summary>A lone half of a character cannot be stored.</summary>
    private static string Storable(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\ud800', '\udfff')) return text;
        var bytes = System.Text.Encoding.UTF8.GetBytes(text); // what is no character becomes U+FFFD
        return System.Text.Encoding.UTF8.GetString(bytes);
    }
}
