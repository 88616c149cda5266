using Microsoft.EntityFrameworkCore;
using Npgsql;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Heartbeats;

/// <summary>Looks at all backups and makes the warnings about them what they should be: begun, refreshed with what is known now, ended.</summary>
public sealed class BackupDriftRunner(IDbContextFactory<OpsDbContext> contexts, TimeProvider time)
{
    /// <summary>Most backups of one heartbeat that are looked at, the newest.</summary>
    private const int Most = 200;

    public async Task RunAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var hosts = await db.Set<Service>().AsNoTracking().Where(s => s.Host != null).ToDictionaryAsync(s => s.Name, s => s.Host, StringComparer.Ordinal, cancel);
        var backups = await (from h in db.Heartbeats.AsNoTracking() where h.Enabled && h.Backup != null join s in db.HeartbeatStates.AsNoTracking() on h.Id equals s.HeartbeatId select new { h, s }).ToListAsync(cancel);
        var wanted = new List<AlertSignal>();
        foreach (var backup in backups.Where(b => b.s.Status != HeartbeatStatus.Down)) // then its own alert says more
        {
            var made = await MadeAsync(db, backup.h.Id, now, cancel);
            var host = backup.h.Service is { } service ? hosts.GetValueOrDefault(service) : null;
            if (BackupDrift.OfAge(backup.h, host, [.. made.Select(m => m.At)], now) is { } age) wanted.Add(age);
            var from = backup.s.SizesFrom is { } accepted && accepted > now - BackupTruth.Span ? accepted : now - BackupTruth.Span;
            if (BackupDrift.OfSize(backup.h, host, [.. made.Where(m => m.At >= from && m.Facts?.Size is not null).Select(m => (m.At, m.Facts!.Size!.Value))], now) is { } size) wanted.Add(size);
        }
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        await OwnAlerts.SettleAsync(connection, await OwnAlerts.OpenAsync(connection, BackupDrift.Source, cancel), wanted, now, cancel);
        await transaction.CommitAsync(cancel);
    }

    private static async Task<List<BackupMade>> MadeAsync(OpsDbContext db, long id, DateTimeOffset now, CancellationToken cancel)
    {
        var since = now - (2 * BackupTruth.Span);
        var made = await db.Pings.AsNoTracking().Where(p => p.HeartbeatId == id && p.Kind == PingKind.Success && p.At >= since).OrderByDescending(p => p.At).Take(Most).Select(p => new BackupMade(p.At, p.Facts)).ToListAsync(cancel);
        made.Reverse();
        return made;
    }
}
