using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Notifications.Channels;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Core.Probes;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Rules;

/// <summary>What every channel kind promises. A new kind adds a line to <see cref="Aimed"/>.</summary>
public sealed class EveryChannelTests
{
    private static readonly ServiceProvider _services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddSingleton<ISecretBox>(new SecretBox(new string('k', 32))).AddSingleton(new LinkSigner(new string('k', 32))).AddSingleton(new OpsSettings { Data = "/nonexistent" }).AddStorage("Host=/nonexistent", new string('k', 32)).AddNotifications().BuildServiceProvider();

    public static TheoryData<string> Kinds => [.. _services.GetServices<IChannel>().Select(c => c.Kind)];

    /// <summary>Those that speak HTTP by themselves.</summary>
    public static TheoryData<string> HttpKinds => [.. Kinds.Select(k => k.Data).Where(k => k is not ("email" or "apprise" or "webpush"))];

    internal static IChannel Find(string kind) => _services.GetServices<IChannel>().Single(c => c.Kind == kind);

    private static Message Sample => new("[Picasoft.Ops] #12 Critical: chat", "text", null, "id-1", "thread-1", true, 12) { Url = "https://ops.example.org/incidents/12", PublicUrl = "https://ops.example.org", Channel = "x" };

    [Theory, MemberData(nameof(Kinds))]
    public void Its_settings_survive_storage_and_secrets_are_sealed(string kind)
    {
        var kinds = _services.GetRequiredService<ChannelKinds>();
        var settings = Aimed(kind, 80);
        var stored = kinds.Stored(settings);
        Assert.DoesNotContain("hunter2", stored, StringComparison.Ordinal);
        Assert.Equivalent(settings, kinds.SettingsOf(new() { Type = kind, Settings = stored }), strict: true);
        Assert.Empty(settings is IChecked self ? self.Check() : []);
        Assert.NotEmpty(kinds.Find(kind)!.Recipients(settings));
    }

    /// <summary>All but those that need a store to know whom they speak to: WebPushTests.</summary>
    public static TheoryData<string> Aimable => [.. Kinds.Select(k => k.Data).Where(k => k is not "webpush")];

    [Theory, MemberData(nameof(Aimable))]
    public async Task It_never_throws_when_nobody_listens_and_says_why_in_both_languages(string kind)
    {
        var channel = _services.GetServices<IChannel>().Single(c => c.Kind == kind);
        var settings = Aimed(kind, RealProgram.FreePort());
        var outcome = await channel.SendAsync(settings, channel.Recipients(settings)[0].Address, Sample, TestContext.Current.CancellationToken);
        Assert.Equal((false, false), (outcome.Sent, outcome.Permanent));
        Assert.NotEqual(outcome.Words.In(new("en")), outcome.Words.In(new("fr")));
        Assert.DoesNotContain("hunter2", outcome.Words.In(new("en")), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(HttpKinds))]
    public async Task It_knows_what_may_be_tried_again(string kind)
    {
        var status = 200;
        await using var double_ = await WebTarget.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync("hunter2 is not right");
        });
        var channel = _services.GetServices<IChannel>().Single(c => c.Kind == kind);
        var settings = Aimed(kind, double_.Port);
        foreach (var (code, permanent, waits) in new[] { (400, true, false), (401, false, true), (404, true, false), (429, false, false), (500, false, false), (503, false, false) })
        {
            status = code;
            var outcome = await channel.SendAsync(settings, channel.Recipients(settings)[0].Address, Sample, TestContext.Current.CancellationToken);
            Assert.Equal((code, false, permanent, waits), (code, outcome.Sent, outcome.Permanent, outcome.NotBefore is not null));
            Assert.DoesNotContain("hunter2", outcome.Words.In(new("en")), StringComparison.Ordinal);
        }
    }

    /// <summary>Settings of a kind that speak to a port of this machine.</summary>
    internal static object Aimed(string kind, int port) => kind switch
    {
        "email" => new EmailSettings { From = "ops@example.org", To = ["tech@example.org"], Smtp = new() { Host = "127.0.0.1", Port = port, Tls = SmtpTls.None, User = "ops", Password = new("hunter2") } },
        "mattermost" => new MattermostSettings { Server = $"http://127.0.0.1:{port}", Token = new("hunter2"), Room = "town-square-id" },
        "ntfy" => new NtfySettings { Server = $"http://127.0.0.1:{port}", Topic = "tech", Token = new("hunter2") },
        "webhook" => new WebhookSettings { Url = new($"http://127.0.0.1:{port}/hook"), Secret = new("hunter2") },
        "matrix" => new MatrixSettings { Server = $"http://127.0.0.1:{port}", Token = new("hunter2"), Room = "!tech:example.org" },
        "telegram" => new TelegramSettings { Server = $"http://127.0.0.1:{port}", Token = new("hunter2"), Chat = "-100" },
        "sms_free_mobile" => new FreeMobileSettings { Url = $"http://127.0.0.1:{port}/sendmsg", User = "12345678", Pass = new("hunter2") },
        "sms_ovh" => new OvhSmsSettings { Server = $"http://127.0.0.1:{port}/1.0", Account = "sms-ab1234-1", ApplicationKey = new("app"), ApplicationSecret = new("hunter2"), ConsumerKey = new("consumer"), To = ["+33612345678"] },
        "webpush" => new WebPushSettings { Contact = "mailto:ops@example.org", Services = ["127.0.0.1"] },
        "apprise" => new AppriseSettings { Url = new($"json://user:hunter2@127.0.0.1:{port}/") },
        _ => throw new NotSupportedException($"Say here how a channel of kind {kind} is aimed at a port."),
    };
}
