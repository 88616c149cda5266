using Npgsql;
using NpgsqlTypes;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes.Places;
using Picasoft.Ops.Core.Probes.Trends;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Probes;

/// <summary>
/// Writes results and what they mean, within the caller's transaction. Whether a probe is down is judged here, under a lock on its row,
/// so that two nodes that check the same probe in turn count its failures together.
/// </summary>
internal static class ProbeStateIntake
{
    /// <summary>More changes at once than this are told as one: "several".</summary>
    private const int MaxNews = 50;

    /// <summary>A result that was stored within this did not wait.</summary>
    private static readonly TimeSpan _fresh = TimeSpan.FromSeconds(5);

    private const string Insert = """
        insert into probe_results (probe_id, at, ms, ok, warned, reason, node)
        select id, at, ms, ok, warned, reason::jsonb, $7 from unnest($1, $2, $3, $4, $5, $6) r (id, at, ms, ok, warned, reason)
        on conflict do nothing
        """;

    // Nearly every check finds what the one before found: one narrow update that touches no index, and no judgement.
    private const string StillUp = """
        update probe_states s set succeeding = s.succeeding + r.n, last_at = r.at, last_ok = true, last_ms = r.ms, last_reason = r.reason::jsonb
        from unnest($1, $2, $3, $4, $5) r (id, n, at, ms, reason)
        where s.probe_id = r.id and s.status = 'Up' and s.failing = 0 and s.last_at < r.at
        returning s.probe_id
        """;

    private const string Create = """
        insert into probe_states (probe_id, status, since, failing, succeeding, last_at, last_ok, last_ms)
        select id, 'Unknown', $2, 0, 0, to_timestamp(0), false, 0 from probes where id = any($1) and enabled
        on conflict do nothing
        """;

    // A probe that somebody disabled or deleted meanwhile is not there any more, and whoever does so now waits for us.
    private const string Read = """
        select p.id, p.name, p.service, p.severity, v.title, v.host, s.status, s.since, s.failing, s.succeeding, s.last_at, s.last_ok, s.last_ms, s.last_reason
        from probes p join probe_states s on s.probe_id = p.id left join services v on v.name = p.service
        where p.id = any($1) and p.enabled order by p.id for share of p for update of s
        """;

    private const string Write = """
        update probe_states s set status = r.status, since = r.since, failing = r.failing, succeeding = r.succeeding, last_at = r.at, last_ok = r.ok, last_ms = r.ms, last_reason = r.reason::jsonb
        from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) r (id, status, since, failing, succeeding, at, ok, ms, reason) where s.probe_id = r.id
        """;

    /// <returns>The first failures, and when each should be looked at again.</returns>
    public static async Task<IReadOnlyList<(long Id, DateTimeOffset At)>> ApplyAsync(NpgsqlConnection connection, IReadOnlyList<CheckDone> batch, string node, string? location, DateTimeOffset now, CancellationToken cancel)
    {
        var byProbe = batch.GroupBy(d => d.Probe.Id).OrderBy(g => g.Key).Select(g => (Id: g.Key, Checks: g.OrderBy(d => d.At).ToList())).ToList();
        var stillUp = await StoreAsync(connection, batch, [.. byProbe.Where(p => p.Checks.TrueForAll(c => c.Seen.Level == CheckLevel.Fine && c.Probe.Locations.Count == 0))], node, cancel);
        var rest = byProbe.Where(p => !stillUp.Contains(p.Id)).ToDictionary(p => p.Id, p => p.Checks);
        return rest.Count == 0 ? [] : await JudgeAsync(connection, rest, node, location, now, cancel);
    }

    private static async Task<HashSet<long>> StoreAsync(NpgsqlConnection connection, IReadOnlyList<CheckDone> batch, IReadOnlyList<(long Id, List<CheckDone> Checks)> good, string node, CancellationToken cancel)
    {
        await using var commands = new NpgsqlBatch(connection);
        commands.BatchCommands.Add(Command(Insert, Ids(batch.Select(d => d.Probe.Id)), Times(batch.Select(d => d.At)), Reals(batch.Select(d => d.Ms)), Bools(batch.Select(d => d.Seen.IsUp)), Bools(batch.Select(d => d.Seen.Status == ProbeStatus.Warning)), Texts(batch.Select(d => Text(d.Seen.Reason))), new() { Value = node }));
        commands.BatchCommands.Add(Command(StillUp, Ids(good.Select(p => p.Id)), Ints(good.Select(p => p.Checks.Count)), Times(good.Select(p => p.Checks[^1].At)), Reals(good.Select(p => p.Checks[^1].Ms)), Texts(good.Select(p => Text(p.Checks[^1].Seen.Reason)))));
        var stillUp = new HashSet<long>();
        await using var reader = await commands.ExecuteReaderAsync(cancel);
        do
            while (await reader.ReadAsync(cancel)) stillUp.Add(reader.GetInt64(0));
        while (await reader.NextResultAsync(cancel));
        return stillUp;
    }

    private static async Task<IReadOnlyList<(long Id, DateTimeOffset At)>> JudgeAsync(NpgsqlConnection connection, Dictionary<long, List<CheckDone>> checks, string node, string? location, DateTimeOffset now, CancellationToken cancel)
    {
        var states = await ReadAsync(connection, [.. checks.Keys], now, cancel);
        var places = await LocationJudge.LoadAsync(connection, [.. checks.Where(c => c.Value[0].Probe.Locations.Count > 0).Select(c => c.Key)], node, location, cancel);
        var rechecks = new List<(long, DateTimeOffset)>();
        var begun = new List<(Subject Subject, CheckDone Check, Observation Seen)>();
        var (changed, back) = (new List<string>(), new List<string>());
        var news = new List<long>();
        foreach (var (state, subject) in states)
        {
            var before = state.Status;
            foreach (var check in checks[state.ProbeId])
            {
                var isPlaced = check.Probe.Locations.Count > 0;
                if (isPlaced && !places.Counts(check.Probe)) continue;
                if (!isPlaced && IsOutdated(check, state, now)) continue;
                var (verdict, seen) = isPlaced ? places.Of(state, check) : (ProbeVerdict.Of(state, check.Seen, check.At, check.Probe), check.Seen);
                verdict.CopyTo(state);
                (state.LastAt, state.LastOk, state.LastMs, state.LastReason) = (check.At, seen.IsUp, check.Ms, seen.Reason);
                if (verdict.Event == ProbeEvent.Changed && begun.RemoveAll(b => b.Subject == subject) == 0) changed.Add(subject.Probe.Name);
                if (verdict.Event is ProbeEvent.WentDown or ProbeEvent.Changed) begun.Add((subject, check, seen));
                if (verdict.Event == ProbeEvent.CameBack) back.Add(subject.Probe.Name);
                if (verdict.RecheckIn is { } pause && check == checks[state.ProbeId][^1]) rechecks.Add((state.ProbeId, check.At + TimeSpan.FromMilliseconds(check.Ms) + pause));
            }
            if (state.Status != before) news.Add(state.ProbeId);
        }
        await places.SaveAsync(connection, cancel);
        await WriteAsync(connection, [.. states.Select(s => s.State)], cancel);
        var pictures = await ExpiryPictureQueries.ReadAsync(connection, [.. begun.Select(b => (b.Subject.Probe.Id, b.Seen, b.Check.At))], cancel);
        var begins = begun.Zip(pictures, (b, picture) => ProbeAlerts.Begin(b.Subject.Probe, b.Subject.Host, b.Subject.Title, b.Seen, picture, b.Check.At)).ToList();
        // In one batch: the incident goes on with the new alert.
        if (changed.Count > 0) begins.AddRange(await ProbeAlerts.EndsAsync(connection, changed, now, cancel));
        if (begins.Count > 0) await AlertIntake.ApplyAsync(connection, begins, now, cancel);
        // After the beginnings: when it went down and came back within one batch, both are told.
        if (back.Count > 0 && await ProbeAlerts.EndsAsync(connection, back, now, cancel) is { Count: > 0 } ends) await AlertIntake.ApplyAsync(connection, ends, now, cancel);
        foreach (var id in news.Count > MaxNews ? [0L] : news) await ChangeSignal.PublishAsync(connection, ProbeActions.Topic, id, cancel);
        return rechecks;
    }

    /// <summary>
    /// It had to wait for the database, and somebody has looked since: what a node saw that was cut off belongs into the history, and says nothing of now.
    /// How long it waited is read from one clock; the other node's alone would not do, it may be wrong.
    /// </summary>
    private static bool IsOutdated(CheckDone check, ProbeState state, DateTimeOffset now) =>
        check.At < state.LastAt && now - check.At - TimeSpan.FromMilliseconds(check.Ms) > _fresh;

    private static async Task<List<(ProbeState State, Subject Subject)>> ReadAsync(NpgsqlConnection connection, long[] ids, DateTimeOffset now, CancellationToken cancel)
    {
        await using var commands = new NpgsqlBatch(connection);
        commands.BatchCommands.Add(Command(Create, Ids(ids), new() { Value = now }));
        commands.BatchCommands.Add(Command(Read, Ids(ids)));
        var states = new List<(ProbeState, Subject)>();
        await using var reader = await commands.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var state = new ProbeState
            {
                ProbeId = reader.GetInt64(0),
                Status = Enum.Parse<ProbeStatus>(reader.GetString(6)),
                Since = reader.GetFieldValue<DateTimeOffset>(7),
                Failing = reader.GetInt32(8),
                Succeeding = reader.GetInt32(9),
                LastAt = reader.GetFieldValue<DateTimeOffset>(10),
                LastOk = reader.GetBoolean(11),
                LastMs = reader.GetFloat(12),
                LastReason = TextAt(13) is { } reason ? Json.Parse<Phrase>(reason) : null,
            };
            var probe = new ProbeDefinition { Id = state.ProbeId, Name = reader.GetString(1), Service = TextAt(2), Severity = Enum.Parse<Severity>(reader.GetString(3)) };
            states.Add((state, new(probe, TextAt(5), TextAt(4) ?? probe.Service ?? probe.Name)));
        }
        return states;

        string? TextAt(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    }

    private static async Task WriteAsync(NpgsqlConnection connection, IReadOnlyList<ProbeState> states, CancellationToken cancel)
    {
        if (states.Count == 0) return;
        await using var commands = new NpgsqlBatch(connection);
        commands.BatchCommands.Add(Command(Write, Ids(states.Select(s => s.ProbeId)), Texts(states.Select(s => s.Status.ToString())), Times(states.Select(s => s.Since)), Ints(states.Select(s => s.Failing)), Ints(states.Select(s => s.Succeeding)),
            Times(states.Select(s => s.LastAt)), Bools(states.Select(s => s.LastOk)), Reals(states.Select(s => s.LastMs)), Texts(states.Select(s => Text(s.LastReason)))));
        await commands.ExecuteNonQueryAsync(cancel);
    }

    private static NpgsqlBatchCommand Command(string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters) command.Parameters.Add(parameter);
        return command;
    }

    private static string? Text(Phrase? reason) => reason is null ? null : Json.Text(reason);

    private static NpgsqlParameter Ids(IEnumerable<long> values) => Array(values, NpgsqlDbType.Bigint);
    private static NpgsqlParameter Ints(IEnumerable<int> values) => Array(values, NpgsqlDbType.Integer);
    private static NpgsqlParameter Times(IEnumerable<DateTimeOffset> values) => Array(values, NpgsqlDbType.TimestampTz);
    private static NpgsqlParameter Reals(IEnumerable<float> values) => Array(values, NpgsqlDbType.Real);
    private static NpgsqlParameter Bools(IEnumerable<bool> values) => Array(values, NpgsqlDbType.Boolean);
    private static NpgsqlParameter Texts(IEnumerable<string?> values) => Array(values, NpgsqlDbType.Text);
    private static NpgsqlParameter Array<T>(IEnumerable<T> values, NpgsqlDbType type) => new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | type };

    /// <summary>What an alert about a probe names.</summary>
    private sealed record Subject(ProbeDefinition Probe, string? Host, string Title);
}
