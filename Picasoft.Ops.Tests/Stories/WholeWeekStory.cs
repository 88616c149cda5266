using System.Globalization;
using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Tests.Core.Incidents;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Stories;

/// <summary>
/// A whole week of three people, as the receivers saw it: a swap, the night in which the clock goes back, an outage of Mattermost and one of the mail server.
/// Every message that arrived is looked at: to whom, when, through what; and that nothing else did.
/// </summary>
public sealed class WholeWeekStory(PostgresFixture postgres)
{
    private static readonly EscalationInput _policy = new()
    {
        Name = "default",
        Steps = [new() { Notify = ["schedule:tech"] }, new() { After = TimeSpan.FromMinutes(15), Notify = ["schedule:tech", "channel:tech-chat"] }, new() { After = TimeSpan.FromMinutes(30), Notify = ["person:robin"] }],
    };

    // Monday camille, Tuesday sacha, Wednesday robin, and so on, from 18:00 to 18:00 in Paris.
    private static readonly ScheduleInput _schedule = new() { Name = "tech", Rotation = new() { People = ["camille", "sacha", "robin"], Every = TimeSpan.FromDays(1), Handoff = "18:00", StartsOn = "2027-10-25" } };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_message_of_the_week_went_to_whom_it_should_when_it_should_through_what_still_worked()
    {
        await using var team = await SimulatedTeam.CreateAsync(postgres, At(25, 12, 0), _policy, _schedule);

        // Monday evening: camille, who takes it.
        await team.GoToAsync(At(25, 18, 0));
        Assert.Equal(["+0 @camille tech-chat", "+15 @camille tech-chat", "+15 town tech-chat", "+45 robin@example.org tech-mail"], await team.PredictAsync("wiki"));
        await team.BeginAsync("wiki");
        await team.GoToAsync(At(25, 18, 5));
        await team.World.Actions.AcknowledgeAsync(1, IncidentWorld.Camille, null, null, null, Cancel);
        await team.GoToAsync(At(25, 18, 30));
        await team.World.EndAsync("wiki");

        // Tuesday sacha asks camille for a night, and she says yes.
        await team.GoToAsync(At(26, 10, 0));
        var swap = await team.OnCall.ProposeAsync(new() { Schedule = "tech", Asked = "camille", StartsAt = At(26, 22, 0), EndsAt = At(27, 4, 0) }, IncidentWorld.Sacha, Cancel);
        await team.GoToAsync(At(26, 10, 30));
        await team.OnCall.AnswerAsync(swap.Value.Id, SwapState.Accepted, IncidentWorld.Camille, Cancel);

        // That night nobody takes it until the last step; whom the simulator names are told, at its minutes, and nobody else.
        await team.GoToAsync(At(27, 1, 0));
        var predicted = await team.PredictAsync("wiki");
        await team.BeginAsync("wiki");
        await team.GoToAsync(At(27, 1, 50));
        Assert.Equal(predicted, team.Received.Where(r => r.At >= At(27, 1, 0)).OrderBy(r => r.At).ThenBy(r => r.To, StringComparer.Ordinal).Select(r => string.Create(CultureInfo.InvariantCulture, $"+{(r.At - At(27, 1, 0)).TotalMinutes} {r.To} {r.Through}")));
        await team.World.Actions.AcknowledgeAsync(2, SimulatedTeam.Robin, null, null, null, Cancel);
        await team.GoToAsync(At(27, 2, 0));
        await team.World.EndAsync("wiki");

        // Friday morning Mattermost itself is down: camille hears it by mail at once, although her way is the chat; the room's list too.
        await team.GoToAsync(At(29, 8, 0));
        team.Down.Add("tech-chat");
        await team.BeginAsync("mattermost");
        await team.GoToAsync(At(29, 8, 20));
        await team.World.Actions.AcknowledgeAsync(3, IncidentWorld.Camille, null, null, null, Cancel);
        await team.GoToAsync(At(29, 9, 0));
        team.Down.Clear();
        await team.World.EndAsync("mattermost");
        Assert.Contains(await team.World.TimelineAsync(3), t => t.Phrase is { Key: "delivery.fallback" } p && p.In(new("en")).Contains("stands on what is down: mattermost", StringComparison.Ordinal));

        // In the hour that comes twice the mail server is down: robin, who has nothing but mail and a phone.
        await team.GoToAsync(At(31, 1, 30));
        team.Down.Add("tech-mail");
        await team.BeginAsync("mail");
        await team.GoToAsync(At(31, 1, 50));
        await team.World.Actions.AcknowledgeAsync(4, SimulatedTeam.Robin, null, TimeSpan.FromHours(1), null, Cancel);
        await team.GoToAsync(At(31, 3, 10));
        team.Down.Clear();
        await team.World.EndAsync("mail");

        // Sunday's turn has 25 hours: at 17:50 in Paris it is still robin's, at 18:05 camille's.
        await team.GoToAsync(At(31, 16, 50));
        predicted = await team.PredictAsync("wiki");
        await team.BeginAsync("wiki");
        await team.GoToAsync(At(31, 17, 10));
        Assert.Equal(predicted[..3], team.Received.Where(r => r.At >= At(31, 16, 50)).OrderBy(r => r.At).ThenBy(r => r.To, StringComparer.Ordinal).Select(r => string.Create(CultureInfo.InvariantCulture, $"+{(r.At - At(31, 16, 50)).TotalMinutes} {r.To} {r.Through}")));
        await team.World.Actions.AcknowledgeAsync(5, IncidentWorld.Camille, null, null, null, Cancel);
        await team.GoToAsync(At(31, 17, 20));
        await team.World.EndAsync("wiki");
        await team.GoToAsync(At(32, 17, 0));

        // What the room missed on Friday it got within minutes of its return; when exactly, dice say.
        var late = team.Received.Where(r => r.To == "town" && r.At > At(29, 9, 0) && r.At < At(29, 9, 13)).ToList();
        Assert.Equal(2, late.Count);
        Assert.Equal([
            "Mon 18:00 tech-chat @camille", "Mon 18:30 tech-chat @camille",
            "Tue 10:00 tech-chat @camille", "Tue 10:30 tech-chat @sacha",
            "Wed 01:00 tech-chat @camille", "Wed 01:15 tech-chat @camille", "Wed 01:15 tech-chat town", "Wed 01:45 tech-mail robin@example.org",
            "Wed 02:00 tech-chat @camille", "Wed 02:00 tech-chat town", "Wed 02:00 tech-mail robin@example.org",
            "Fri 08:00 tech-mail camille@example.org", "Fri 08:15 tech-mail camille@example.org", "Fri 08:15 tech-mail tech@example.org",
            "Fri 09:00 tech-mail camille@example.org", "Fri 09:00 tech-mail tech@example.org",
            "Sun 01:30 phones robin-phone", "Sun 01:45 phones robin-phone", "Sun 01:45 tech-chat town",
            "Sun 02:50 phones robin-phone", "Sun 03:05 phones robin-phone", "Sun 03:05 tech-chat town",
            "Sun 03:10 phones robin-phone", "Sun 03:10 tech-chat town",
            "Sun 16:50 tech-mail robin@example.org", "Sun 17:05 tech-chat @camille", "Sun 17:05 tech-chat town",
            "Sun 17:20 tech-chat @camille", "Sun 17:20 tech-chat town", "Sun 17:20 tech-mail robin@example.org",
        ], team.Received.Except(late).OrderBy(r => r.At).ThenBy(r => r.Through, StringComparer.Ordinal).ThenBy(r => r.To, StringComparer.Ordinal).Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.At:ddd HH:mm} {r.Through} {r.To}")));

        // What the store says was sent is what arrived, and nothing is left to send.
        var deliveries = await team.DeliveriesAsync();
        Assert.Equal(team.Received.Count, deliveries.Count(d => d.State == DeliveryState.Sent));
        Assert.DoesNotContain(deliveries, d => d.State is DeliveryState.Pending or DeliveryState.Sending or DeliveryState.Failed);
        Assert.All(deliveries.Where(d => d.State == DeliveryState.Replaced), d => Assert.NotNull(d.Person));
    }

    [Fact]
    public async Task In_quiet_hours_what_is_mild_waits_and_comes_as_one_message_and_what_is_grave_does_not_wait()
    {
        await using var team = await SimulatedTeam.CreateAsync(postgres, At(25, 12, 0), _policy, _schedule);
        await using (var db = team.World.CreateDbContext())
        {
            var camille = db.People.Single(p => p.Name == "camille");
            camille.Contacts = camille.Contacts with { Quiet = new() { From = "22:00", To = "07:00", Below = Severity.High } };
            await db.SaveChangesAsync(Cancel);
        }
        await team.GoToAsync(At(25, 19, 59)); // 21:59 in Paris
        await team.World.BeginAsync("wiki", "low", TimeSpan.FromDays(30));
        await team.GoToAsync(At(25, 20, 0));
        Assert.Equal([At(25, 19, 59)], team.Received.Select(r => r.At));

        await team.World.Actions.AcknowledgeAsync(1, IncidentWorld.Camille, null, null, null, Cancel);
        foreach (var service in new[] { "door", "printer" }) await team.World.BeginAsync(service, "medium", TimeSpan.FromDays(30));
        await team.GoToAsync(At(25, 20, 1));
        await team.World.EndAsync("door", "medium");
        await team.World.Actions.AcknowledgeAsync(3, IncidentWorld.Camille, null, null, null, Cancel);
        await team.GoToAsync(At(25, 22, 0));
        Assert.Single(team.Received);
        Assert.Contains(await team.World.TimelineAsync(2), t => t.Phrase?.Key == "notice.quiet");
        await team.World.BeginAsync("chat", "critical", TimeSpan.FromDays(30));
        await team.GoToAsync(At(25, 22, 5));
        Assert.Equal([At(25, 19, 59), At(25, 22, 0)], team.Received.Select(r => r.At));
        await team.World.Actions.AcknowledgeAsync(4, IncidentWorld.Camille, null, null, null, Cancel);

        // What becomes graver is told at once, although its beginning waits.
        await team.World.Actions.SetSeverityAsync(3, IncidentWorld.Sacha, Severity.Critical, null, Cancel);
        await team.GoToAsync(At(25, 22, 6));
        Assert.Equal([At(25, 19, 59), At(25, 22, 0), At(25, 22, 5)], team.Received.Select(r => r.At));

        await team.GoToAsync(At(26, 8, 0));
        Assert.Equal([At(25, 19, 59), At(25, 22, 0), At(25, 22, 5), At(26, 5, 0)], team.Received.Select(r => r.At)); // 07:00 in Paris: the beginning of two and the end of one
        var waited = (await team.DeliveriesAsync()).Where(d => d.Reason == DeliveryReason.Later).ToList();
        Assert.Equal(3, waited.Count);
        Assert.All(waited, d => Assert.Equal((DeliveryState.Sent, At(26, 5, 0)), (d.State, d.SentAt)));
    }

    [Fact]
    public async Task Whoever_wants_one_message_a_day_gets_what_is_mild_at_their_hour_and_what_is_grave_at_once()
    {
        await using var team = await SimulatedTeam.CreateAsync(postgres, At(25, 12, 0), _policy, _schedule);
        await using (var db = team.World.CreateDbContext())
        {
            var camille = db.People.Single(p => p.Name == "camille");
            camille.Contacts = camille.Contacts with { Quiet = new() { From = "08:00", To = "08:00", Below = Severity.High } }; // the same hour twice
            await db.SaveChangesAsync(Cancel);
        }
        await team.GoToAsync(At(25, 19, 0));
        await BeginAsync(1, "wiki", "low");
        await BeginAsync(2, "door", "medium");
        await team.GoToAsync(At(25, 20, 0));
        Assert.Empty(team.Received);
        await BeginAsync(3, "chat", "critical");
        await team.GoToAsync(At(26, 5, 59));
        Assert.Equal([At(25, 20, 0)], team.Received.Select(r => r.At));
        await team.GoToAsync(At(26, 8, 0)); // 08:00 in Paris is behind it: two beginnings in one message
        Assert.Equal([At(25, 20, 0), At(26, 6, 0)], team.Received.Select(r => r.At));
        await BeginAsync(4, "printer", "medium");
        await team.GoToAsync(At(27, 7, 0));
        Assert.Equal([At(25, 20, 0), At(26, 6, 0), At(27, 6, 0)], team.Received.Select(r => r.At));
        Assert.All(team.Received, r => Assert.Equal("@camille", r.To));

        async Task BeginAsync(long number, string service, string severity)
        {
            await team.World.BeginAsync(service, severity, TimeSpan.FromDays(30));
            await team.GoToAsync(team.World.Clock.GetUtcNow());
            await team.World.Actions.AcknowledgeAsync(number, IncidentWorld.Sacha, null, null, null, Cancel); // else the next step calls others
        }
    }

    [Fact]
    public async Task Each_is_spoken_to_in_their_language_and_the_room_in_its_own()
    {
        await using var team = await SimulatedTeam.CreateAsync(postgres, At(25, 12, 0), _policy with { Steps = [new() { Notify = ["person:camille", "person:sacha", "channel:tech-chat"] }] }, _schedule);
        await using (var db = team.World.CreateDbContext())
        {
            db.People.Single(p => p.Name == "camille").Language = "en";
            await db.SaveChangesAsync(Cancel);
        }
        await team.BeginAsync("wiki");
        await team.GoToAsync(At(25, 12, 5));
        string BodyFor(string room) => Assert.Single(team.ChatBodies, b => b.Contains($"\"{room}\"", StringComparison.Ordinal));
        Assert.Contains("Severity", BodyFor("@camille"), StringComparison.Ordinal);
        Assert.All(new[] { "@sacha", "town" }, room => Assert.Contains("Gravité", BodyFor(room), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(20271025)]
    [InlineData(3)]
    [InlineData(42)]
    public async Task Whatever_channels_fail_somebody_is_told_at_once_and_nobody_twice_of_the_same_step(int seed)
    {
        const int Rounds = 8;
        var dice = new Random(seed);
        string[] channels = ["tech-chat", "tech-mail", "phones"];
        await using var team = await SimulatedTeam.CreateAsync(postgres, At(25, 12, 0), _policy with { Repeat = 1 }, _schedule);
        var now = At(25, 12, 0);
        for (var round = 0; round < Rounds; round++)
        {
            Fail();
            await team.BeginAsync("wiki");
            for (var turn = 0; turn < 3; turn++)
            {
                await team.GoToAsync(now += TimeSpan.FromSeconds(dice.Next(1, 1500)));
                Fail();
            }
            if (dice.Next(2) == 0) await team.World.Actions.AcknowledgeAsync(round + 1, IncidentWorld.Sacha, null, dice.Next(2) == 0 ? TimeSpan.FromMinutes(20) : null, null, Cancel);
            await team.GoToAsync(now += TimeSpan.FromMinutes(dice.Next(1, 60)));
            await team.World.EndAsync("wiki");
            await team.GoToAsync(now += TimeSpan.FromMinutes(dice.Next(20, 300)));
        }
        team.Down.Clear();
        await team.GoToAsync(now + TimeSpan.FromHours(1));

        var deliveries = await team.DeliveriesAsync();
        await using var db = team.World.CreateDbContext();
        foreach (var incident in db.Incidents.ToList())
        {
            var first = deliveries.Where(d => d.IncidentNumber == incident.Number && d.State == DeliveryState.Sent).Min(d => d.SentAt);
            Assert.Equal(TimeSpan.Zero, first - incident.OpenedAt); // one channel always works, and nobody waits for the others
        }
        // Everybody has one way of their own: two messages of one step to one person would be the way that failed and the one that stood in.
        Assert.All(deliveries.Where(d => d is { State: DeliveryState.Sent, Person: not null }).GroupBy(d => (d.Person, Step: d.IdempotencyKey.Split(":channel:")[0])), step => Assert.Single(step));
        Assert.Equal(team.Received.Count, deliveries.Count(d => d.State == DeliveryState.Sent));
        Assert.Equal(Rounds, db.Incidents.Count());

        void Fail()
        {
            team.Down.Clear();
            foreach (var name in dice.GetItems(channels, dice.Next(3))) team.Down.Add(name); // at most two of the three
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task While_nothing_reaches_anybody_it_is_tried_and_whichever_way_returns_first_tells_them_once(int seed)
    {
        var dice = new Random(seed);
        string[] channels = ["tech-chat", "tech-mail", "phones"];
        await using var team = await SimulatedTeam.CreateAsync(postgres, At(25, 12, 0), _policy, _schedule);
        team.Down.UnionWith(channels);
        await team.BeginAsync("wiki");
        var back = At(25, 12, 0) + TimeSpan.FromSeconds(dice.Next(60, 3600));
        await team.GoToAsync(back);
        Assert.Empty(team.Received);

        var first = channels[dice.Next(channels.Length)];
        team.Down.Remove(first);
        await team.GoToAsync(back + TimeSpan.FromMinutes(12)); // the longest pause between two tries
        Assert.NotEmpty(team.Received);
        Assert.All(team.Received, r => Assert.Equal(first, r.Through));

        team.Down.Clear();
        await team.GoToAsync(back + TimeSpan.FromHours(3));
        var deliveries = await team.DeliveriesAsync();
        Assert.All(deliveries.Where(d => d is { State: DeliveryState.Sent, Person: not null }).GroupBy(d => (d.Person, Step: d.IdempotencyKey.Split(":channel:")[0])), step => Assert.Single(step));
        Assert.Contains(deliveries, d => d is { State: DeliveryState.Sent, Person: not null });
        Assert.DoesNotContain(deliveries, d => d.State is DeliveryState.Pending or DeliveryState.Sending or DeliveryState.Failed);
    }

    private static DateTimeOffset At(int day, int hour, int minute) => new DateTimeOffset(2027, 10, 1, hour, minute, 0, TimeSpan.Zero).AddDays(day - 1);
}
