using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>What somebody should know whose turn begins, as it is when it is told.</summary>
public sealed class ShiftLetter(IDbContextFactory<OpsDbContext> contexts) : ILetter
{
    /// <summary>A note that is older speaks of another time.</summary>
    private static readonly TimeSpan _stale = TimeSpan.FromDays(31);

    public IReadOnlyList<string> Reasons { get; } = [DeliveryReason.Shift];

    /// <summary>Says in the key of a delivery which period it is about.</summary>
    public static string KeyOf(OnCallPeriod period) => string.Create(CultureInfo.InvariantCulture, $"shift:{period.Id}");

    public async Task<(string Subject, string Text, string? Html)> WriteAsync(Delivery delivery, string channel, string url, string language, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var now = delivery.CreatedAt;
        var id = long.Parse(delivery.IdempotencyKey.Split(':')[1], CultureInfo.InvariantCulture);
        var period = await db.OnCallPeriods.AsNoTracking().SingleAsync(p => p.Id == id, cancel);
        var calendar = (await OnCallBook.ReadAsync(db, await PolicyBook.ReadAsync(db, cancel), period.StartsAt.AddDays(-1), cancel)).Find(period.Schedule);
        var before = await db.OnCallPeriods.AsNoTracking().Where(p => p.Schedule == period.Schedule && p.EndsAt == period.StartsAt && p.Person != null && p.Person != period.Person).OrderBy(p => p.Id).Select(p => p.Person).FirstOrDefaultAsync(cancel);
        var note = await db.HandoverNotes.AsNoTracking().Where(n => n.Schedule == period.Schedule && n.At > now - _stale).OrderByDescending(n => n.Id).FirstOrDefaultAsync(cancel);
        var open = db.Incidents.AsNoTracking().Where(i => i.State != IncidentState.Resolved);
        var gravest = await open.OrderByDescending(i => i.Severity).ThenBy(i => i.Number).Take(ShiftWriter.Most).ToListAsync(cancel);
        var end = calendar?.At(now).Where(s => s.Person == period.Person).Max(s => (DateTimeOffset?)s.End);
        return ShiftWriter.Write(new(calendar?.Schedule ?? new() { Name = period.Schedule }, end < now + OnCallCalendar.Around ? end : null, before, note, gravest, await open.CountAsync(cancel)), channel, url, language);
    }
}
