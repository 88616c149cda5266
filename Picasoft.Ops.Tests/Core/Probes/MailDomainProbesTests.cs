using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Probes.Kinds;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Probes;

/// <summary>Blocklists and mail records in zones of a real BIND, and a registry that speaks RDAP as RFC 9083 has it.</summary>
public sealed class MailDomainProbesTests : IAsyncLifetime
{
    private readonly IProbe _dnsbl = new DnsblProbe();
    private readonly IProbe _auth = new MailAuthProbe();
    private readonly DomainExpiryProbe _domain = new(TimeProvider.System);
    private NameServers _names = null!;

    public async ValueTask InitializeAsync()
    {
        if (!NameServers.CanRun) return;
        string Key(int bits)
        {
            using var rsa = RSA.Create(bits);
            return string.Join(' ', Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo()).Chunk(200).Select(c => $"\"{new string(c)}\""));
        }
        _names = await NameServers.StartAsync($"""
            2.0.0.127.bl IN A 127.0.0.4
            2.0.0.127.bl IN TXT "listed for tests, see https://bl.plain.test/127.0.0.2"
            1.0.0.127.refusing IN A 127.255.255.254
            good IN TXT "v=spf1 ip4:192.0.2.0/24 include:other.plain.test -all"
            other IN TXT "v=spf1 mx a ~all"
            _dmarc.good IN TXT "v=DMARC1; p=quarantine; rua=mailto:x@plain.test"
            s2048._domainkey.good IN TXT "v=DKIM1; k=rsa; p=" {Key(2048)}
            s1024._domainkey.good IN TXT "v=DKIM1; k=rsa; p=" {Key(1024)}
            revoked._domainkey.good IN TXT "v=DKIM1; p="
            broken._domainkey.good IN TXT "v=DKIM1; p=nonsense!"
            open IN TXT "v=spf1 +all"
            _dmarc.open IN TXT "v=DMARC1; p=none"
            twice IN TXT "v=spf1 -all"
            twice IN TXT "v=spf1 mx -all"
            _dmarc.twice IN TXT "v=DMARC1; p=reject"
            many IN TXT "v=spf1 a mx ptr a:x a:y a:z mx:x mx:y exists:x exists:y a:w -all"
            _dmarc.many IN TXT "v=DMARC1; p=reject"
            soft IN TXT "v=spf1 mx"
            _dmarc.soft IN TXT "v=DMARC1; p=reject"
            bad IN TXT "v=spf1 -all"
            _dmarc.bad IN TXT "v=DMARC1; q=reject"
            """);
    }

    [Fact]
    public async Task An_address_on_a_list_is_told_with_the_lists_reason()
    {
        Assert.SkipUnless(NameServers.CanRun, "needs BIND and Unbound");
        DnsblSettings At(string host, string list) => new() { Host = host, Lists = [$"{list}.plain.test"], Resolver = _names.Resolver };
        Assert.Equal("", await _dnsbl.ReasonOf(At("127.0.0.1", "bl")));
        Assert.Equal("127.0.0.2 is listed by bl.plain.test: listed for tests, see https://bl.plain.test/127.0.0.2", await _dnsbl.ReasonOf(At("127.0.0.2", "bl")));
        Assert.Equal("warning: refusing.plain.test does not answer: nobody knows whether it lists us", await _dnsbl.ReasonOf(At("127.0.0.1", "refusing")));
        Assert.Equal("4.3.2.1", DnsblProbe.Reversed(IPAddress.Parse("1.2.3.4")));
        Assert.EndsWith("8.b.d.0.1.0.0.2", DnsblProbe.Reversed(IPAddress.Parse("2001:db8::1")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("good", "s2048", DmarcPolicy.Quarantine, "")]
    [InlineData("good", "s1024", DmarcPolicy.None, "warning: DKIM key s1024 has only 1024 bits")]
    [InlineData("good", "revoked", DmarcPolicy.None, "DKIM key revoked is revoked (empty)")]
    [InlineData("good", "broken", DmarcPolicy.None, "DKIM key broken is not valid")]
    [InlineData("good", "nobody", DmarcPolicy.None, "there is no DKIM key nobody")]
    [InlineData("good", null, DmarcPolicy.Reject, "DMARC asks only for quarantine, reject is wanted")]
    [InlineData("open", null, DmarcPolicy.None, "SPF lets everybody send (+all)")]
    [InlineData("twice", null, DmarcPolicy.None, "there are 2 SPF records: with more than one, none counts")]
    [InlineData("many", null, DmarcPolicy.None, "SPF needs 11 look-ups, allowed are 10: receivers ignore it")]
    [InlineData("soft", null, DmarcPolicy.None, "warning: SPF does not say what to do with others (no -all or ~all)")]
    [InlineData("bad", null, DmarcPolicy.None, "DMARC record is not valid: v=DMARC1; q=reject")]
    [InlineData("other", null, DmarcPolicy.None, "other.plain.test has no DMARC record")]
    [InlineData("www", null, DmarcPolicy.None, "www.plain.test has no SPF record")]
    public async Task The_records_of_a_mail_domain_are_judged(string domain, string? selector, DmarcPolicy policy, string said)
    {
        Assert.SkipUnless(NameServers.CanRun, "needs BIND and Unbound");
        Assert.Equal(said, await _auth.ReasonOf(new MailAuthSettings { Domain = $"{domain}.plain.test", Selectors = selector is null ? [] : [selector], Dmarc = policy, Resolver = _names.Resolver }));
    }

    [Fact]
    public async Task A_registry_says_how_long_a_domain_stays_registered()
    {
        var now = TimeProvider.System.GetUtcNow();
        await using var registry = await WebTarget.StartAsync(async context =>
        {
            var days = context.Request.Path.Value switch { "/real/domain/good.example" => 100.02, "/real/domain/soon.example" => 20.02, "/real/domain/late.example" => 3.02, "/real/domain/gone.example" => -5.02, "/real/domain/held.example" => 50, _ => double.NaN };
            if (context.Request.Path.StartsWithSegments("/domain", out var rest)) { context.Response.Redirect("/real/domain" + rest); return; } // as rdap.org does
            context.Response.StatusCode = double.IsNaN(days) ? 404 : 200;
            await context.Response.WriteAsync(JsonSerializer.Serialize(new { objectClassName = "domain", status = context.Request.Path.Value!.Contains("held") ? new[] { "active", "client hold" } : ["active"], events = new[] { new { eventAction = "registration", eventDate = now.AddYears(-3) }, new { eventAction = "expiration", eventDate = now.AddDays(double.IsNaN(days) ? 0 : days) } } }));
        });
        IProbe probe = _domain;
        DomainExpirySettings Of(string domain) => new() { Domain = domain, Server = registry.Url() };
        var good = await probe.CheckAsync(Of("good.example"));
        Assert.Equal("", good.Words());
        Assert.Equal(100, good.Value("days_left"), 0.1);
        Assert.StartsWith("warning: domain soon.example expires in 20 d (", await probe.ReasonOf(Of("soon.example")));
        Assert.StartsWith("domain late.example expires in 3 d (", await probe.ReasonOf(Of("late.example")));
        Assert.Equal("domain gone.example expired 5 d ago", await probe.ReasonOf(Of("gone.example")));
        Assert.Equal("domain held.example: client hold", await probe.ReasonOf(Of("held.example")));
        Assert.Equal("domain nobody.example is not registered", await probe.ReasonOf(Of("nobody.example")));
    }

    public async ValueTask DisposeAsync()
    {
        _domain.Dispose();
        if (_names is not null) await _names.DisposeAsync();
    }
}
