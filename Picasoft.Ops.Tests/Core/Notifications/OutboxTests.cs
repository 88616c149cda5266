using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Notifications;

/// <summary>From an incident's timeline to the mail server: real PostgreSQL, real SMTP.</summary>
public sealed class OutboxTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Beginning_and_end_reach_every_recipient_as_one_conversation()
    {
        await using var smtp = new ScriptedSmtp();
        await using var rig = await OutboxRig.StartAsync(await postgres.CreateDatabaseAsync());
        await rig.AddChannelAsync("tech-mail", smtp.Port, "tech@example.org", "camille@example.org");

        var number = await rig.OpenAsync("mattermost");
        await rig.UntilAsync(d => d.Count(x => x.State == DeliveryState.Sent) == 2, "both are told");
        await rig.AddChannelAsync("later", smtp.Port, "newcomer@example.org");
        await rig.ResolveAsync(number);
        await rig.UntilAsync(d => d.Count(x => x.State == DeliveryState.Sent) == 4, "both are told of the end");

        var mails = smtp.Messages.Where(m => m.To.ToString() == "tech@example.org").ToList();
        Assert.Equal(["[Picasoft.Ops] #1 Critique : Mattermost ne répond plus", "résolu"], [mails[0].Subject!.Replace('\u202f', ' '), mails[1].Subject!.Split(' ')[2].TrimEnd('\u202f', ':')]);
        Assert.Equal(mails[0].MessageId, mails[1].InReplyTo);
        Assert.DoesNotContain(smtp.Messages, m => m.To.ToString() == "newcomer@example.org");
        Assert.Equal(4, smtp.Messages.Select(m => m.MessageId).Distinct().Count());
        var timeline = await rig.TimelineAsync(number);
        Assert.Equal(4, timeline.Count(t => t.Kind == TimelineKind.Told));
        Assert.Contains("tech@example.org remis par tech-mail", timeline.First(t => t.Kind == TimelineKind.Told && t.Data!.Contains("tech@", StringComparison.Ordinal)).Phrase!.In(CultureInfo.GetCultureInfo("fr")), StringComparison.Ordinal);
        Assert.Contains("queued as 42", timeline.Last().Phrase!.In(CultureInfo.GetCultureInfo("en")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silenced_incident_sends_nothing_and_says_why_neither_at_its_end()
    {
        await using var smtp = new ScriptedSmtp();
        await using var rig = await OutboxRig.StartAsync(await postgres.CreateDatabaseAsync());
        await rig.AddChannelAsync("tech-mail", smtp.Port, "tech@example.org");
        var now = TimeProvider.System.GetUtcNow();
        await using (var db = await rig.DbAsync())
        {
            db.Silences.Add(new() { Uuid = Guid.NewGuid(), Matchers = ["service=\"bob\""], StartsAt = now.AddMinutes(-1), EndsAt = now.AddHours(1), CreatedBy = "camille", CreatedAt = now, UpdatedAt = now });
            await db.SaveChangesAsync();
        }

        var number = await rig.OpenAsync("bob");
        await rig.UntilDecidedAsync();
        await rig.ResolveAsync(number);
        await rig.UntilDecidedAsync();

        Assert.Empty(await rig.DeliveriesAsync());
        Assert.Equal(["notice.held", "notice.nobody_was_told"], (await rig.TimelineAsync(number)).Where(t => t.Kind == TimelineKind.Decision).Select(t => t.Phrase!.Key));
        await using var check = await rig.DbAsync();
        Assert.Null((await check.Incidents.SingleAsync()).ToldAt);
    }

    [Fact]
    public async Task A_mail_server_that_is_down_for_two_minutes_loses_nothing_and_gets_nothing_twice()
    {
        Assert.SkipUnless(MailServer.CanRun, "Postfix needs root");
        await using var server = await MailServer.CreateAsync();
        await server.StopAsync();
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var rig = await OutboxRig.StartAsync(await postgres.CreateDatabaseAsync(), clock);
        await rig.AddChannelAsync("tech-mail", server.Port, "tech@example.org");

        for (var i = 0; i < 5; i++) await rig.OpenAsync($"service-{i}", $"Service {i} en panne");
        await rig.UntilAsync(d => d.Count(x => x.Attempts > 0 && x.State == DeliveryState.Pending) == 5, "all were tried and wait");
        Assert.All(await rig.DeliveriesAsync(), d => Assert.Equal("email.connection_refused", d.LastOutcome!.Key));
        for (var down = clock.GetUtcNow(); clock.GetUtcNow() - down < TimeSpan.FromMinutes(2);) await PassAsync(rig, clock);
        Assert.All(await rig.DeliveriesAsync(), d => Assert.InRange(d.Attempts, 4, 6)); // at once, then after 5, 15, 30 and 60 s, more or less
        Assert.All(await rig.DeliveriesAsync(), d => Assert.Equal(DeliveryState.Pending, d.State));

        await server.StartAsync();
        for (var up = clock.GetUtcNow(); (await rig.DeliveriesAsync()).Any(d => d.State != DeliveryState.Sent);)
        {
            Assert.True(clock.GetUtcNow() - up < TimeSpan.FromMinutes(3), "not sent within three minutes of its return");
            await PassAsync(rig, clock);
        }

        await server.WaitForMessageAsync(m => m.Subject!.Contains("Service 4", StringComparison.Ordinal));
        await Eventually.TrueAsync(async () => (await server.ReadMessagesAsync()).Count >= 5, "five mails are there");
        for (var i = 0; i < 300; i++) await PassAsync(rig, clock); // nothing comes late
        Assert.Equal(5, (await server.ReadMessagesAsync()).Select(m => m.Subject).Distinct().Count());
        Assert.Equal(5, (await server.ReadMessagesAsync()).Count);
        Assert.Contains((await rig.TimelineAsync(1)), t => t.Kind == TimelineKind.NotTold);
        Assert.Contains((await rig.TimelineAsync(1)), t => t.Kind == TimelineKind.Told);
    }

    /// <summary>A second goes by, and what is due is tried: an attempt takes none of it.</summary>
    private static async Task PassAsync(OutboxRig rig, FakeTimeProvider clock)
    {
        clock.Advance(TimeSpan.FromSeconds(1));
        if (WasTried(await rig.DeliveriesAsync())) return;
        // Its own timer may have been set a moment ago, for a little later than now.
        await using var db = await rig.DbAsync();
        await ChangeSignal.PublishAsync(db, DeliveryRunner.Topic, 0, CancellationToken.None);
        await rig.UntilAsync(WasTried, "what is due was tried");

        bool WasTried(List<Delivery> all) => all.TrueForAll(d => d.State != DeliveryState.Sending && (d.State != DeliveryState.Pending || d.NextAttemptAt > clock.GetUtcNow()));
    }

    [Fact]
    public async Task What_a_dead_node_had_in_hand_is_sent_by_another_when_its_lease_ends()
    {
        await using var smtp = new ScriptedSmtp();
        await using var rig = await OutboxRig.StartAsync(await postgres.CreateDatabaseAsync());
        var channel = await rig.AddChannelAsync("tech-mail", smtp.Port, "tech@example.org");
        var now = TimeProvider.System.GetUtcNow();
        await using (var db = await rig.DbAsync())
        {
            db.Deliveries.Add(new() { IdempotencyKey = "dead", ChannelId = channel.Id, ChannelName = channel.Name, Recipient = "tech@example.org", Reason = "opened", State = DeliveryState.Sending, Attempts = 1, CreatedAt = now, NextAttemptAt = now, LeaseUntil = now.AddSeconds(1) });
            await db.SaveChangesAsync();
        }

        await rig.UntilAsync(d => d[0].State == DeliveryState.Sent, "it is sent");

        Assert.Equal(2, (await rig.DeliveriesAsync())[0].Attempts);
        Assert.Single(smtp.Messages);
    }

    [Fact]
    public async Task A_node_that_stops_in_the_middle_gives_back_what_it_had_and_the_next_sends_it_once()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var smtp = new ScriptedSmtp { Answer = (verb, _) => verb == "DATA" ? "" : null };
        await using (var first = await OutboxRig.StartAsync(database))
        {
            await first.AddChannelAsync("tech-mail", smtp.Port, "tech@example.org");
            await first.OpenAsync("mattermost");
            await first.UntilAsync(d => d.Count == 1 && d[0].State == DeliveryState.Sending && smtp.Connections == 1, "the server has the node hanging");
        }
        smtp.Answer = (_, _) => null;
        await using var second = await OutboxRig.StartAsync(database);

        await second.UntilAsync(d => d[0].State == DeliveryState.Sent, "the other node sends it");
        Assert.Single(smtp.Messages);
    }

    [Fact]
    public async Task A_mail_server_that_hangs_does_not_hold_up_another_channel()
    {
        await using var hanging = new ScriptedSmtp { Answer = (verb, _) => verb == "*" ? "" : null };
        await using var good = new ScriptedSmtp();
        await using var rig = await OutboxRig.StartAsync(await postgres.CreateDatabaseAsync());
        await rig.AddChannelAsync("hangs", hanging.Port, [.. Enumerable.Range(0, 20).Select(i => $"p{i}@example.org")]);
        await rig.AddChannelAsync("works", good.Port, "tech@example.org");

        await rig.OpenAsync("mattermost");

        await rig.UntilAsync(d => d.Count(x => x.State == DeliveryState.Sent) == 1, "the other channel has sent");
        await Eventually.TrueAsync(() => Task.FromResult(hanging.Connections > 0), "the other is tried");
        Assert.InRange(hanging.Connections, 1, 8);
    }

    [Fact]
    public async Task An_end_never_arrives_before_its_beginning()
    {
        var refuse = true;
        await using var smtp = new ScriptedSmtp { Answer = (verb, _) => verb == "RCPT" && refuse ? "450 4.2.0 later" : null };
        await using var rig = await OutboxRig.StartAsync(await postgres.CreateDatabaseAsync());
        await rig.AddChannelAsync("tech-mail", smtp.Port, "tech@example.org");

        var number = await rig.OpenAsync("mattermost");
        await rig.UntilAsync(d => d.Count == 1 && d[0].Attempts >= 1 && d[0].State == DeliveryState.Pending, "the beginning waits");
        refuse = false;
        await rig.ResolveAsync(number);
        await rig.UntilAsync(d => d.Count(x => x.State == DeliveryState.Sent) == 2, "both are sent");

        Assert.Equal([false, true], smtp.Messages.Select(m => m.Subject!.Contains("résolu", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_refusal_for_good_is_shown_and_not_tried_again_and_its_end_is_not_told()
    {
        await using var smtp = new ScriptedSmtp { Answer = (verb, line) => verb == "RCPT" && line.Contains("gone@", StringComparison.Ordinal) ? "550 5.1.1 no such user" : null };
        await using var rig = await OutboxRig.StartAsync(await postgres.CreateDatabaseAsync());
        await rig.AddChannelAsync("tech-mail", smtp.Port, "gone@example.org", "tech@example.org");

        var number = await rig.OpenAsync("mattermost");
        await rig.UntilAsync(d => d.Count == 2 && d.All(x => x.State is DeliveryState.Sent or DeliveryState.Failed), "both are settled");
        await rig.ResolveAsync(number);
        await rig.UntilAsync(d => d.Count == 3 && d[2].State == DeliveryState.Sent, "the end is sent");

        var failed = (await rig.DeliveriesAsync()).Single(d => d.Recipient == "gone@example.org");
        Assert.Equal((DeliveryState.Failed, 1), (failed.State, failed.Attempts));
        Assert.Contains("550 5.1.1 no such user", failed.LastOutcome!.In(), StringComparison.Ordinal);
        Assert.Contains((await rig.TimelineAsync(number)), t => t.Kind == TimelineKind.NotTold && t.Phrase!.In().Contains("no such user", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_nodes_share_one_outbox_and_send_everything_once()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var smtp = new ScriptedSmtp();
        await using var one = await OutboxRig.StartAsync(database);
        await using var two = await OutboxRig.StartAsync(database);
        await one.AddChannelAsync("tech-mail", smtp.Port, "tech@example.org", "camille@example.org");

        for (var i = 0; i < 20; i++) await one.OpenAsync($"service-{i}");
        await one.UntilAsync(d => d.Count == 40 && d.All(x => x.State == DeliveryState.Sent), "all are sent");

        Assert.Equal(40, smtp.Messages.Count);
        Assert.Equal(40, smtp.Messages.Select(m => m.MessageId).Distinct().Count());
    }

    [Fact]
    public async Task From_the_commit_of_an_incident_to_the_mail_servers_door_nobody_waits_for_a_clock()
    {
        await using var smtp = new ScriptedSmtp();
        // It stands still: whoever looked again after a while would never look. How long it takes is measured by ./ops bench.
        await using var rig = await OutboxRig.StartAsync(await postgres.CreateDatabaseAsync(), new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 60)));
        await rig.AddChannelAsync("tech-mail", smtp.Port, "tech@example.org");
        for (var i = 1; i <= 20; i++)
        {
            await rig.OpenAsync($"s{i}");
            await Eventually.TrueAsync(() => Task.FromResult(smtp.Messages.Count == i), "the mail is there");
        }
    }

    [Fact]
    public async Task A_channels_password_is_sealed_kept_by_a_mask_and_never_in_the_audit_log()
    {
        await using var smtp = new ScriptedSmtp();
        await using var rig = await OutboxRig.StartAsync(await postgres.CreateDatabaseAsync());
        var created = await rig.Channels.CreateAsync(Input("hunter2", smtp.Port), Actor.System, CancellationToken.None);
        var kept = await rig.Channels.UpdateAsync("tech-mail", Input(Secret.Mask, smtp.Port), created.Value.Version, Actor.System, CancellationToken.None);

        Assert.True(kept.IsDone, kept.Refusal?.ToString());
        await using var db = await rig.DbAsync();
        var stored = (await db.Channels.SingleAsync()).Settings;
        Assert.DoesNotContain("hunter2", stored, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret.Mask, stored, StringComparison.Ordinal);
        Assert.Contains("v1:", stored, StringComparison.Ordinal);
        var audit = await db.Set<Picasoft.Ops.Core.People.AuditEntry>().OrderBy(a => a.Id).ToListAsync();
        Assert.Equal(["channel.create", "channel.update"], audit.Select(a => a.Action));
        Assert.All(audit, a => Assert.DoesNotContain("hunter2", a.After!, StringComparison.Ordinal));
        Assert.Equal("name", (await rig.Channels.CreateAsync(Input("x", smtp.Port), Actor.System, CancellationToken.None)).Refusal!.Errors[0].Field);

        var stale = await rig.Channels.UpdateAsync("tech-mail", Input(Secret.Mask, smtp.Port), created.Value.Version, Actor.System, CancellationToken.None);
        Assert.Equal(RefusalKind.Conflict, stale.Refusal!.Kind);

        static ChannelInput Input(string password, int port) => InputReader.Read<ChannelInput>(JsonInput.Parse(System.Text.Encoding.UTF8.GetBytes(
            $$$"""{"name": "tech-mail", "type": "email", "from": "ops@example.org", "to": "tech@example.org", "smtp": {"host": "127.0.0.1", "port": {{{port}}}, "tls": "none", "user": "ops", "password": "{{{password}}}"}}""")).Value).Value;
    }

    [Fact]
    public async Task A_test_message_is_tried_once_and_says_what_came_of_it()
    {
        var smtp = new ScriptedSmtp();
        await using var rig = await OutboxRig.StartAsync(await postgres.CreateDatabaseAsync());
        await rig.AddChannelAsync("tech-mail", smtp.Port, "tech@example.org");

        await rig.Channels.SendTestAsync("tech-mail", Actor.System, CancellationToken.None);
        await rig.UntilAsync(d => d.Count == 1 && d[0].State == DeliveryState.Sent, "the test is sent");
        Assert.Equal("[Picasoft.Ops] Essai du canal tech-mail", Assert.Single(smtp.Messages).Subject);

        await smtp.DisposeAsync();
        await rig.Channels.SendTestAsync("tech-mail", Actor.System, CancellationToken.None);
        await rig.UntilAsync(d => d.Count == 2 && d[1].State == DeliveryState.Failed, "the test has failed");
        Assert.Equal("email.connection_refused", (await rig.DeliveriesAsync())[1].LastOutcome!.Key);
    }
}
