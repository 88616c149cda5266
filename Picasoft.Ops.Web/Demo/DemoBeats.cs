using System.Text;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Heartbeats;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Web.Demo;

/// <summary>What reports by itself: a nightly backup with a month behind it, the restore test that proves it, and a job that falls silent now and then.</summary>
internal sealed class DemoBeats(HeartbeatActions actions, PingIntake pings, IDbContextFactory<OpsDbContext> contexts, TimeProvider time)
{
    private const string Backup = "borg-alice", Restore = "borg-alice-restore", Job = DemoScript.Job;
    private const int Nights = 30;

    /// <summary>Enters them, with what they reported before the demo began.</summary>
    public async Task EnterAsync(CancellationToken cancel)
    {
        await CreateAsync(new() { Name = Backup, Service = "backups", Period = TimeSpan.FromDays(1), Grace = TimeSpan.FromHours(2), Severity = Severity.Critical, Backup = new() { MaxAge = TimeSpan.FromHours(26) } }, cancel);
        await CreateAsync(new() { Name = Restore, Service = "backups", Period = TimeSpan.FromDays(31), Grace = TimeSpan.FromDays(2), RestoreTestOf = Backup }, cancel);
        await CreateAsync(new() { Name = Job, Service = "backups", Period = TimeSpan.FromSeconds(15), Grace = TimeSpan.FromSeconds(10), Severity = Severity.Medium }, cancel);
        await WritePastAsync(cancel);
        await PingAsync(Backup, BodyOf(0), TookOf(0), cancel);
        await PingAsync(Restore, "rows=48213 tables=37 hash=9f2c61d8", TimeSpan.FromMinutes(11), cancel);
    }

    /// <summary>Once a second. Now and then the job is silent for long enough to be missed, and comes back.</summary>
    public async Task TickAsync(TimeSpan sinceStart, CancellationToken cancel)
    {
        if ((int)sinceStart.TotalSeconds % 5 == 0 && DemoScript.At(Job, sinceStart) == DemoHealth.Well) await PingAsync(Job, "", null, cancel);
    }

    private async Task WritePastAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var id = await db.Heartbeats.Where(h => h.Name == Backup).Select(h => h.Id).SingleAsync(cancel);
        var now = time.GetUtcNow();
        for (var night = Nights; night > 0; night--)
            db.Pings.Add(new() { HeartbeatId = id, At = now.AddDays(-night), Kind = PingKind.Success, Method = "POST", UserAgent = "borgmatic", Body = Encoding.UTF8.GetBytes(BodyOf(night)), Duration = TookOf(night), Facts = BackupFacts.Parse(BodyOf(night)) });
        db.HeartbeatFlips.Add(new() { HeartbeatId = id, At = now.AddDays(-Nights), Status = HeartbeatStatus.Up });
        await db.SaveChangesAsync(cancel);
    }

    // Grows a little, with the ups and downs of a week.
    private static string BodyOf(int nightsAgo) => $"size={41_000_000_000L + ((Nights - nightsAgo) * 70_000_000L) + (nightsAgo % 7 * 120_000_000L)} files={210_000 + (Nights - nightsAgo)}";

    private static TimeSpan TookOf(int nightsAgo) => TimeSpan.FromSeconds(700 + (nightsAgo % 7 * 30));

    private async Task CreateAsync(HeartbeatInput input, CancellationToken cancel) => _ = (await actions.CreateAsync(input, Actor.System, cancel)).Value;

    private Task<PingFate> PingAsync(string name, string body, TimeSpan? took, CancellationToken cancel) =>
        pings.TakeAsync(name, create: false, Actor.System, new(PingKind.Success, null, null, "POST", "demo", "127.0.0.1", Encoding.UTF8.GetBytes(body), took), cancel);
}
