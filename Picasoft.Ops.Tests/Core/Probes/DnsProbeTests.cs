using System.Net;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Probes.Kinds;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Probes;

/// <summary>With Debian's BIND and Unbound, and a zone signed on the spot.</summary>
public sealed class DnsProbeTests : IAsyncLifetime
{
    private readonly IProbe _probe = new DnsProbe();
    private NameServers _names = null!;

    public async ValueTask InitializeAsync()
    {
        if (NameServers.CanRun) _names = await NameServers.StartAsync();
    }

    [Fact]
    public async Task Records_are_compared_as_dig_writes_them()
    {
        Assert.SkipUnless(NameServers.CanRun, "needs BIND and Unbound");
        Assert.Equal("", await Ask("www.plain.test", DnsRecordType.A, "192.0.2.1"));
        Assert.Equal("", await Ask("alias.plain.test", DnsRecordType.A, "192.0.2.1"));
        Assert.Equal("", await Ask("alias.plain.test", DnsRecordType.Cname, "www.plain.test"));
        Assert.Equal("", await Ask("plain.test", DnsRecordType.Mx, "10 MAIL.plain.test."));
        Assert.Equal("", await Ask("plain.test", DnsRecordType.Ns, "ns.plain.test."));
        Assert.Equal("", await Ask("text.plain.test", DnsRecordType.Txt, "a long text in two parts"));
        Assert.Equal("", await Ask("plain.test", DnsRecordType.Caa, "0 issue \"letsencrypt.org\""));
        Assert.Equal("", await Ask("plain.test", DnsRecordType.Soa, "ns.plain.test. ops.plain.test. 2026112501"));

        Assert.Equal("DNS: A of www.plain.test is 192.0.2.1, without 192.0.2.9", await Ask("www.plain.test", DnsRecordType.A, "192.0.2.9"));
        Assert.Equal("DNS name nobody.plain.test does not exist", await Ask("nobody.plain.test", DnsRecordType.A));
        Assert.Equal("DNS name www.plain.test has no AAAA record", await Ask("www.plain.test", DnsRecordType.Aaaa));
        Assert.Equal("the DNS server answers Refused for example.org", await _probe.ReasonOf(new DnsSettings { Name = "example.org", Resolver = _names.Authority }));
        var two = new DnsSettings { Name = "two.plain.test", Resolver = _names.Resolver, Expect = ["192.0.2.2"] };
        Assert.Equal("", await _probe.ReasonOf(two));
        Assert.Equal("DNS: A of two.plain.test also has 192.0.2.1, which is not expected", await _probe.ReasonOf(two with { Exactly = true }));
    }

    [Fact]
    public async Task A_validated_answer_is_told_from_one_that_is_not_signed_and_from_one_that_was_forged()
    {
        Assert.SkipUnless(NameServers.CanRun, "needs BIND and Unbound");
        Assert.Equal("", await _probe.ReasonOf(Signed("www.signed.test")));
        Assert.Equal("DNS: the answer for www.plain.test is not validated by DNSSEC", await _probe.ReasonOf(Signed("www.plain.test")));
        Assert.Equal("the DNS server answers ServerFailure for www.forged.test", await _probe.ReasonOf(Signed("www.forged.test")));
        // The authority itself does not validate.
        Assert.Equal("DNS: the answer for www.signed.test is not validated by DNSSEC", await _probe.ReasonOf(Signed("www.signed.test") with { Resolver = _names.Authority }));
    }

    [Fact]
    public async Task Addresses_by_name_and_names_by_address_of_every_kind_are_read()
    {
        Assert.SkipUnless(NameServers.CanRun, "needs BIND and Unbound");
        await using var names = await NameServers.StartAsync("""
            six IN AAAA 2001:db8::1
            _imaps._tcp IN SRV 0 1 993 mail.plain.test.
            """);
        var at = new DnsSettings { Name = "six.plain.test", Record = DnsRecordType.Aaaa, Resolver = names.Resolver, Expect = ["2001:db8::1"] };
        Assert.Equal("", await _probe.ReasonOf(at));
        Assert.Equal("", await _probe.ReasonOf(at with { Name = "_imaps._tcp.plain.test", Record = DnsRecordType.Srv, Expect = ["0 1 993 mail.plain.test."] }));
        Assert.Equal("DNS: SRV of _imaps._tcp.plain.test is 0 1 993 mail.plain.test., without 0 1 143 mail.plain.test", await _probe.ReasonOf(at with { Name = "_imaps._tcp.plain.test", Record = DnsRecordType.Srv, Expect = ["0 1 143 mail.plain.test."] }));
        // Unbound knows this one by itself.
        Assert.Equal("", await _probe.ReasonOf(at with { Name = "127.0.0.1", Record = DnsRecordType.Ptr, Expect = ["localhost"] }));
    }

    [Fact]
    public async Task A_resolver_that_is_gone_or_says_nothing_is_told_from_a_name_that_is_not_there()
    {
        using var mute = new System.Net.Sockets.UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        foreach (var port in new[] { RealProgram.FreePort(), ((IPEndPoint)mute.Client.LocalEndPoint!).Port })
            Assert.Equal("the DNS server does not answer for example.org", await _probe.ReasonOf(new DnsSettings { Name = "example.org", Resolver = $"127.0.0.1:{port}" }, seconds: 5));
    }

    [Fact]
    public async Task An_answer_to_another_question_is_none()
    {
        using var server = new System.Net.Sockets.UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var resolver = $"127.0.0.1:{((IPEndPoint)server.Client.LocalEndPoint!).Port}";
        using var over = new CancellationTokenSource();
        var answering = Task.Run(async () =>
        {
            while (true)
            {
                var asked = await server.ReceiveAsync(over.Token);
                (asked.Buffer[0], asked.Buffer[2]) = ((byte)~asked.Buffer[0], 0x81); // another's number, and that it is an answer
                await server.SendAsync(asked.Buffer, asked.RemoteEndPoint, over.Token);
            }
        });
        Assert.Equal("the DNS server does not answer for example.org", await _probe.ReasonOf(new DnsSettings { Name = "example.org", Resolver = resolver }));
        Assert.Equal("the DNS server does not answer for example.org", await ((IProbe)new MailAuthProbe()).ReasonOf(new MailAuthSettings { Domain = "example.org", Resolver = resolver }));
        var listed = await ((IProbe)new DnsblProbe()).ReasonOf(new DnsblSettings { Host = "127.0.0.2", Lists = ["bl.example.org"], Resolver = resolver });
        Assert.Contains("bl.example.org", listed, StringComparison.Ordinal);
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answering);
    }

    private DnsSettings Signed(string name) => new() { Name = name, Resolver = _names.Resolver, Dnssec = true };

    private Task<string> Ask(string name, DnsRecordType record, params string[] expect) => _probe.ReasonOf(new DnsSettings { Name = name, Record = record, Resolver = _names.Resolver, Expect = expect });

    public async ValueTask DisposeAsync()
    {
        if (_names is not null) await _names.DisposeAsync();
    }
}
