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
            doubled IN TXT "v=spf1 -all"
            _dmarc.doubled IN TXT "v=DMARC1; p=none"
            _dmarc.doubled IN TXT "v=DMARC1; p=reject"
            s512._domainkey.good IN TXT "v=DKIM1; k=rsa; p=" {Key(512)}
            edwards._domainkey.good IN TXT "v=DKIM1; k=ed25519; p={Convert.ToBase64String(new byte[32])}"
            halved._domainkey.good IN TXT "v=DKIM1; k=ed25519; p={Convert.ToBase64String(new byte[16])}"
            round IN TXT "v=spf1 include:round.plain.test -all"
            _dmarc.round IN TXT "v=DMARC1; p=none"
            away IN TXT "v=spf1 redirect=good.plain.test"
            _dmarc.away IN TXT "v=DMARC1; p=none"
            unsure IN TXT "v=spf1 include:text.forged.test -all"
            _dmarc.unsure IN TXT "v=DMARC1; p=none"
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
        Assert.Equal("warning: bl.example.org does not answer: nobody knows whether it lists us", await _dnsbl.ReasonOf(new DnsblSettings { Host = "127.0.0.1", Lists = ["bl.example.org"], Resolver = _names.Authority })); // which refuses
        // What is listed counts more than what nobody knows.
        Assert.Empty((await _dnsbl.CheckAsync(new DnsblSettings { Host = "127.0.0.1", Lists = ["bl.example.org"], Resolver = _names.Authority }, new(TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(10)), default)).Measured); // nobody counted
        Assert.StartsWith("127.0.0.2 is listed by bl.plain.test: ", await _dnsbl.ReasonOf(At("127.0.0.2", "bl") with { Lists = ["bl.example.org", "bl.plain.test"], Resolver = _names.Authority }));
        Assert.Equal("warning: bl.plain.test does not answer: nobody knows whether it lists us", await _dnsbl.ReasonOf(At("127.0.0.2", "bl") with { Resolver = $"127.0.0.1:{RealProgram.FreePort()}" }, seconds: 2));
        Assert.Equal("DNS name no-such-host.invalid does not exist", await _dnsbl.ReasonOf(At("no-such-host.invalid", "bl")));
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
    [InlineData("doubled", null, DmarcPolicy.None, "there are 2 DMARC records: with more than one, none counts")]
    [InlineData("good", "s512", DmarcPolicy.None, "DKIM key s512 has only 512 bits")]
    [InlineData("good", "edwards", DmarcPolicy.None, "")]
    [InlineData("good", "halved", DmarcPolicy.None, "DKIM key halved is not valid")]
    [InlineData("round", null, DmarcPolicy.None, "")]
    [InlineData("away", null, DmarcPolicy.None, "")]
    [InlineData("unsure", null, DmarcPolicy.None, "the DNS server answers ServerFailure for text.forged.test")] // not: there is none
    [InlineData("nobody", null, DmarcPolicy.None, "nobody.plain.test has no SPF record")]
    public async Task The_records_of_a_mail_domain_are_judged(string domain, string? selector, DmarcPolicy policy, string said)
    {
        Assert.SkipUnless(NameServers.CanRun, "needs BIND and Unbound");
        Assert.Equal(said, await _auth.ReasonOf(new MailAuthSettings { Domain = $"{domain}.plain.test", Selectors = selector is null ? [] : [selector], Dmarc = policy, Resolver = _names.Resolver }));
    }

    [Fact]
    public async Task Without_an_answer_nothing_is_said_of_the_records()
    {
        Assert.SkipUnless(NameServers.CanRun, "needs BIND and Unbound");
        Assert.Equal("the DNS server answers ServerFailure for text.forged.test", await _auth.ReasonOf(new MailAuthSettings { Domain = "text.forged.test", Resolver = _names.Resolver }));
        Assert.Equal("the DNS server answers Refused for example.org", await _auth.ReasonOf(new MailAuthSettings { Domain = "example.org", Resolver = _names.Authority }));
        Assert.Equal("the DNS server does not answer for good.plain.test", await _auth.ReasonOf(new MailAuthSettings { Domain = "good.plain.test", Resolver = $"127.0.0.1:{RealProgram.FreePort()}" }, seconds: 5));
    }

    [Fact]
    public async Task A_registry_that_says_something_else_is_told_from_a_domain_that_is_gone()
    {
        await using var registry = await WebTarget.StartAsync(context =>
        {
            switch (context.Request.Path.Value)
            {
                case "/domain/broken.example": context.Response.StatusCode = 503; return Task.CompletedTask;
                case "/domain/page.example": return context.Response.WriteAsync("<html>");
                case "/domain/list.example": return context.Response.WriteAsync("[1, 2]");
                case "/domain/dateless.example": return context.Response.WriteAsync("""{"status": ["active", 7], "events": [{"eventAction": "registration", "eventDate": "2020-01-01"}, 3, {"eventAction": 4}]}""");
                case "/domain/dropped.example": return context.Response.WriteAsync("""{"status": ["Redemption Period"]}""");
                case "/domain/mail.example": context.Response.Redirect("mailto:hostmaster@example.org"); return Task.CompletedTask;
                default: context.Response.Redirect(context.Request.Path); return Task.CompletedTask;
            }
        });
        IProbe probe = _domain;
        Task<string> Of(string domain) => probe.ReasonOf(new DomainExpirySettings { Domain = domain, Server = registry.Url() });
        Assert.Equal("answered 503 instead of 200", await Of("broken.example"));
        Assert.Equal("the answer is not valid JSON", await Of("page.example"));
        Assert.Equal("the registry does not say when domain list.example expires", await Of("list.example"));
        Assert.Equal("the registry does not say when domain dateless.example expires", await Of("dateless.example"));
        Assert.Equal("domain dropped.example: Redemption Period", await Of("dropped.example"));
        Assert.Equal("redirected to mailto: neither http nor https", await Of("mail.example"));
        Assert.Equal("answered 302 instead of 200", await Of("round.example"));
        Assert.Equal("not a valid URL", await probe.ReasonOf(new DomainExpirySettings { Domain = "round.example", Server = "rdap" }));
    }

    [Theory]
    [InlineData(429, "3600")]
    [InlineData(503, "3600")]
    [InlineData(429, "date")]
    [InlineData(429, null)]
    public async Task A_registry_that_was_asked_too_often_is_left_alone_as_long_as_it_wants_and_the_days_go_on(int status, string? later)
    {
        var now = TimeProvider.System.GetUtcNow();
        var (isBusy, asked) = (true, 0);
        await using var registry = await WebTarget.StartAsync(async context =>
        {
            Interlocked.Increment(ref asked);
            if (!isBusy) { await context.Response.WriteAsync(JsonSerializer.Serialize(new { events = new[] { new { eventAction = "expiration", eventDate = now.AddDays(100.02) } } })); return; }
            context.Response.StatusCode = status;
            if (later is not null) context.Response.Headers.RetryAfter = later == "date" ? now.AddHours(1).ToString("R", System.Globalization.CultureInfo.InvariantCulture) : later;
        });
        IProbe probe = _domain;
        Task<Observation> At(TimeSpan when) => probe.CheckAsync(new DomainExpirySettings { Domain = "busy.example", Server = registry.Url() }, now: now + when);
        var patience = later is null ? 2 : 1; // who does not say when is asked at the next check
        Assert.Equal("warning: 127.0.0.1 was asked too often and does not answer for now: nobody knows when domain busy.example expires", (await At(TimeSpan.Zero)).Words());
        await At(TimeSpan.FromMinutes(50));
        Assert.Equal(patience, asked);
        isBusy = false;
        Assert.Equal("", (await At(TimeSpan.FromMinutes(61))).Words());
        Assert.Equal(patience + 1, asked);
        isBusy = true;
        Assert.Equal("", (await At(TimeSpan.FromDays(14))).Words());
        Assert.StartsWith("warning: 127.0.0.1 was asked too often", (await At(TimeSpan.FromDays(15))).Words()); // it may have moved since
        foreach (var days in new[] { 1, 15, 90 }) Assert.Equal(100 - days, (await At(TimeSpan.FromDays(days))).Value("days_left"), 0.1);
        Assert.StartsWith("warning: domain busy.example expires in 10 d", (await At(TimeSpan.FromDays(90))).Words());
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
