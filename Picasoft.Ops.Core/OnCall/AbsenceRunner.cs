using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.OnCall;

/// <summary>Reads people's own calendars, once an hour, to know when they cannot be on call. A calendar that cannot be read keeps what was known of it.</summary>
public sealed class AbsenceRunner(IDbContextFactory<OpsDbContext> contexts, ISecretBox secrets, ChangeSignal signal, TimeProvider time, ILogger<AbsenceRunner> log)
    : RoundRunner(time, TimeSpan.FromHours(1), signal, PersonActions.Topic)
{
    /// <summary>Largest calendar, in bytes.</summary>
    public const int MaxBytes = 2 * 1024 * 1024;

    private static readonly TimeSpan _ahead = TimeSpan.FromDays(120);
    private static readonly HttpClient _http = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(10), MaxAutomaticRedirections = 3, UseCookies = false }) { Timeout = TimeSpan.FromSeconds(30), MaxResponseContentBufferSize = MaxBytes };

    protected override Task RoundAsync(CancellationToken cancel) => RunOnceAsync(cancel);

    protected override void RoundFailed(Exception exception) => OnCallLog.RoundFailed(log, exception);

    public async Task RunOnceAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        foreach (var person in await db.People.AsNoTracking().Where(p => p.AbsenceUrl != null && p.IsActive).ToListAsync(cancel))
            await ReadAsync(db, person, cancel);
    }

    private async Task ReadAsync(OpsDbContext db, Person person, CancellationToken cancel)
    {
        var now = Time.GetUtcNow();
        string text;
        try
        {
            text = Encoding.UTF8.GetString(await _http.GetByteArrayAsync(new Uri(secrets.Open(person.AbsenceUrl!)), cancel));
        }
        catch (Exception e) when (e is HttpRequestException or UriFormatException or InvalidOperationException or TaskCanceledException && !cancel.IsCancellationRequested)
        {
            OnCallLog.CalendarUnread(log, person.Name, e.Message);
            return;
        }
        if (CalendarFeed.ReadBusy(text, now, now + _ahead, WallClock.Of("Europe/Paris")) is not { } busy)
        {
            OnCallLog.CalendarUnread(log, person.Name, "no calendar");
            return;
        }
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.Absences.Where(a => a.PersonId == person.Id).ExecuteDeleteAsync(cancel);
        db.Absences.AddRange(busy.Select(b => new Absence { PersonId = person.Id, StartsAt = b.Start, EndsAt = b.End }));
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, OnCallActions.Topic, 0, cancel);
        await transaction.CommitAsync(cancel);
    }
}
