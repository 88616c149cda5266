using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Notifications.Channels;
using Picasoft.Ops.Core.Notifications.Templates;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Rules;

namespace Picasoft.Ops.Tests.Core.Notifications;

/// <summary>What goes over the wire, against doubles that answer as each product's documentation says; Apprise is the real one.</summary>
public sealed class ChannelContractTests
{
    private static readonly LinkSigner _signer = new(new string('k', 32));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Message Page => new("[Picasoft.Ops] #12 Critical: chat is down", "text", null, "id-1", "thread-1", true, 12)
    {
        Title = "#12 Critical: chat is down",
        Brief = "#12 Critical: chat is down",
        Body = "connection refused @all [here](http://evil)",
        Short = "Service: chat",
        Sms = "#12 Critical: chat is down https://ops.example.org/incidents/12",
        Facts = [new("Service", "chat"), new("Who has it", "nobody yet")],
        Actions = [new(MessageAction.Acknowledge, "I take it"), new(MessageAction.Silence, "Silence 1 h"), new(MessageAction.Resolve, "It is over")],
        ActionsUntil = new(2026, 11, 26, 0, 0, 0, TimeSpan.Zero),
        Tone = MessageTone.Bad,
        Url = "https://ops.example.org/incidents/12",
        PublicUrl = "https://ops.example.org",
        AcknowledgeUrl = "https://ops.example.org/a/x",
        Channel = "tech-chat",
        Reason = DeliveryReason.Opened,
    };

    [Fact]
    public async Task Mattermost_gets_one_thread_with_buttons_whose_tokens_are_ours_and_the_first_post_is_kept_current()
    {
        await using var server = await HttpDouble.StartAsync(seen => seen.Path switch
        {
            "/api/v4/posts" => (201, """{"id": "post1"}"""),
            "/api/v4/posts/post1/patch" => (200, """{"id": "post1"}"""),
            "/api/v4/users/me" => (200, """{"id": "bot"}"""),
            "/api/v4/users/username/camille" => (200, """{"id": "u1"}"""),
            "/api/v4/channels/direct" => (201, """{"id": "dm1"}"""),
            _ => (404, "{}"),
        });
        var channel = new MattermostChannel(_signer);
        var settings = EveryChannelTests.Aimed("mattermost", server.Port);
        var first = await channel.SendAsync(settings, "town-square-id", Page, Cancel);
        Assert.Equal((true, "post1"), (first.Sent, first.Reference));
        var post = server.Seen.Single();
        Assert.Equal("Bearer hunter2", post.Headers["Authorization"]);
        var attachment = post.Json.GetProperty("props").GetProperty("attachments")[0];
        Assert.DoesNotContain("@all", attachment.GetProperty("text").GetString(), StringComparison.Ordinal);
        foreach (var action in attachment.GetProperty("actions").EnumerateArray())
        {
            Assert.Matches("^[A-Za-z0-9]+$", action.GetProperty("id").GetString());
            Assert.Equal("https://ops.example.org/hooks/mattermost/tech-chat", action.GetProperty("integration").GetProperty("url").GetString());
            var context = action.GetProperty("integration").GetProperty("context");
            Assert.True(_signer.IsSigned(MattermostChannel.Signed("tech-chat", 12, context.GetProperty("action").GetString()!, context.GetProperty("expires").GetInt64(), context.GetProperty("revision").GetInt64()), context.GetProperty("token").GetString()));
        }

        await channel.SendAsync(settings, "town-square-id", Page with { Root = "post1", StartsThread = false }, Cancel);
        Assert.Equal("post1", server.Seen.Last().Json.GetProperty("root_id").GetString());
        Assert.True((await channel.UpdateAsync(settings, "town-square-id", "post1", Page with { Tone = MessageTone.Good, Actions = [] }, Cancel)).Sent);
        Assert.Equal(("PUT", 0), (server.Seen.Last().Method, server.Seen.Last().Json.GetProperty("props").GetProperty("attachments")[0].GetProperty("actions").GetArrayLength()));

        Assert.True((await channel.SendAsync(settings, "@camille", Page, Cancel)).Sent);
        Assert.Equal("dm1", server.Seen.Last().Json.GetProperty("channel_id").GetString());
        Assert.True((await channel.SendAsync(settings, "@gone", Page, Cancel)).Permanent);
    }

    [Fact]
    public async Task Mattermosts_incoming_webhook_gets_text_and_an_attachment_without_buttons()
    {
        await using var server = await HttpDouble.StartAsync(_ => (200, "ok"));
        var outcome = await new MattermostChannel(_signer).SendAsync(new MattermostSettings { Url = new($"http://127.0.0.1:{server.Port}/hooks/key") }, "webhook", Page, Cancel);
        Assert.True(outcome.Sent);
        var body = server.Seen.Single().Json;
        Assert.Equal("#12 Critical: chat is down", body.GetProperty("text").GetString());
        Assert.Equal(0, body.GetProperty("attachments")[0].GetProperty("actions").GetArrayLength());
        Assert.False(body.TryGetProperty("channel", out _));
    }

    [Fact]
    public async Task Ntfy_gets_a_topic_a_priority_and_a_link_to_acknowledge()
    {
        await using var server = await HttpDouble.StartAsync(_ => (200, """{"id": "x"}"""));
        Assert.True((await new NtfyChannel().SendAsync(EveryChannelTests.Aimed("ntfy", server.Port), "tech", Page, Cancel)).Sent);
        var body = server.Seen.Single().Json;
        Assert.Equal(("tech", 5, "https://ops.example.org/incidents/12"), (body.GetProperty("topic").GetString(), body.GetProperty("priority").GetInt32(), body.GetProperty("click").GetString()));
        Assert.Equal("https://ops.example.org/a/x", body.GetProperty("actions")[0].GetProperty("url").GetString());
    }

    [Fact]
    public async Task A_webhook_is_signed_over_time_and_body_and_its_template_is_rendered()
    {
        await using var server = await HttpDouble.StartAsync(_ => (204, ""));
        var channel = new WebhookChannel(TimeProvider.System);
        Assert.True((await channel.SendAsync(EveryChannelTests.Aimed("webhook", server.Port), "x", Page, Cancel)).Sent);
        var seen = server.Seen.Single();
        var parts = seen.Headers["X-Picasoft-Signature"].Split(',').Select(p => p.Split('=')).ToDictionary(p => p[0], p => p[1]);
        Assert.Equal(Convert.ToHexStringLower(HMACSHA256.HashData("hunter2"u8, Encoding.UTF8.GetBytes($"{parts["t"]}.{seen.Body}"))), parts["v1"]);
        Assert.Equal("id-1", seen.Headers["Idempotency-Key"]);
        Assert.Equal((12, "opened"), (seen.Json.GetProperty("incident").GetInt32(), seen.Json.GetProperty("reason").GetString()));

        var templated = new WebhookSettings { Url = new($"http://127.0.0.1:{server.Port}/hook"), Template = "{% if incident == 12 %}twelve: {{ title | upcase }}{% endif %}", ContentType = "text/plain" };
        Assert.True((await channel.SendAsync(templated, "x", Page, Cancel)).Sent);
        Assert.Equal("twelve: #12 CRITICAL: CHAT IS DOWN", server.Seen.Last().Body);
    }

    [Fact]
    public void What_a_webhook_is_told_in_French_has_its_spaces_and_stays_JSON()
    {
        var said = new { title = "Gravité\u202f: 100\u00a0% \\u202F \"\n" };
        Assert.Equal("{\"title\":\"Gravité\u202f: 100\u00a0% \\\\u202F \\\"\\n\"}", OpsJson.Text(said));
        Assert.Equal(said.title, JsonDocument.Parse(OpsJson.Text(said)).RootElement.GetProperty("title").GetString());
    }

    [Theory]
    [InlineData("{% for i in (1..100000000) %}x{% endfor %}")]
    [InlineData("{% for i in (1..1000) %}{% for j in (1..1000) %}x{% endfor %}{% endfor %}")]
    public void A_template_that_would_never_end_is_stopped(string template) => Assert.NotNull(MessageTemplate.Render(template, Page.ForPrograms()).Refusal);

    [Fact]
    public void A_template_that_is_none_says_where() => Assert.Contains("1", MessageTemplate.Parse("{{ title ").Refusal!.Errors[0].Message.In(new("en")), StringComparison.Ordinal);

    [Fact]
    public async Task Matrix_gets_a_transaction_of_its_own_and_a_thread()
    {
        await using var server = await HttpDouble.StartAsync(_ => (200, """{"event_id": "$e1"}"""));
        var settings = EveryChannelTests.Aimed("matrix", server.Port);
        Assert.Equal("$e1", (await new MatrixChannel().SendAsync(settings, "!tech:example.org", Page, Cancel)).Reference);
        Assert.Equal(("PUT", "/_matrix/client/v3/rooms/!tech:example.org/send/m.room.message/id-1"), (server.Seen.Single().Method, Uri.UnescapeDataString(server.Seen.Single().Path)));
        await new MatrixChannel().SendAsync(settings, "!tech:example.org", Page with { Root = "$e1" }, Cancel);
        Assert.Equal(("m.thread", "$e1"), (server.Seen.Last().Json.GetProperty("m.relates_to").GetProperty("rel_type").GetString(), server.Seen.Last().Json.GetProperty("m.relates_to").GetProperty("event_id").GetString()));
    }

    [Fact]
    public async Task Telegram_answers_the_first_message()
    {
        await using var server = await HttpDouble.StartAsync(_ => (200, """{"ok": true, "result": {"message_id": 41}}"""));
        var settings = EveryChannelTests.Aimed("telegram", server.Port);
        Assert.Equal("41", (await new TelegramChannel().SendAsync(settings, "-100", Page, Cancel)).Reference);
        Assert.Equal("/bothunter2/sendMessage", server.Seen.Single().Path);
        await new TelegramChannel().SendAsync(settings, "-100", Page with { Root = "41" }, Cancel);
        Assert.Equal(41, server.Seen.Last().Json.GetProperty("reply_parameters").GetProperty("message_id").GetInt64());
    }

    [Fact]
    public async Task Free_Mobile_gets_login_key_and_text_and_its_402_is_tried_again()
    {
        var status = 200;
        await using var server = await HttpDouble.StartAsync(_ => (status, ""));
        var settings = EveryChannelTests.Aimed("sms_free_mobile", server.Port);
        Assert.True((await new FreeMobileChannel().SendAsync(settings, "12345678", Page, Cancel)).Sent);
        Assert.Equal(("12345678", "hunter2", Page.Sms), (server.Seen.Single().Json.GetProperty("user").GetString(), server.Seen.Single().Json.GetProperty("pass").GetString(), server.Seen.Single().Json.GetProperty("msg").GetString()));
        status = 402;
        Assert.False((await new FreeMobileChannel().SendAsync(settings, "12345678", Page, Cancel)).Permanent);
    }

    [Fact]
    public async Task Ovh_gets_a_request_that_is_signed_as_it_asks()
    {
        await using var server = await HttpDouble.StartAsync(seen => (200, seen.Json.GetProperty("receivers")[0].GetString() == "+33600000000" ? """{"invalidReceivers": ["+33600000000"]}""" : """{"ids": [1], "invalidReceivers": []}"""));
        var settings = (OvhSmsSettings)EveryChannelTests.Aimed("sms_ovh", server.Port);
        Assert.True((await new OvhSmsChannel(TimeProvider.System).SendAsync(settings, "+33612345678", Page, Cancel)).Sent);
        var seen = server.Seen.Single();
        var url = $"http://127.0.0.1:{server.Port}/1.0/sms/sms-ab1234-1/jobs";
#pragma warning disable CA5350 // theirs, not ours
        var expected = "$1$" + Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes($"hunter2+consumer+POST+{url}+{seen.Body}+{seen.Headers["X-Ovh-Timestamp"]}")));
#pragma warning restore CA5350
        Assert.Equal(expected, seen.Headers["X-Ovh-Signature"]);
        Assert.True((await new OvhSmsChannel(TimeProvider.System).SendAsync(settings, "+33600000000", Page, Cancel)).Permanent);
    }

    [Fact]
    public async Task Apprise_itself_carries_it_to_a_receiver()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/apprise"), "apprise is not installed");
        await using var server = await HttpDouble.StartAsync(_ => (200, "{}"));
        var outcome = await new AppriseChannel().SendAsync(EveryChannelTests.Aimed("apprise", server.Port), "json", Page, Cancel);
        Assert.True(outcome.Sent, outcome.Words.In(new("en")));
        Assert.Equal(("#12 Critical: chat is down", "failure"), (server.Seen.Single().Json.GetProperty("title").GetString(), server.Seen.Single().Json.GetProperty("type").GetString()));
    }
}
