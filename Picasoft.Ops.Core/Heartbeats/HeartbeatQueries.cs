using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Heartbeats;

/// <summary>A heartbeat and where it stands.</summary>
/// <param name="ExpectedAt">When the next sign of life is expected; null: not at all.</param>
public sealed record HeartbeatRow(Heartbeat Heartbeat, HeartbeatState State, DateTimeOffset? ExpectedAt)
{
    public HeartbeatStatus Status => State.Status;

    /// <summary>A run began and has not finished.</summary>
    public bool IsRunning => State.Runs.Count > 0;

    /// <summary>A run began before the one before it had finished.</summary>
    public bool Overlaps => State.Runs.Count > 1;
}

/// <summary>What pages and the API ask about heartbeats.</summary>
public sealed class HeartbeatQueries(IDbContextFactory<OpsDbContext> contexts) : IInventoryUser
{
    /// <summary>By name; <paramref name="service"/>: only those of one service.</summary>
    public async Task<IReadOnlyList<HeartbeatRow>> ListAsync(string? service, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var rows = await (from h in db.Heartbeats.AsNoTracking()
                          where service == null || h.Service == service
                          join s in db.HeartbeatStates.AsNoTracking() on h.Id equals s.HeartbeatId
                          orderby h.Name
                          select new { h, s }).ToListAsync(cancel);
        return rows.ConvertAll(r => Row(r.h, r.s));
    }

    public async Task<HeartbeatRow?> FindAsync(string name, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var row = await (from h in db.Heartbeats.AsNoTracking() where h.Name == name join s in db.HeartbeatStates.AsNoTracking() on h.Id equals s.HeartbeatId select new { h, s }).SingleOrDefaultAsync(cancel);
        return row is null ? null : Row(row.h, row.s);
    }

    /// <summary>Pings of one heartbeat before <paramref name="before"/>, newest first.</summary>
    public async Task<IReadOnlyList<Ping>> PingsAsync(long id, long before, int limit, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.Pings.AsNoTracking().Where(p => p.HeartbeatId == id && p.Id < before).OrderByDescending(p => p.Id).Take(limit).ToListAsync(cancel);
    }

    /// <summary>How long the last finished runs took, oldest first.</summary>
    public async Task<IReadOnlyList<(DateTimeOffset At, TimeSpan Took, bool Ok)>> DurationsAsync(long id, int count, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var last = await db.Pings.AsNoTracking().Where(p => p.HeartbeatId == id && p.Duration != null).OrderByDescending(p => p.At).Take(count).Select(p => new { p.At, p.Duration, p.Kind }).ToListAsync(cancel);
        last.Reverse();
        return last.ConvertAll(p => (p.At, p.Duration!.Value, p.Kind == PingKind.Success));
    }

    /// <summary>The changes of status from an instant on, with the one before it, of these or (null) all heartbeats, in the order of time.</summary>
    public async Task<ILookup<long, HeartbeatFlip>> FlipsAsync(long? id, DateTimeOffset from, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var all = db.HeartbeatFlips.AsNoTracking();
        var flips = await all
            .Where(f => (id == null || f.HeartbeatId == id) && (f.At >= from || f.Id == all.Where(e => e.HeartbeatId == f.HeartbeatId && e.At < from).OrderByDescending(e => e.At).ThenByDescending(e => e.Id).Select(e => e.Id).First()))
            .OrderBy(f => f.At).ThenBy(f => f.Id).ToListAsync(cancel);
        return flips.ToLookup(f => f.HeartbeatId);
    }

    /// <summary>What is known of the backups, of all or of one service.</summary>
    public async Task<IReadOnlyList<BackupTruth>> BackupsAsync(string? service, DateTimeOffset now, CancellationToken cancel)
    {
        var all = await ListAsync(null, cancel);
        var backups = all.Where(r => r.Heartbeat.Backup is not null && (service is null || r.Heartbeat.Service == service)).ToList();
        var tests = all.Where(r => r.Heartbeat.RestoreTestOf is not null).ToLookup(r => r.Heartbeat.RestoreTestOf!, StringComparer.Ordinal);
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var services = await db.Set<Service>().AsNoTracking().ToDictionaryAsync(s => s.Name, StringComparer.Ordinal, cancel);
        var found = new List<BackupTruth>();
        foreach (var row in backups)
        {
            // Twice the span: the backup before its beginning says how long the gap at its edge was.
            var since = now - (2 * BackupTruth.Span);
            var made = await db.Pings.AsNoTracking().Where(p => p.HeartbeatId == row.Heartbeat.Id && p.Kind == PingKind.Success && p.At >= since).OrderByDescending(p => p.At).Take(1000).Select(p => new BackupMade(p.At, p.Facts)).ToListAsync(cancel);
            made.Reverse();
            var proven = new List<RestoreProven>();
            foreach (var test in tests[row.Heartbeat.Name])
                if (await db.Pings.AsNoTracking().Where(p => p.HeartbeatId == test.Heartbeat.Id && p.Kind == PingKind.Success).OrderByDescending(p => p.At).FirstOrDefaultAsync(cancel) is { Facts: { } facts } ping)
                    proven.Add(new(ping.At, ping.Duration, facts.Proof));
            found.Add(BackupTruth.Of(row, row.Heartbeat.Service is { } name ? services.GetValueOrDefault(name) : null, made, proven.MaxBy(p => p.At), now));
        }
        return found;
    }

    /// <summary>Keeps a service from being deleted under its heartbeats.</summary>
    public async Task<IReadOnlyList<string>> UsersOfServiceAsync(OpsDbContext db, string service, CancellationToken cancel) =>
        await db.Heartbeats.Where(h => h.Service == service).OrderBy(h => h.Name).Select(h => "heartbeat:" + h.Name).ToListAsync(cancel);

    private static HeartbeatRow Row(Heartbeat heartbeat, HeartbeatState state)
    {
        var rules = HeartbeatRules.Of(heartbeat);
        return new(heartbeat, state, rules.Enabled ? rules.ExpectedAfter(state.LastAt ?? state.BeganAt) : null);
    }
}
