using Microsoft.EntityFrameworkCore;
using Npgsql;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Heartbeats;

/// <summary>Writes where a heartbeat stands, and begins or ends its alert, within the caller's transaction and under the lock of its row.</summary>
internal static class HeartbeatStateIntake
{
    /// <summary>The row, locked: a ping and the clock do not judge at the same time.</summary>
    public static async Task<HeartbeatState?> LockAsync(OpsDbContext db, long id, CancellationToken cancel) =>
        await db.HeartbeatStates.FromSql($"select * from heartbeat_states where heartbeat_id = {id} for update").SingleOrDefaultAsync(cancel);

    public static HeartbeatFacts FactsOf(HeartbeatState state) => new(state.BeganAt, state.LastAt, state.LastFailure, state.Runs);

    /// <summary>Judges anew and saves.</summary>
    /// <param name="said">What the ping that brought the news said, if one did.</param>
    public static async Task JudgeAsync(OpsDbContext db, Heartbeat heartbeat, HeartbeatState state, string? said, DateTimeOffset now, CancellationToken cancel)
    {
        var verdict = HeartbeatVerdict.Of(HeartbeatRules.Of(heartbeat), FactsOf(state), now);
        var (was, why) = (state.Status, state.Reason);
        state.DueAt = verdict.NextAt;
        state.Reason = verdict.Reason;
        if (verdict.Status != was)
        {
            (state.Status, state.Since) = (verdict.Status, now);
            db.HeartbeatFlips.Add(new() { HeartbeatId = heartbeat.Id, At = now, Status = verdict.Status });
        }
        await db.SaveChangesAsync(cancel);
        if (verdict.Reason is { } reason && (was != HeartbeatStatus.Down || reason != why))
        {
            var host = heartbeat.Service is { } service ? await db.Set<Inventory.Service>().Where(s => s.Name == service).Select(s => s.Host).SingleOrDefaultAsync(cancel) : null;
            await AlertIntake.ApplyAsync(Connection(db), [HeartbeatAlerts.Begin(heartbeat, host, reason, said, now)], now, cancel);
        }
        else if (verdict.Reason is null && was == HeartbeatStatus.Down) await EndAsync(db, heartbeat.Name, now, cancel);
        await ChangeSignal.PublishAsync(db, HeartbeatActions.Topic, heartbeat.Id, cancel);
    }

    /// <summary>Ends the alert that somebody who is gone, renamed or paused could no longer end.</summary>
    public static async Task EndAsync(OpsDbContext db, string name, DateTimeOffset now, CancellationToken cancel)
    {
        var ends = await OwnAlerts.EndsAsync(Connection(db), HeartbeatAlerts.Source, HeartbeatAlerts.Label, [name], now, cancel);
        if (ends.Count > 0) await AlertIntake.ApplyAsync(Connection(db), ends, now, cancel);
    }

    private static NpgsqlConnection Connection(OpsDbContext db) => (NpgsqlConnection)db.Database.GetDbConnection();
}
