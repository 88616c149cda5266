using Npgsql;
using NpgsqlTypes;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Probes.Places;

/// <summary>
/// What the checks of this location mean for probes that name several: first for the location itself, as for any probe, then, by quorum, for the probe.
/// Within the caller's transaction, under the lock on the probe's own state.
/// </summary>
internal sealed class LocationJudge
{
    private const string Read = "select probe_id, location, status, since, failing, succeeding, last_at, last_ok, last_reason from probe_location_states where probe_id = any($1)";

    private const string Write = """
        insert into probe_location_states (probe_id, location, status, since, failing, succeeding, last_at, last_ok, last_ms, last_reason, node) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        on conflict (probe_id, location) do update set status = excluded.status, since = excluded.since, failing = excluded.failing, succeeding = excluded.succeeding,
            last_at = excluded.last_at, last_ok = excluded.last_ok, last_ms = excluded.last_ms, last_reason = excluded.last_reason, node = excluded.node
        """;

    private readonly Dictionary<(long Probe, string Location), ProbeLocationState> _known = [];
    private readonly HashSet<ProbeLocationState> _changed = [];
    private readonly string _node;
    private readonly string _location;

    private LocationJudge(string node, string location) => (_node, _location) = (node, location);

    public static async Task<LocationJudge> LoadAsync(NpgsqlConnection connection, IReadOnlyCollection<long> probes, string node, string? location, CancellationToken cancel)
    {
        var judge = new LocationJudge(node, location ?? "");
        if (probes.Count == 0) return judge;
        await using var read = new NpgsqlCommand(Read, connection) { Parameters = { new() { Value = probes.ToArray() } } };
        await using var reader = await read.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            judge._known[(reader.GetInt64(0), reader.GetString(1))] = new()
            {
                ProbeId = reader.GetInt64(0),
                Location = reader.GetString(1),
                Status = Enum.Parse<ProbeStatus>(reader.GetString(2)),
                Since = reader.GetFieldValue<DateTimeOffset>(3),
                Failing = reader.GetInt32(4),
                Succeeding = reader.GetInt32(5),
                LastAt = reader.GetFieldValue<DateTimeOffset>(6),
                LastOk = reader.GetBoolean(7),
                LastReason = reader.IsDBNull(8) ? null : Json.Parse<Phrase>(reader.GetString(8)),
            };
        return judge;
    }

    /// <summary>Whether this node's word counts: one that was asked by hand elsewhere does not.</summary>
    public bool Counts(ProbeDefinition probe) => probe.Locations.Contains(_location);

    /// <summary>What one more check means for the probe, and what is said of it.</summary>
    public (ProbeVerdict Verdict, Observation Seen) Of(ProbeState state, CheckDone check)
    {
        var probe = check.Probe;
        if (!_known.TryGetValue((probe.Id, _location), out var mine)) _known[(probe.Id, _location)] = mine = new() { ProbeId = probe.Id, Location = _location, Since = check.At };
        var here = ProbeVerdict.Of(new() { Status = mine.Status, Since = mine.Since, Failing = mine.Failing, Succeeding = mine.Succeeding }, check.Seen, check.At, probe);
        (mine.Status, mine.Since, mine.Failing, mine.Succeeding) = (here.Status, here.Since, here.Failing, here.Succeeding);
        (mine.LastAt, mine.LastOk, mine.LastMs, mine.LastReason, mine.Node) = (check.At, check.Seen.IsUp, check.Ms, check.Seen.Reason, _node);
        _changed.Add(mine);

        var all = probe.Locations.Select(l => _known.GetValueOrDefault((probe.Id, l))).OfType<ProbeLocationState>().ToList();
        var together = Quorum.Of(probe, state, [.. all.Select(l => new LocationWord(l.Location, l.Status, l.LastAt))], check.At);
        var what = (state.Status, together.Status) switch
        {
            var (was, now) when was == now => ProbeEvent.None,
            (_, ProbeStatus.Down) => state.Status == ProbeStatus.Warning ? ProbeEvent.Changed : ProbeEvent.WentDown,
            (ProbeStatus.Down, ProbeStatus.Warning) => ProbeEvent.Changed,
            (_, ProbeStatus.Warning) => ProbeEvent.WentDown,
            (ProbeStatus.Down or ProbeStatus.Warning, _) => ProbeEvent.CameBack,
            _ => ProbeEvent.None,
        };
        var verdict = new ProbeVerdict(together.Status, what == ProbeEvent.None && state.Status == together.Status ? state.Since : check.At, here.Failing, here.Succeeding, what, here.RecheckIn);
        var bad = all.Where(l => l.Status == together.Status && !l.LastOk).OrderByDescending(l => l.LastAt).ToList();
        return (verdict, together.Status != ProbeStatus.Down || bad.Count == 0 ? check.Seen
            : new(false, Phrase.Of("probe.from_locations", string.Join(", ", bad.Select(l => l.Location)), bad[0].LastReason ?? Phrase.Of("probe.failed", ""))));
    }

    public async Task SaveAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        if (_changed.Count == 0) return;
        await using var batch = new NpgsqlBatch(connection);
        foreach (var state in _changed.OrderBy(s => s.ProbeId))
            batch.BatchCommands.Add(new(Write)
            {
                Parameters =
                {
                    new() { Value = state.ProbeId }, new() { Value = state.Location }, new() { Value = state.Status.ToString() }, new() { Value = state.Since }, new() { Value = state.Failing }, new() { Value = state.Succeeding },
                    new() { Value = state.LastAt }, new() { Value = state.LastOk }, new() { Value = state.LastMs },
                    new() { Value = state.LastReason is { } reason ? Json.Text(reason) : DBNull.Value, NpgsqlDbType = NpgsqlDbType.Jsonb }, new() { Value = state.Node },
                },
            });
        await batch.ExecuteNonQueryAsync(cancel);
    }
}
