using MailKit;
using MailKit.Net.Imap;
using MailKit.Search;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Core.Incidents;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Notifications;

public sealed class ProofTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_channel_that_was_quiet_for_long_or_never_used_is_tried_and_one_that_carried_nothing_for_longer_is_an_alert()
    {
        await using var world = await IncidentWorld.CreateAsync(postgres);
        await using var services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(world.Clock).AddSingleton(new OpsSettings { Data = "/nonexistent" })
            .AddStorage(world.Source.ConnectionString, new string('k', 32)).AddNotifications().BuildServiceProvider();
        var kinds = services.GetRequiredService<ChannelKinds>();
        using var runner = new ProofRunner(world, kinds, new ChannelActions(world, kinds, world.Clock), world.Clock, NullLogger<ProofRunner>.Instance);
        var begins = world.Clock.GetUtcNow();
        await using (var db = world.CreateDbContext())
        {
            var channel = db.Channels.Add(new() { Name = "phone", Type = "ntfy", Settings = """{"topic": "tech"}""", CreatedAt = begins.AddDays(-90) }).Entity;
            db.Channels.Add(new() { Name = "never-used", Type = "ntfy", Settings = """{"topic": "other"}""", CreatedAt = begins });
            db.Channels.Add(new() { Name = "patient", Type = "ntfy", Settings = """{"topic": "other"}""", CreatedAt = begins, UnprovenAfter = TimeSpan.FromDays(60) });
            db.Channels.Add(new() { Name = "off", Type = "ntfy", Enabled = false, Settings = """{"topic": "other"}""", CreatedAt = begins.AddDays(-90) });
            await db.SaveChangesAsync(Cancel);
            db.Deliveries.Add(new() { IdempotencyKey = "x", ChannelId = channel.Id, ChannelName = "phone", Recipient = "tech", Reason = DeliveryReason.Test, State = DeliveryState.Sent, CreatedAt = begins, NextAttemptAt = begins, SentAt = begins });
            await db.SaveChangesAsync(Cancel);
        }
        await LaterAsync(TimeSpan.FromDays(6));
        Assert.Equal("", await TriedAsync());
        await LaterAsync(TimeSpan.FromDays(2));
        await runner.RunOnceAsync(Cancel); // not one at each look
        Assert.Equal("never-used phone", await TriedAsync());
        Assert.Empty(await AlertsAsync());
        await LaterAsync(TimeSpan.FromDays(7));
        Assert.Equal("never-used never-used phone phone", await TriedAsync()); // what did not arrive is followed by another
        Assert.Equal(["channel.never_proven never-used", "channel.unproven phone"], await AlertsAsync());
        await using (var db = world.CreateDbContext()) await db.Deliveries.Where(d => d.SentAt == null && d.ChannelName == "phone").ExecuteUpdateAsync(s => s.SetProperty(d => d.SentAt, world.Clock.GetUtcNow()), Cancel);
        await runner.RunOnceAsync(Cancel);
        Assert.Equal(["channel.never_proven never-used"], await AlertsAsync());

        Task LaterAsync(TimeSpan time)
        {
            world.Clock.Advance(time);
            return runner.RunOnceAsync(Cancel);
        }

        async Task<string> TriedAsync()
        {
            await using var db = world.CreateDbContext();
            return string.Join(' ', await db.Deliveries.Where(d => d.IdempotencyKey != "x").OrderBy(d => d.ChannelName).Select(d => d.ChannelName).ToListAsync(Cancel));
        }

        async Task<List<string>> AlertsAsync() => [.. (await world.AlertsAsync()).Where(a => a.ResolvedAt is null).Select(a => $"{a.Summary!.Key} {a.Labels["channel"]}").Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task A_mail_channel_finds_its_test_message_in_its_own_mailbox_and_one_that_never_comes_back_is_an_alert()
    {
        Assert.SkipUnless(MailServer.CanRun, "Postfix needs root");
        await using var server = await MailServer.CreateAsync();
        await using var rig = await OutboxRig.StartAsync(await postgres.CreateDatabaseAsync());
        await ReplyTests.AnswerableAsync(rig, server);
        using var proofs = new ProofRunner(rig.Services.GetRequiredService<IDbContextFactory<OpsDbContext>>(), rig.Services.GetRequiredService<ChannelKinds>(), rig.Channels, TimeProvider.System, NullLogger<ProofRunner>.Instance);
        await proofs.RunOnceAsync(Cancel);
        await Eventually.TrueAsync(async () => await rig.DeliveriesAsync() is [{ Recipient: "replies@example.org", Reason: DeliveryReason.Test, State: DeliveryState.Sent, ConfirmedAt: not null }], "the test message came back, and nobody else was bothered", 180);
        await Eventually.TrueAsync(async () => await ReadAsync() is ["[Picasoft.Ops] Essai du canal tech-mail"], "it is marked as read");

        // A fortnight later the server takes mail, and keeps it.
        await server.HoldAsync();
        await using (var db = await rig.DbAsync())
            await db.Database.ExecuteSqlAsync($"update deliveries set created_at = created_at - interval '15 days', sent_at = sent_at - interval '15 days', confirmed_at = confirmed_at - interval '15 days'", Cancel);
        await proofs.RunOnceAsync(Cancel);
        await rig.UntilAsync(d => d.Count(x => x.State == DeliveryState.Sent) == 2, "the server takes another");
        await proofs.RunOnceAsync(Cancel);
        await using (var db = await rig.DbAsync())
        {
            var alert = Assert.Single(await db.Alerts.Where(a => a.ResolvedAt == null).ToListAsync(Cancel));
            Assert.Equal(("channel.not_back", "tech-mail"), (alert.Summary!.Key, alert.Labels["channel"]));
            Assert.Contains("its own mailbox replies@example.org", alert.Summary.In(new("en")), StringComparison.Ordinal);
        }

        // What another mail client finds there that was read.
        async Task<List<string>> ReadAsync()
        {
            using var client = new ImapClient();
            await client.ConnectAsync("127.0.0.1", server.ImapPort, MailKit.Security.SecureSocketOptions.None, Cancel);
            await client.AuthenticateAsync(MailServer.User, MailServer.Password, Cancel);
            await client.Inbox!.OpenAsync(FolderAccess.ReadOnly, Cancel);
            var found = await client.Inbox.SearchAsync(SearchQuery.Seen.And(SearchQuery.HeaderContains(ReceiptLink.Header, "")), Cancel);
            return [.. (await client.Inbox.FetchAsync(found, MessageSummaryItems.Envelope, Cancel)).Select(m => m.Envelope!.Subject!)];
        }
    }

    [Fact]
    public async Task The_dead_mans_switch_outside_hears_that_the_node_lives_and_that_messages_are_stuck()
    {
        await using var outside = await HttpDouble.StartAsync(_ => (200, "OK"));
        await using var world = await IncidentWorld.CreateAsync(postgres);
        using var runner = new DeadManRunner(world, new OpsSettings { Data = "/nonexistent", DeadManUrl = $"http://127.0.0.1:{outside.Port}/ping/1234" }, world.Clock, NullLogger<DeadManRunner>.Instance);
        await runner.PingAsync(Cancel);
        await using (var db = world.CreateDbContext())
        {
            db.Deliveries.Add(new() { IdempotencyKey = "stuck", ChannelName = "x", Recipient = "y", Reason = DeliveryReason.Opened, CreatedAt = world.Clock.GetUtcNow(), NextAttemptAt = world.Clock.GetUtcNow() });
            await db.SaveChangesAsync(Cancel);
        }
        world.Clock.Advance(TimeSpan.FromMinutes(6));
        await runner.PingAsync(Cancel);
        Assert.Equal(["/ping/1234", "/ping/1234/fail"], outside.Seen.Select(s => s.Path));
    }
}
