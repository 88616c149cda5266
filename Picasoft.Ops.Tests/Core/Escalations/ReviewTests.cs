using System.Globalization;
using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Tests.Core.Incidents;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Escalations;

public sealed class ReviewTests(PostgresFixture postgres)
{
    private static readonly DateTimeOffset _monday = new(2026, 11, 22, 23, 0, 0, TimeSpan.Zero); // midnight in Paris
    private static readonly WallClock _paris = WallClock.Of("Europe/Paris");

    private static ReviewedIncident At(long number, double hours, string title, double? takenAfter = null, bool byItself = false) =>
        new(number, title, "wiki", Severity.High, _monday.AddHours(hours), ["camille"], takenAfter is null ? null : "camille", takenAfter is { } m ? _monday.AddHours(hours).AddMinutes(m) : null, _monday.AddHours(hours + 1), byItself ? null : "camille");

    [Fact]
    public void A_week_says_what_called_at_night_how_long_it_took_and_what_was_noise()
    {
        var review = Review.Of([At(3, 3, "Disk"), At(1, 10, "Disk", byItself: true), At(2, 12, "Wiki | <b>", 4), At(4, 23, "Wiki | <b>", 20), At(5, 30, "Disk", byItself: true)], _monday, _monday.AddDays(7), _paris);
        Assert.Equal((3, TimeSpan.FromMinutes(20), 0.4), (review.AtNight, review.Acknowledged, review.NoiseRatio));
        Assert.Equal([3, 1, 2, 4, 5], review.Incidents.Select(i => i.Number));
        Assert.Equal(("Disk", 3, 2, 5), (review.Noisy[0].Title, review.Noisy[0].Times, review.Noisy[0].Noise, review.Noisy[0].Newest));

        var text = review.Markdown(CultureInfo.GetCultureInfo("en"), _paris);
        Assert.StartsWith("# On call from 2026-11-23 to 2026-11-29\n", text, StringComparison.Ordinal);
        Assert.Contains("| 2 | 2026-11-23 12:00 | Wiki \\| &lt;b> | camille | camille (4 min) |", text, StringComparison.Ordinal);
        Assert.Contains("- Disk: 3 times, 2 for nothing", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_said_of_what_never_called_for_nothing() =>
        Assert.Contains("- Disk: 2 times\n", Review.Of([At(1, 1, "Disk", 4), At(2, 2, "Disk", 4)], _monday, _monday.AddDays(7), _paris).Markdown(CultureInfo.GetCultureInfo("en"), _paris), StringComparison.Ordinal);

    [Fact]
    public async Task Only_what_was_handed_over_called_somebody()
    {
        await using var world = await IncidentWorld.CreateAsync(postgres);
        var cancel = TestContext.Current.CancellationToken;
        foreach (var service in new[] { "wiki", "mail", "chat", "pad" }) await world.BeginAsync(service);
        await world.RoundAsync();
        var now = world.Clock.GetUtcNow();
        await using (var db = world.CreateDbContext())
        {
            var room = new Channel { Name = "room", Type = "ntfy", Settings = "{}" };
            db.Channels.Add(room);
            await db.SaveChangesAsync(cancel);
            foreach (var (number, who, state, attempts) in new[] { (1L, "camille", DeliveryState.Failed, 9), (1L, "sacha", DeliveryState.Sent, 1), (2L, "camille", DeliveryState.Failed, 9), (3L, "camille", DeliveryState.Pending, 0), (4L, "camille", DeliveryState.Pending, 3) })
                db.Deliveries.Add(new() { IdempotencyKey = $"{number} {who}", ChannelId = room.Id, ChannelName = "room", Recipient = who, Person = who, IncidentNumber = number, Reason = DeliveryReason.Opened, State = state, Attempts = attempts, CreatedAt = now, NextAttemptAt = now, SentAt = state == DeliveryState.Sent ? now.AddMinutes(3) : null });
            await db.SaveChangesAsync(cancel);
        }
        var week = await new ReviewQueries(world, world.Clock).WeekAsync(null, _paris, CultureInfo.InvariantCulture, cancel);
        Assert.Equal([(1L, "sacha", now.AddMinutes(3))], week.Incidents.Select(i => (i.Number, string.Join(' ', i.Told), i.ToldAt)));
        Assert.Equal(2, week.Missed); // those of mail and pad; chat's goes out in this very second
    }

    [Fact]
    public void A_quiet_week_is_one() => Assert.Equal((0, null, 0d), (Review.Of([], _monday, _monday.AddDays(7), _paris) is var r ? (r.AtNight, r.Acknowledged, r.NoiseRatio) : default));
}
