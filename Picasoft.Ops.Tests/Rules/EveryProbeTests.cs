using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Probes.Kinds;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Core.Probes;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Rules;

/// <summary>What every probe kind promises. A new kind adds a line to <see cref="Aimed"/>.</summary>
public sealed class EveryProbeTests
{
    private static readonly ServiceProvider _services = new ServiceCollection().AddSingleton(TimeProvider.System).AddSingleton<ISecretBox>(new SecretBox(new string('k', 32))).AddProbes().BuildServiceProvider();

    public static TheoryData<string> Kinds => [.. _services.GetServices<IProbe>().Select(p => p.Kind)];

    /// <summary>Kinds whose target is no TCP port: nothing can be silent there, or refuse.</summary>
    private static readonly string[] _portless = ["icmp", "dns", "dnsbl", "mail_auth"];

    /// <summary>Kinds whose words begin with others: of the program that they run, of the step that failed.</summary>
    private static readonly string[] _speaksForOthers = ["plugin", "http_scenario"];

    [Theory, MemberData(nameof(Kinds))]
    public async Task It_stops_at_its_timeout_when_the_target_never_says_anything(string kind)
    {
        if (_portless.Contains(kind)) return;
        using var mute = new RawTarget(_ => null);
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        var watch = Stopwatch.StartNew();
        try
        {
            // A kind that asks several says itself who was silent, a little before.
            var seen = await Find(kind).CheckAsync(Aimed(kind, "127.0.0.1", mute.Port), new(TimeProvider.System.GetUtcNow(), TimeSpan.FromMilliseconds(300)), limit.Token);
            Assert.False(seen.IsUp);
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            Assert.True(limit.IsCancellationRequested); // whatever a library throws then: the runner says "no answer within"
        }
        Assert.InRange(watch.Elapsed.TotalSeconds, 0.2, 50); // before what it runs would have ended by itself
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task It_never_throws_for_what_the_target_does_and_says_it_in_both_languages(string kind)
    {
        var seen = await Find(kind).CheckAsync(Aimed(kind, "127.0.0.1", RealProgram.FreePort()), new(TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(30)), CancellationToken.None);
        Assert.True(!seen.IsUp || seen.Warning is not null);
        Assert.NotEqual(seen.Reason!.Key, seen.Reason.In(new("en")));
        if (_portless.Contains(kind) || _speaksForOthers.Contains(kind)) return;
        Assert.StartsWith("connection refused", seen.Reason!.In(new("en")));
        Assert.StartsWith("connexion refusée", seen.Reason!.In(new("fr")));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Its_settings_survive_storage_and_the_form(string kind)
    {
        var kinds = _services.GetRequiredService<ProbeKinds>();
        var settings = Aimed(kind, "example.org", 80);
        var stored = new ProbeDefinition { Name = "x", Type = kind, Settings = kinds.Seal(settings) };
        Assert.Equivalent(settings, kinds.Open(stored), strict: true);
        var again = kinds.Read(kinds.InputOf(stored), keep: settings);
        Assert.Null(again.Refusal);
        Assert.Equivalent(settings, again.Value, strict: true);
    }

    [Fact]
    public void Two_kinds_of_one_name_are_refused() =>
        Assert.Contains("Two probe kinds are called \"tcp\"", Assert.Throws<ArgumentException>(() => new ProbeKinds([new TcpProbe(), new TcpProbe()], new SecretBox(new string('k', 32)))).Message);

    private static IProbe Find(string kind) => _services.GetRequiredService<ProbeKinds>().Find(kind)!;

    /// <summary>Settings of a kind that wait for an answer from host and port.</summary>
    internal static object Aimed(string kind, string host, int port) => kind switch
    {
        "http" => new HttpSettings { Url = $"http://{host}:{port}/" },
        "tcp" => new TcpSettings { Host = host, Port = port, Expect = "hello" },
        "tls" => new TlsSettings { Host = host, Port = port },
        "dns" => new DnsSettings { Name = "example.org", Resolver = $"{(System.Net.IPAddress.TryParse(host, out _) ? host : "192.0.2.1")}:{port}" },
        "icmp" => new IcmpSettings { Host = host == "127.0.0.1" ? "255.255.255.255" : host, Count = 1 },
        "prometheus" => new PrometheusSettings { Url = $"http://{host}:{port}/", Query = "up" },
        "smtp" => new SmtpProbeSettings { Host = host, Port = port },
        "imap" => new ImapProbeSettings { Host = host, Port = port },
        "mail_roundtrip" => new MailRoundtripSettings { Smtp = new() { Host = host, Port = port }, Imap = new() { Host = host, Port = port, User = "b" }, From = "a@example.org", To = "b@example.org", Within = TimeSpan.FromSeconds(1) },
        "postgres" => new PostgresProbeSettings { Host = host, Port = port, User = "ops" },
        "mysql" => new MysqlSettings { Host = host, Port = port, User = "ops" },
        "redis" => new RedisSettings { Host = host, Port = port },
        "ldap" => new LdapSettings { Host = host, Port = port, Tls = MailTls.None },
        "ssh_command" => new SshCommandSettings { Host = host, Port = port, User = "ops", Password = new("x"), HostKey = "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8", Command = "true" },
        "docker" => new DockerSettings { Container = "x", Engine = $"http://{host}:{port}" },
        "http_scenario" => new HttpScenarioSettings { Steps = [new() { Name = "open", Url = $"http://{host}:{port}/" }] },
        "websocket" => new WebsocketSettings { Url = $"ws://{host}:{port}/" },
        "haproxy" => new HaproxySettings { Url = $"http://{host}:{port}/stats", Backend = "x" },
        "patroni" => new PatroniSettings { Members = [$"http://{host}:{port}"] },
        "domain_expiry" => new DomainExpirySettings { Domain = "example.org", Server = $"http://{host}:{port}/" },
        "dnsbl" => new DnsblSettings { Host = host == "example.org" ? "192.0.2.1" : host, Resolver = $"127.0.0.1:{port}", Lists = ["bl.example.org"] },
        "mail_auth" => new MailAuthSettings { Domain = "example.org", Resolver = $"127.0.0.1:{port}" },
        "plugin" => new PluginSettings { Command = "check_tcp", Arguments = ["-H", host, "-p", $"{port}", "-t", "60", "-e", "hello"] },
        _ => throw new NotSupportedException($"Say here how a probe of kind {kind} is aimed at a host and port."),
    };
}
