using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Core.Notifications;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Stories;

/// <summary>Never through the thing that is down: a chat that fails, or stands on what failed, and the mail that stands in for it.</summary>
public sealed class FallbackStory(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_channel_that_fails_is_not_waited_for_and_the_incident_says_why()
    {
        await using var chat = await HttpDouble.StartAsync(_ => (500, "down"));
        await using var mail = new ScriptedSmtp();
        await using var rig = await OutboxRig.StartAsync(await postgres.CreateDatabaseAsync());
        await PrepareAsync(rig, chat.Port, mail.Port, "channel:tech-chat");
        var number = await rig.OpenAsync("wiki");
        await rig.UntilAsync(d => d.Any(x => x.ChannelName == "tech-mail" && x.State == DeliveryState.Sent), "the mail is sent");
        var fallback = (await rig.TimelineAsync(number)).Single(t => t.Phrase?.Key == "delivery.fallback");
        Assert.Contains("tech-chat is not enough: tech-mail is used as well", fallback.Phrase!.In(new("en")), StringComparison.Ordinal);
        // The chat is tried again, the mail is not sent twice.
        await rig.UntilAsync(d => d.Any(x => x.ChannelName == "tech-chat" && x.State == DeliveryState.Pending), "the chat waits for its next try");
        Assert.Equal(["tech-chat", "tech-mail"], (await rig.DeliveriesAsync()).Select(d => d.ChannelName));
        Assert.Single(mail.Messages);

        // Who was told of the beginning is told of the end, the same way.
        await rig.ResolveAsync(number);
        await rig.UntilAsync(d => d.Any(x => x is { ChannelName: "tech-mail", Reason: "resolved", State: DeliveryState.Sent }), "the end is told by mail");
    }

    [Fact]
    public async Task A_channel_that_stands_on_what_is_down_is_not_trusted_although_it_seems_to_work()
    {
        await using var chat = await HttpDouble.StartAsync(_ => (200, "ok"));
        await using var mail = new ScriptedSmtp();
        await using var rig = await OutboxRig.StartAsync(await postgres.CreateDatabaseAsync());
        await PrepareAsync(rig, chat.Port, mail.Port, "channel:tech-chat");
        await rig.OpenAsync("postgres"); // the chat depends on mattermost, and that on postgres
        await rig.UntilAsync(d => d.Count == 2 && d.All(x => x.State == DeliveryState.Sent), "both are sent");
        Assert.Contains((await rig.TimelineAsync(1)), t => t.Phrase is { Key: "delivery.fallback" } p && p.In(new("en")).Contains("stands on what is down: postgres", StringComparison.Ordinal));

        // Another incident that has nothing to do with it takes the same care: the chat's ground is still broken.
        await rig.OpenAsync("wiki");
        await rig.UntilAsync(d => d.Count == 4 && d.All(x => x.State == DeliveryState.Sent), "both are sent again");
    }

    [Fact]
    public async Task A_person_is_reached_by_their_own_other_way()
    {
        await using var chat = await HttpDouble.StartAsync(_ => (500, "down"));
        await using var mail = new ScriptedSmtp();
        await using var rig = await OutboxRig.StartAsync(await postgres.CreateDatabaseAsync());
        await PrepareAsync(rig, chat.Port, mail.Port, "person:camille");
        await rig.OpenAsync("wiki");
        await rig.UntilAsync(d => d.Any(x => x.ChannelName == "tech-mail" && x.State == DeliveryState.Sent), "the mail is sent");
        Assert.Equal([("tech-chat", "@camille", "camille"), ("tech-mail", "camille@example.org", "camille")], (await rig.DeliveriesAsync()).Select(d => (d.ChannelName, d.Recipient, d.Person!)));
    }

    [Fact]
    public async Task When_no_fallback_is_left_somebody_screams()
    {
        await using var chat = await HttpDouble.StartAsync(_ => (500, "down"));
        await using var siren = await HttpDouble.StartAsync(_ => (200, "ok"));
        await using var mail = new ScriptedSmtp();
        await using var rig = await OutboxRig.StartAsync(await postgres.CreateDatabaseAsync());
        await PrepareAsync(rig, chat.Port, 1, "channel:tech-chat"); // nobody listens on port 1: the mail server is down too
        await AddAsync(rig, $$"""{"name": "siren", "type": "ntfy", "server": "http://127.0.0.1:{{siren.Port}}", "topic": "scream", "scream": true}""");
        await rig.OpenAsync("wiki");
        await rig.UntilAsync(d => d.Any(x => x.ChannelName == "siren" && x.State == DeliveryState.Sent), "the siren is heard");
        Assert.Equal(["siren", "tech-chat", "tech-mail"], (await rig.DeliveriesAsync()).Select(d => d.ChannelName).Order());
    }

    private static async Task PrepareAsync(OutboxRig rig, int chatPort, int mailPort, string notify)
    {
        await using (var db = await rig.DbAsync())
        {
            db.AddRange(new Service { Name = "mattermost", DependsOn = ["postgres"] }, new Service { Name = "postgres" }, new Service { Name = "wiki" });
            db.Add(new Person { Name = "camille", UserName = "camille", NormalizedUserName = "CAMILLE", Email = Cast.CamilleMail, NormalizedEmail = Cast.CamilleMail.ToUpperInvariant(), Contacts = new() { Mattermost = "camille", Through = ["tech-chat"] }, CreatedAt = TimeProvider.System.GetUtcNow() });
            db.Policies.Add(new() { Kind = PolicyKind.Escalation, Name = "default", Definition = Json.Text(new EscalationInput { Name = "default", Steps = [new() { Notify = [notify] }] }) });
            await db.SaveChangesAsync(Cancel);
        }
        await AddAsync(rig, $$$"""{"name": "tech-mail", "type": "email", "from": "ops@example.org", "to": ["tech@example.org"], "smtp": {"host": "127.0.0.1", "port": {{{mailPort}}}, "tls": "none"}}""");
        await AddAsync(rig, $$"""{"name": "tech-chat", "type": "mattermost", "url": "http://127.0.0.1:{{chatPort}}/hooks/key", "fallback": "tech-mail", "dependsOn": ["mattermost"]}""");
    }

    private static async Task AddAsync(OutboxRig rig, string json)
    {
        var input = InputReader.Read<ChannelInput>(JsonInput.Parse(System.Text.Encoding.UTF8.GetBytes(json)).Value).Value;
        Assert.Null((await rig.Channels.CreateAsync(input, Actor.System, Cancel)).Refusal);
    }
}
