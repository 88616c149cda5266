using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.OnCall;

/// <summary>
/// Writes down who was on call as time passes, and raises an alert while a gap comes near. Every node may do it: the same instants come out the same.
/// </summary>
public sealed class OnCallRunner(IDbContextFactory<OpsDbContext> contexts, ChangeSignal signal, TimeProvider time, ILogger<OnCallRunner> log)
    : RoundRunner(time, TimeSpan.FromMinutes(1), signal, OnCallActions.Topic, Policy.Topic)
{
    /// <summary>Name of the alert that warns of a gap.</summary>
    public const string GapAlert = "on_call_gap";

    private const string Source = "on_call";

    /// <summary>A stop longer than this is not made up: nobody knows who would have answered.</summary>
    private static readonly TimeSpan _longestCatchUp = TimeSpan.FromDays(31);

    protected override Task RoundAsync(CancellationToken cancel) => RunOnceAsync(cancel);

    protected override void RoundFailed(Exception exception) => OnCallLog.RoundFailed(log, exception);

    public async Task RunOnceAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtext('picasoft-ops on-call history'))", cancel);
        var now = Time.GetUtcNow();
        var book = await OnCallBook.ReadAsync(db, await PolicyBook.ReadAsync(db, cancel), now - _longestCatchUp, cancel);
        var handedOver = false;
        foreach (var calendar in book.All) handedOver |= await RecordAsync(db, calendar, now, cancel);
        await db.SaveChangesAsync(cancel);
        await WarnAsync(db, book, now, cancel);
        if (handedOver) await ChangeSignal.PublishAsync(db, OnCallActions.Topic, 0, cancel);
        await transaction.CommitAsync(cancel);
    }

    /// <summary>From where the record ends until now. True when somebody else is on call than before.</summary>
    private static async Task<bool> RecordAsync(OpsDbContext db, OnCallCalendar calendar, DateTimeOffset now, CancellationToken cancel)
    {
        var name = calendar.Schedule.Name;
        var until = await db.OnCallPeriods.Where(p => p.Schedule == name).MaxAsync(p => (DateTimeOffset?)p.EndsAt, cancel);
        // A schedule begins with the instant it is first seen.
        var from = until is { } known && known > now - _longestCatchUp ? known : now.AddSeconds(-1);
        if (now <= from) return false;
        var last = await db.OnCallPeriods.Where(p => p.Schedule == name && p.EndsAt == from).ToListAsync(cancel);
        var changed = false;
        foreach (var (person, span) in Parts(calendar, from, now))
        {
            if (span.Start == from && last.Find(p => p.Person == person) is { } going) going.EndsAt = span.End;
            else
            {
                db.OnCallPeriods.Add(new() { Schedule = name, Person = person, StartsAt = span.Start, EndsAt = span.End, Told = person is null || !calendar.Schedule.Announce });
                changed = true;
            }
        }
        return changed;
    }

    /// <summary>Who, and where nobody: without a hole.</summary>
    private static IEnumerable<(string? Person, Span Span)> Parts(OnCallCalendar calendar, DateTimeOffset from, DateTimeOffset to)
    {
        var shifts = calendar.Shifts(from, to);
        foreach (var shift in shifts.GroupBy(s => s.Person, StringComparer.Ordinal).SelectMany(Joined)) yield return (shift.Person, shift.Span);
        var at = from;
        foreach (var shift in shifts.OrderBy(s => s.Start))
        {
            if (shift.Start > at) yield return (null, new(at, shift.Start));
            if (shift.End > at) at = shift.End;
        }
        if (at < to) yield return (null, new(at, to));
    }

    private static IEnumerable<(string? Person, Span Span)> Joined(IEnumerable<Shift> ofOne)
    {
        Span? open = null;
        var person = "";
        foreach (var shift in ofOne.OrderBy(s => s.Start))
        {
            person = shift.Person;
            if (open is { } span && shift.Start <= span.End) open = new(span.Start, shift.End > span.End ? shift.End : span.End);
            else
            {
                if (open is { } whole) yield return (person, whole);
                open = shift.Span;
            }
        }
        if (open is { } rest) yield return (person, rest);
    }

    private static async Task WarnAsync(OpsDbContext db, OnCallBook book, DateTimeOffset now, CancellationToken cancel)
    {
        var people = (await db.People.AsNoTracking().Where(p => p.IsActive).Select(p => p.Name).ToListAsync(cancel)).ToHashSet(StringComparer.Ordinal);
        var wanted = new List<AlertSignal>();
        foreach (var calendar in book.All)
        {
            var warn = now + calendar.Schedule.WarnAhead;
            var shifts = calendar.Shifts(now, warn);
            var away = await OnCallQueries.ConflictsAsync(db, shifts, now, cancel);
            if (Words(calendar, now, calendar.Gaps(now, warn), shifts.FirstOrDefault(s => !people.Contains(s.Person)), away) is not { } words) continue;
            var labels = LabelSet.Of(("alertname", GapAlert), ("severity", Primitives.Words.Of(Severity.Medium)), ("schedule", calendar.Schedule.Name));
            wanted.Add(new(labels, LabelSet.Of(("summary", words.In(System.Globalization.CultureInfo.InvariantCulture))), now, null, Source, words));
        }
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        await OwnAlerts.SettleAsync(connection, await OwnAlerts.OpenAsync(connection, Source, cancel), wanted, now, cancel);
    }

    /// <param name="left">Of somebody who is not there, or not any more.</param>
    private static Phrase? Words(OnCallCalendar calendar, DateTimeOffset now, IReadOnlyList<Gap> gaps, Shift? left, IReadOnlyList<Conflict> away)
    {
        var title = calendar.Schedule.Shown;
        if (gaps is [{ Start: var start, End: var end }, ..])
            // Of a gap that goes on, its beginning is cut to now: said, it would be another one in each round.
            return (start <= now, end) switch
            {
                (true, { } until) => Phrase.Of("on_call.gap_now", title, until, gaps.Count),
                (true, null) => Phrase.Of("on_call.gap_now_open", title),
                (false, { } until) => Phrase.Of("on_call.gap", title, start, until, gaps.Count),
                (false, null) => Phrase.Of("on_call.gap_open", title, start),
            };
        if (left is not null) return Phrase.Of("on_call.left", title, left.Person, left.Start);
        if (away.Count > 0) return Phrase.Of("on_call.away", title, away[0].Shift.Person, away[0].Away.Start, away[0].Away.End);
        return null;
    }
}
