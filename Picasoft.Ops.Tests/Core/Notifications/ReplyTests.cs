using MailKit.Net.Smtp;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using MimeKit;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Notifications.Channels;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Core.Incidents;
using Picasoft.Ops.Tests.Core.Probes;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Notifications;

/// <summary>Replies to our mails, through a real Postfix and read from a real Dovecot.</summary>
public sealed class ReplyTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reply_acknowledges_in_the_name_of_whoever_wrote_it_and_a_forged_one_does_nothing()
    {
        Assert.SkipUnless(MailServer.CanRun, "Postfix needs root");
        await using var server = await MailServer.CreateAsync();
        await using var rig = await OutboxRig.StartAsync(await postgres.CreateDatabaseAsync());
        await using (var db = await rig.DbAsync())
        {
            db.AddRange(Somebody("camille", Role.Responder), Somebody("vera", Role.Viewer));
            await db.SaveChangesAsync(Cancel);
        }
        await AnswerableAsync(rig, server, "mail.example.org");
        var number = await rig.OpenAsync("wiki");
        using var told = await server.WaitForMessageAsync(m => m.Headers["X-Picasoft-Incident"] is not null);
        Assert.Equal("replies@example.org", told.ReplyTo.Mailboxes.Single().Address);

        var forged = told.MessageId!.Replace("." + number + ".", ".9" + number + ".", StringComparison.Ordinal);
        var proven = ("Authentication-Results", "mail.example.org; spf=none smtp.mailfrom=bounce.example.net; dkim=pass (2048-bit key) header.d=example.org header.s=2026");
        await SendAsync(server, "camille", forged, "I guessed it", proven);
        await SendAsync(server, "eve", told.MessageId, "I have the mail, and am nobody", proven);
        await SendAsync(server, "vera", told.MessageId, "I may only look", proven);
        await SendAsync(server, "camille", told.MessageId, "I am on holiday", proven, ("Auto-Submitted", "auto-replied"));
        await SendAsync(server, "camille", told.MessageId, "I have the mail, and say that I am camille");
        await SendAsync(server, "camille", told.MessageId, "And bring my own witness", ("Authentication-Results", "mail.example.net; dmarc=pass header.from=example.org"));
        await SendAsync(server, "camille", told.MessageId, "And more of them", ("Authentication-Results", "mail.example.org; dmarc=fail header.from=example.org"), ("Authentication-Results", "mail.example.org; dmarc=pass header.from=example.org"));
        await SendAsync(server, "camille", told.MessageId, "On my way.\r\n\r\nOn Sun, 22 Nov 2026 at 18:00, Picasoft.Ops wrote:\r\n> Wiki is down", proven);

        await Eventually.TrueAsync(async () => (await rig.TimelineAsync(number)).Any(t => t.Kind == TimelineKind.Acknowledged), "the reply acknowledges");
        var taken = (await rig.TimelineAsync(number)).Single(t => t.Kind == TimelineKind.Acknowledged);
        Assert.Equal(("camille", "On my way."), (taken.By, taken.Text));
        Assert.DoesNotContain(await rig.TimelineAsync(number), t => t.Kind == TimelineKind.Note);
        // Who wrote the others, if it was she, learns that she was not heard.
        await Eventually.TrueAsync(async () => (await rig.TimelineAsync(number)).Any(t => t.Phrase?.Key == "reply.not_vouched"), "a reply that nobody vouches for is told on the incident");

        // Now somebody has it: a reply is a note.
        await SendAsync(server, "camille", told.MessageId, "The disk was full.", proven);
        await Eventually.TrueAsync(async () => (await rig.TimelineAsync(number)).Any(t => t is { Kind: TimelineKind.Note, By: "camille", Text: "The disk was full." }), "the second reply is a note");
        Assert.Single(await rig.TimelineAsync(number), t => t.Kind == TimelineKind.Note); // each mail is taken once
        Assert.Single(await rig.TimelineAsync(number), t => t.Phrase?.Key == "reply.not_vouched");
    }

    [Fact]
    public async Task A_mail_to_a_list_is_answered_by_nobody_where_no_server_vouches_for_senders_and_the_incident_says_so()
    {
        Assert.SkipUnless(MailServer.CanRun, "Postfix needs root");
        await using var server = await MailServer.CreateAsync();
        await using var rig = await OutboxRig.StartAsync(await postgres.CreateDatabaseAsync());
        await using (var db = await rig.DbAsync())
        {
            db.Add(Somebody("camille", Role.Responder));
            await db.SaveChangesAsync(Cancel);
        }
        await AnswerableAsync(rig, server);
        var number = await rig.OpenAsync("wiki");
        using var told = await server.WaitForMessageAsync(m => m.Headers["X-Picasoft-Incident"] is not null);
        await SendAsync(server, "camille", told.MessageId!, "I found this in the archive of the list", ("Authentication-Results", "mail.example.org; dmarc=pass header.from=example.org"));
        await Eventually.TrueAsync(async () => (await rig.TimelineAsync(number)).Any(t => t.Phrase?.Key == "reply.list"), "the incident says that a reply was not taken");
        Assert.DoesNotContain(await rig.TimelineAsync(number), t => t.Kind is TimelineKind.Acknowledged or TimelineKind.Note);
    }

    [Fact]
    public async Task A_mail_to_one_person_is_answered_by_nobody_else_whatever_stands_in_From()
    {
        Assert.SkipUnless(MailServer.CanRun, "Postfix needs root");
        await using var server = await MailServer.CreateAsync();
        await using var rig = await OutboxRig.StartAsync(await postgres.CreateDatabaseAsync());
        await using (var db = await rig.DbAsync())
        {
            db.AddRange(Somebody("camille", Role.Responder), Somebody("sacha", Role.Responder));
            db.Policies.Add(new() { Kind = PolicyKind.Escalation, Name = "default", Definition = Json.Text(new EscalationInput { Name = "default", Steps = [new() { Notify = ["person:sacha"] }] }) });
            await db.SaveChangesAsync(Cancel);
        }
        await AnswerableAsync(rig, server);
        var number = await rig.OpenAsync("wiki");
        using var told = await server.WaitForMessageAsync(m => m.Headers["X-Picasoft-Incident"] is not null);
        Assert.Equal("sacha@example.org", told.To.Mailboxes.Single().Address);

        await SendAsync(server, "camille", told.MessageId!, "The mail was forwarded to me: I say I am camille"); // a responder, and not the one it went to
        await SendAsync(server, "nobody", told.MessageId!, "I am nobody");
        await SendAsync(server, "sacha", told.MessageId!, "One of two", ("Sender", "eve@example.org"));
        await SendAsync(server, "sacha", told.MessageId!.Replace("." + number + ".", "." + (number + 1) + ".", StringComparison.Ordinal), "Another incident");
        await SendAsync(server, "sacha", told.MessageId!, "It is me.");
        await Eventually.TrueAsync(async () => (await rig.TimelineAsync(number)).Any(t => t.Kind == TimelineKind.Acknowledged), "sacha's reply acknowledges");
        await SendAsync(server, "camille", told.MessageId!, "A note in somebody's thread");
        await SendAsync(server, "sacha", told.MessageId!, "The last.");
        await Eventually.TrueAsync(async () => (await rig.TimelineAsync(number)).Any(t => t.Text == "The last."), "all before it were read");
        Assert.Equal([("sacha", "It is me."), ("sacha", "The last.")], (await rig.TimelineAsync(number)).Where(t => t.Kind is TimelineKind.Acknowledged or TimelineKind.Note).Select(t => (t.By, t.Text!)));
    }

    /// <summary>What OpenDKIM, alone or with OpenDMARC, writes in a real Postfix is what counts; what a mail brings along is not.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whoever_signs_their_mail_is_vouched_for_by_real_filters_and_nobody_else(bool judge)
    {
        Assert.SkipUnless(MailServer.CanRun, "Postfix needs root");
        await using var filters = await MailFilters.StartAsync(judge);
        await using var server = await MailServer.CreateAsync(filters.Milters);
        await using var rig = await OutboxRig.StartAsync(await postgres.CreateDatabaseAsync());
        await using (var db = await rig.DbAsync())
        {
            db.Add(Somebody("camille", Role.Responder));
            await db.SaveChangesAsync(Cancel);
        }
        await AnswerableAsync(rig, server, MailFilters.Name);
        var number = await rig.OpenAsync("wiki");
        using var told = await server.WaitForMessageAsync(m => m.Headers["X-Picasoft-Incident"] is not null);
        var lie = ("Authentication-Results", $"{MailFilters.Name}; dkim=pass header.d=example.org; dmarc=pass header.from=example.org");
        await SendAsync(server, "camille", told.MessageId!, "I say who I am", _ => { }, lie);
        await SendAsync(server, "camille", told.MessageId!, "Somebody else says so", m => filters.Sign(m, "example.net"), lie);
        await SendAsync(server, "camille", told.MessageId!, "It was said of other words", m =>
        {
            filters.Sign(m, "example.org");
            ((TextPart)m.Body!).Text = "Nothing to see here";
        });
        await SendAsync(server, "camille", told.MessageId!, "On my way.", m => filters.Sign(m, "example.org"));
        await Eventually.TrueAsync(async () => (await rig.TimelineAsync(number)).Any(t => t.Kind == TimelineKind.Acknowledged), "the signed reply acknowledges", 180);
        await SendAsync(server, "camille", told.MessageId!, "The disk was full.", m => filters.Sign(m, "example.org"));
        await Eventually.TrueAsync(async () => (await rig.TimelineAsync(number)).Any(t => t.Text == "The disk was full."), "all of them were read", 180);

        var timeline = await rig.TimelineAsync(number);
        Assert.Equal(["On my way.", "The disk was full."], timeline.Where(t => t.Kind is TimelineKind.Acknowledged or TimelineKind.Note).Select(t => t.Text!));
        Assert.Single(timeline, t => t.Phrase?.Key == "reply.not_vouched");
        var found = (await server.ReadMessagesAsync()).Where(m => m.TextBody?.Trim() == "On my way.").SelectMany(m => m.Headers).Where(h => h.Id == HeaderId.AuthenticationResults).Select(h => h.Value).ToList();
        Assert.Contains(found, f => f.Contains("dkim=pass", StringComparison.Ordinal));
        Assert.Equal(judge, found.Exists(f => f.Contains("dmarc=pass", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_mailbox_that_cannot_be_read_is_an_alert_until_it_can()
    {
        await using var world = await IncidentWorld.CreateAsync(postgres);
        await using var services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(world.Clock).AddSingleton(new OpsSettings { Data = "/nonexistent" })
            .AddStorage(world.Source.ConnectionString, new string('k', 32)).AddNotifications().BuildServiceProvider();
        var kinds = services.GetRequiredService<ChannelKinds>();
        await using (var db = world.CreateDbContext())
        {
            db.Channels.Add(new() { Name = "tech-mail", Type = "email", Settings = kinds.Stored(new EmailSettings { From = "ops@example.org", To = ["tech@example.org"], Smtp = new() { Host = "127.0.0.1" }, Replies = new() { Host = "127.0.0.1", Port = RealProgram.FreePort(), Tls = Picasoft.Ops.Core.Probes.Kinds.MailTls.None, User = "replies", Password = new("x") } }) });
            await db.SaveChangesAsync(Cancel);
        }
        using var runner = new ReplyRunner(world, kinds, new LinkSigner(new string('k', 32)), world.Clock, NullLogger<ReplyRunner>.Instance);
        await runner.RunOnceAsync(Cancel);
        world.Clock.Advance(ReplyRunner.UnreadFor - TimeSpan.FromMinutes(1));
        await runner.RunOnceAsync(Cancel);
        Assert.Empty(await world.AlertsAsync()); // a mail server that restarts
        world.Clock.Advance(TimeSpan.FromMinutes(2));
        await runner.RunOnceAsync(Cancel);
        await runner.RunOnceAsync(Cancel);
        var alert = Assert.Single(await world.AlertsAsync());
        Assert.Equal((ReplyRunner.AlertName, "tech-mail", null), (alert.Labels["alertname"], alert.Labels["channel"], alert.ResolvedAt));
        Assert.Contains("cannot be read", alert.Summary!.In(new("en")), StringComparison.Ordinal);

        // Read no more, as when the setting is taken out: there is nothing to warn of.
        await using (var db = world.CreateDbContext()) await db.Channels.ExecuteUpdateAsync(s => s.SetProperty(c => c.Enabled, false), Cancel);
        await runner.RunOnceAsync(Cancel);
        Assert.NotNull(Assert.Single(await world.AlertsAsync()).ResolvedAt);
    }

    [Theory]
    [InlineData("Yes\n\nLe dim. 22 nov. 2026 à 18:00, Ops a écrit :\n> x", "Yes")]
    [InlineData("Yes\n-- \nCamille", "Yes")]
    [InlineData("> x\nbelow", "")]
    [InlineData("two\nlines\n", "two\nlines")]
    public void What_is_quoted_is_no_comment(string body, string comment) => Assert.Equal(comment, ReplyKey.CommentOf(new MimeMessage { Body = new TextPart("plain") { Text = body } }));

    [Fact]
    public void Another_products_signature_is_not_ours()
    {
        var mail = new MimeMessage { InReplyTo = $"{new string('a', 32)}.{new ReplyKey(12, "0123456789abcdef").Sign(new LinkSigner(new string('k', 32)))}@example.org" };
        Assert.Equal(12, ReplyKey.Of(mail, new(new string('k', 32)))?.Incident);
        Assert.Null(ReplyKey.Of(mail, new(new string('l', 32))));
    }

    /// <summary>A channel whose mails may be answered.</summary>
    /// <param name="vouching">The server that says who really wrote a mail.</param>
    internal static async Task AnswerableAsync(OutboxRig rig, MailServer server, string? vouching = null)
    {
        var json = $$"""
            {"name": "tech-mail", "type": "email", "from": "ops@example.org", "to": ["tech@example.org"], "language": "en", "smtp": {"host": "127.0.0.1", "tls": "none", "port": {{server.Port}} },
             "replies": {"host": "127.0.0.1", "port": {{server.ImapPort}}, "tls": "none", "user": "{{MailServer.User}}", "password": "{{MailServer.Password}}", "address": "replies@example.org", "authserv_id": "{{vouching}}"} }
            """;
        Assert.Null((await rig.Channels.CreateAsync(InputReader.Read<ChannelInput>(JsonInput.Parse(System.Text.Encoding.UTF8.GetBytes(json)).Value).Value, Actor.System, CancellationToken.None)).Refusal);
    }

    private static Person Somebody(string name, Role role) => new()
    {
        Name = name,
        Role = role,
        UserName = name,
        NormalizedUserName = name.ToUpperInvariant(),
        Email = $"{name}@example.org",
        NormalizedEmail = $"{name}@example.org".ToUpperInvariant(),
        CreatedAt = DateTimeOffset.UnixEpoch,
    };

    private static Task SendAsync(MailServer server, string from, string inReplyTo, string text, params (string Name, string Value)[] headers) => SendAsync(server, from, inReplyTo, text, _ => { }, headers);

    private static async Task SendAsync(MailServer server, string from, string inReplyTo, string text, Action<MimeMessage> sign, params (string Name, string Value)[] headers)
    {
        using var mail = new MimeMessage { Subject = "Re: it is down", InReplyTo = inReplyTo, Body = new TextPart("plain") { Text = text } };
        mail.From.Add(new MailboxAddress(from, $"{from}@example.org"));
        mail.To.Add(new MailboxAddress("Ops", "replies@example.org"));
        foreach (var (name, value) in headers) mail.Headers.Add(name, value);
        sign(mail);
        using var client = new SmtpClient();
        await client.ConnectAsync("127.0.0.1", server.Port, MailKit.Security.SecureSocketOptions.None, Cancel);
        await client.SendAsync(mail, Cancel);
        await client.DisconnectAsync(quit: true, Cancel);
    }
}
