using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Escalations;

/// <summary>Reads what a review of a week is made of.</summary>
public sealed class ReviewQueries(IDbContextFactory<OpsDbContext> contexts, TimeProvider time)
{
    /// <summary>Whose clock weeks and nights are counted on: that of the first schedule, else the association's.</summary>
    public async Task<WallClock> ClockAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var book = await OnCallBook.ReadAsync(db, await Alerts.PolicyBook.ReadAsync(db, cancel), time.GetUtcNow(), cancel);
        return book.All.Count > 0 ? book.All[0].Clock : WallClock.Of("Europe/Paris");
    }

    /// <param name="day">Any day of the week; null: today.</param>
    public async Task<Review> WeekAsync(DateOnly? day, WallClock clock, CultureInfo culture, CancellationToken cancel)
    {
        var date = day ?? DateOnly.FromDateTime(clock.Local(time.GetUtcNow()));
        var monday = date.AddDays(-(((int)date.DayOfWeek + 6) % 7));
        var (from, to) = (clock.Instant(monday.ToDateTime(TimeOnly.MinValue)), clock.Instant(monday.AddDays(7).ToDateTime(TimeOnly.MinValue)));
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var written = await db.Deliveries.AsNoTracking().Where(d => d.IncidentNumber != null && d.Reason != DeliveryReason.Resolved && d.Reason != DeliveryReason.Test && d.CreatedAt >= from && d.CreatedAt < to)
            .OrderBy(d => d.Id).Select(d => new { Number = d.IncidentNumber!.Value, At = d.SentAt ?? d.CreatedAt, d.ChannelName, d.Person, d.State, d.Attempts }).Take(20_000).ToListAsync(cancel);
        var told = written.Where(d => d.State == DeliveryState.Sent).ToList();
        var numbers = told.Select(t => t.Number).Distinct().ToList();
        var incidents = await db.Incidents.AsNoTracking().Where(i => numbers.Contains(i.Number)).ToListAsync(cancel);
        // Of somebody who took it and of whom nothing is left on the incident (reopened since) the timeline knows.
        var taken = (await db.Timeline.AsNoTracking().Where(t => numbers.Contains(t.IncidentNumber) && t.Kind == TimelineKind.Acknowledged).OrderBy(t => t.Id).Select(t => new { t.IncidentNumber, t.At, t.By }).ToListAsync(cancel)).ToLookup(t => t.IncidentNumber);
        var review = Review.Of([.. incidents.Select(i =>
        {
            var mine = told.Where(t => t.Number == i.Number).OrderBy(t => t.At).ToList();
            var first = taken[i.Number].FirstOrDefault();
            return new ReviewedIncident(i.Number, i.TitleIn(culture, clock.Zone), i.Service, i.Severity, mine[0].At, [.. mine.Select(t => t.Person ?? t.ChannelName).Distinct(StringComparer.Ordinal)], first?.By, first?.At, i.ResolvedAt, i.ResolvedBy);
        })], from, to, clock);
        var newest = review.Noisy.Select(n => n.Newest).ToList();
        var rules = (await db.Alerts.AsNoTracking().Where(a => a.IncidentId != null && newest.Contains(a.IncidentId.Value)).OrderBy(a => a.Id).Select(a => new { Number = a.IncidentId!.Value, a.Labels }).ToListAsync(cancel)).ToLookup(a => a.Number);
        return review with { Missed = written.Where(d => d.State == DeliveryState.Failed || (d.State != DeliveryState.Replaced && d.Attempts > 0)).Select(d => d.Number).Distinct().Except(numbers).Count(), Noisy = [.. review.Noisy.Select(n => n with { Rule = rules[n.Newest].Select(a => NoisyThing.RuleOf(a.Labels)).FirstOrDefault(r => r is not null) })] };
    }
}
