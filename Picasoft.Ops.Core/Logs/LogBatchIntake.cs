using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Logs.Windows;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Logs;

/// <summary>Writes what came and what it means, within the caller's transaction. When lines are an alert is judged here, under locks on what the rules remember, so that nodes count together.</summary>
internal static class LogBatchIntake
{
    private static readonly TimeSpan _lossesTold = TimeSpan.FromMinutes(10);

    // A rule that somebody disabled or deleted meanwhile is not there any more.
    private const string Create = """
        insert into log_rule_states (rule_id, key, state, updated_at)
        select i.id, i.key, $3::jsonb, $4 from unnest($1, $2) i (id, key) join log_rules r on r.id = i.id and r.enabled order by 1, 2
        on conflict do nothing returning rule_id, key
        """;

    private const string Read = """
        select s.rule_id, s.key, s.state, r.definition, r.created_at, v.host
        from log_rule_states s join log_rules r on r.id = s.rule_id left join services v on v.name = r.service
        where r.enabled and (s.rule_id, s.key) in (select * from unnest($1, $2)) order by 1, 2 for update of s
        """;

    private const string Due = """
        select s.rule_id, s.key, s.state, r.definition, r.created_at, v.host
        from log_rule_states s join log_rules r on r.id = s.rule_id left join services v on v.name = r.service
        where r.enabled and s.due_at <= $1 order by s.due_at limit 500 for update of s skip locked
        """;

    private const string Write = "update log_rule_states s set state = i.state::jsonb, due_at = i.due, updated_at = $5 from unnest($1, $2, $3, $4) i (id, key, state, due) where s.rule_id = i.id and s.key = i.key";

    private const string Lines = "copy log_lines (id, at, rule_id, rule, service, host, app, severity, origin, text, before, after) from stdin (format binary)";

    private const string Hours = """
        insert into log_hours as h (hour, host, app, lines, errors, warnings) select * from unnest($1, $2, $3, $4, $5, $6) order by 1, 2, 3
        on conflict (hour, host, app) do update set lines = h.lines + excluded.lines, errors = h.errors + excluded.errors, warnings = h.warnings + excluded.warnings
        """;

    private const string RuleHours = """
        insert into log_rule_hours as h (rule_id, hour, lines) select i.id, i.hour, i.lines from unnest($1, $2, $3) i (id, hour, lines) join log_rules r on r.id = i.id order by 1, 2
        on conflict (rule_id, hour) do update set lines = h.lines + excluded.lines
        """;

    private const string Positions = "insert into log_positions (source, position) select * from unnest($1, $2) order by 1 on conflict (source) do update set position = excluded.position";

    public static async Task ApplyAsync(NpgsqlConnection connection, LogBatch batch, IReadOnlyList<LogEvidence> kept, IReadOnlyList<LogHour> counts, DateTimeOffset now, CancellationToken cancel)
    {
        if (counts.Count > 0)
        {
            await ExecuteAsync(connection, Hours, cancel, Times(counts.Select(c => (DateTimeOffset?)c.Hour)), Texts(counts.Select(c => c.Host)), Texts(counts.Select(c => c.App)),
                Longs(counts.Select(c => c.Lines)), Longs(counts.Select(c => c.Errors)), Longs(counts.Select(c => c.Warnings)));
        }
        if (batch.Positions.Count > 0) await ExecuteAsync(connection, Positions, cancel, Texts(batch.Positions.Keys), Texts(batch.Positions.Values));
        await StoreAsync(connection, kept, cancel);
        var signals = batch.Tallies.Count > 0 ? await JudgeAsync(connection, batch, now, cancel) : [];
        if (batch.Losses.Count > 0) signals.AddRange(batch.Losses.Select(l => LossOf(l.Key, l.Value, now)));
        if (signals.Count > 0) await AlertIntake.ApplyAsync(connection, signals, now, cancel);
        if (kept.Count > 0) await ChangeSignal.PublishAsync(connection, LogIntake.Topic, 0, cancel);
    }

    /// <summary>What should have come and did not.</summary>
    public static async Task<int> WaitedAsync(NpgsqlConnection connection, DateTimeOffset now, CancellationToken cancel)
    {
        var found = await ReadAsync(connection, Due, cancel, new NpgsqlParameter { Value = now });
        var signals = new List<AlertSignal>();
        var states = new List<(Stored Stored, RuleState State)>();
        foreach (var stored in found)
        {
            var verdict = RuleJudge.Waited(stored.Rule, stored.CreatedAt, stored.State, now);
            states.Add((stored, verdict.State));
            if (verdict.Turn == RuleTurn.Begin) signals.Add(LogAlerts.Begin(stored.Rule, stored.Host, stored.Key, verdict, verdict.State.EndsAt, null));
        }
        await WriteAsync(connection, states, now, cancel);
        if (signals.Count > 0) await AlertIntake.ApplyAsync(connection, signals, now, cancel);
        return signals.Count;
    }

    private static async Task<List<AlertSignal>> JudgeAsync(NpgsqlConnection connection, LogBatch batch, DateTimeOffset now, CancellationToken cancel)
    {
        var (ids, keys) = (Longs(batch.Tallies.Keys.Select(k => k.Rule)), Texts(batch.Tallies.Keys.Select(k => k.Key)));
        var made = new HashSet<(long, string)>();
        await using (var create = Command(connection, Create, ids, keys, new() { Value = Json.Text(RuleState.New) }, new() { Value = now }))
        await using (var reader = await create.ExecuteReaderAsync(cancel))
            while (await reader.ReadAsync(cancel)) made.Add((reader.GetInt64(0), reader.GetString(1)));
        var found = await ReadAsync(connection, Read, cancel, ids.Clone(), keys.Clone());
        var (begins, ends, states) = (new List<AlertSignal>(), new List<AlertSignal>(), new List<(Stored, RuleState)>());
        foreach (var stored in found)
        {
            var tallies = batch.Tallies[(stored.RuleId, stored.Key)];
            var before = made.Contains((stored.RuleId, stored.Key)) ? null : stored.State;
            var verdict = RuleJudge.Heard(stored.Rule, stored.CreatedAt, before, [.. tallies.Events.OrderBy(e => e.At)], now);
            states.Add((stored, verdict.State));
            if (verdict.Turn == RuleTurn.Begin) begins.Add(LogAlerts.Begin(stored.Rule, stored.Host, stored.Key, verdict, verdict.State.EndsAt, tallies.Line));
            if (verdict.Turn == RuleTurn.End) ends.AddRange(await LogAlerts.EndsAsync(connection, stored.Rule.Name, (stored.Rule.By(), stored.Key), now, cancel));
        }
        await WriteAsync(connection, states, now, cancel);
        var hours = batch.Tallies.Where(t => t.Value.Matches > 0).SelectMany(t => t.Value.Events.Where(e => e.Role == Matching.LogRole.Match).Select(e => (t.Key.Rule, Hour: HourOf(e.At), e.Count)))
            .GroupBy(t => (t.Rule, t.Hour)).Select(g => (g.Key.Rule, g.Key.Hour, Lines: g.Sum(t => (long)t.Count))).ToList();
        if (hours.Count > 0) await ExecuteAsync(connection, RuleHours, cancel, Longs(hours.Select(h => h.Rule)), Times(hours.Select(h => (DateTimeOffset?)h.Hour)), Longs(hours.Select(h => h.Lines)));
        return [.. begins, .. ends];
    }

    private static async Task StoreAsync(NpgsqlConnection connection, IReadOnlyList<LogEvidence> kept, CancellationToken cancel)
    {
        if (kept.Count == 0) return;
        await using var copy = await connection.BeginBinaryImportAsync(Lines, cancel);
        foreach (var line in kept)
        {
            await copy.StartRowAsync(cancel);
            await copy.WriteAsync(line.Id, NpgsqlDbType.Uuid, cancel);
            await copy.WriteAsync(line.At, NpgsqlDbType.TimestampTz, cancel);
            await copy.WriteAsync(line.RuleId, NpgsqlDbType.Bigint, cancel);
            foreach (var text in new[] { line.Rule, line.Service, line.Host, line.App, line.Severity.ToString(), line.Origin.ToString(), line.Text })
                if (text is null) await copy.WriteNullAsync(cancel);
                else await copy.WriteAsync(text, NpgsqlDbType.Text, cancel);
            await copy.WriteAsync(line.Before, NpgsqlDbType.Array | NpgsqlDbType.Text, cancel);
            await copy.WriteAsync(line.After, NpgsqlDbType.Array | NpgsqlDbType.Text, cancel);
        }
        await copy.CompleteAsync(cancel);
    }

    private static AlertSignal LossOf(LogLoss loss, long count, DateTimeOffset now)
    {
        var summary = Phrase.Of("log.loss." + Words.Of(loss), count);
        return new(LabelSet.Of(("alertname", "log_lines_lost"), ("reason", Words.Of(loss)), ("severity", Words.Of(loss == LogLoss.Cut ? Severity.Low : Severity.Medium))),
            LabelSet.Of(("summary", summary.In(CultureInfo.InvariantCulture))), now, now + _lossesTold, "ops", summary);
    }

    private static async Task<List<Stored>> ReadAsync(NpgsqlConnection connection, string sql, CancellationToken cancel, params NpgsqlParameter[] parameters)
    {
        var found = new List<Stored>();
        await using var command = Command(connection, sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            found.Add(new(reader.GetInt64(0), reader.GetString(1), Json.Parse<RuleState>(reader.GetString(2)), Json.Parse<LogRuleInput>(reader.GetString(3)), reader.GetFieldValue<DateTimeOffset>(4), reader.IsDBNull(5) ? null : reader.GetString(5)));
        return found;
    }

    private static Task WriteAsync(NpgsqlConnection connection, IReadOnlyList<(Stored Stored, RuleState State)> states, DateTimeOffset now, CancellationToken cancel) =>
        states.Count == 0 ? Task.CompletedTask : ExecuteAsync(connection, Write, cancel, Longs(states.Select(s => s.Stored.RuleId)), Texts(states.Select(s => s.Stored.Key)), Texts(states.Select(s => Json.Text(s.State))),
            Times(states.Select(s => RuleJudge.DueAt(s.Stored.Rule, s.Stored.CreatedAt, s.State))), new() { Value = now });

    private static DateTimeOffset HourOf(DateTimeOffset at) => new(at.Year, at.Month, at.Day, at.Hour, 0, 0, TimeSpan.Zero);

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        return command;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancel, params NpgsqlParameter[] parameters)
    {
        await using var command = Command(connection, sql, parameters);
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static NpgsqlParameter Longs(IEnumerable<long> values) => new() { Value = values.ToArray() };

    private static NpgsqlParameter Texts(IEnumerable<string> values) => new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    private static NpgsqlParameter Times(IEnumerable<DateTimeOffset?> values) => new() { Value = values.Select(v => v?.ToUniversalTime()).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz };

    private sealed record Stored(long RuleId, string Key, RuleState State, LogRuleInput Rule, DateTimeOffset CreatedAt, string? Host);
}
