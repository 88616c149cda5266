using System.Globalization;
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
        var (busy, fault) = await FetchAsync(person, now, cancel);
        if (fault is not null) OnCallLog.CalendarUnread(log, person.Name, fault.In(CultureInfo.InvariantCulture));
        var readAt = busy is null ? person.AbsenceReadAt : now;
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        // Whoever has given another address meanwhile is read again by the next round.
        if (await db.People.Where(p => p.Id == person.Id && p.AbsenceUrl == person.AbsenceUrl).ExecuteUpdateAsync(set => set.SetProperty(p => p.AbsenceReadAt, readAt).SetProperty(p => p.AbsenceFault, fault), cancel) == 0) return;
        if (busy is not null)
        {
            await db.Absences.Where(a => a.PersonId == person.Id).ExecuteDeleteAsync(cancel);
            db.Absences.AddRange(busy.Select(b => new Absence { PersonId = person.Id, StartsAt = b.Start, EndsAt = b.End }));
        }
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, OnCallActions.Topic, 0, cancel);
        await transaction.CommitAsync(cancel);
    }

    /// <summary>When they are busy, or why nobody knows.</summary>
    private async Task<(IReadOnlyList<Span>? Busy, Phrase? Fault)> FetchAsync(Person person, DateTimeOffset now, CancellationToken cancel)
    {
        try
        {
            var text = Encoding.UTF8.GetString(await _http.GetByteArrayAsync(new Uri(secrets.Open(person.AbsenceUrl!)), cancel));
            return CalendarFeed.ReadBusy(text, now, now + _ahead, WallClock.Of("Europe/Paris")) is { } busy ? (busy, null) : (null, Phrase.Of("absence.no_calendar"));
        }
        catch (TaskCanceledException) when (!cancel.IsCancellationRequested) { return (null, Phrase.Of("absence.slow", _http.Timeout)); }
        catch (HttpRequestException e) when (e.StatusCode is { } status) { return (null, Phrase.Of("absence.status", (int)status)); }
        catch (Exception e) when (e is HttpRequestException or UriFormatException or InvalidOperationException) { return (null, Phrase.Of("absence.unreadable", e.Message)); }
    }
}
