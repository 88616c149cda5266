using System.Globalization;
using System.Text;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Probes.Kinds;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Probes;

public sealed class TcpProbeTests
{
    [Fact]
    public async Task A_port_that_accepts_is_up()
    {
        using var target = new RawTarget(_ => null);
        Assert.Equal("", await ReasonOf(new() { Host = "127.0.0.1", Port = target.Port }));
        Assert.Equal("", await ReasonOf(new() { Host = "localhost", Port = target.Port, IpVersion = IpVersion.Ipv4 }));
    }

    [Fact]
    public async Task A_greeting_is_compared()
    {
        using var target = new RawTarget(_ => "220 mail.example.org ESMTP\r\n"u8.ToArray());
        Assert.Equal("", await ReasonOf(new() { Host = "127.0.0.1", Port = target.Port, Expect = "220 " }));
        Assert.Equal("text “421” not found in the answer", await ReasonOf(new() { Host = "127.0.0.1", Port = target.Port, Send = new("QUIT\\r\\n"), Expect = "421" }));
    }

    [Fact]
    public async Task What_is_sent_arrives_with_its_line_ends()
    {
        using var target = new RawTarget(said => Encoding.UTF8.GetBytes(said.Length == 0 ? "" : said == "PING\r\n" ? "+PONG" : "-ERR"));
        Assert.Equal("", await ReasonOf(new() { Host = "127.0.0.1", Port = target.Port, Send = new("PING\\r\\n"), Expect = "+PONG" }));
    }

    [Fact]
    public async Task Why_nobody_answered_is_told_in_words()
    {
        var closed = RealProgram.FreePort();
        Assert.Equal($"connection refused by 127.0.0.1:{closed}", await ReasonOf(new() { Host = "127.0.0.1", Port = closed }));
        Assert.Equal("DNS name no-such-host.invalid does not exist", await ReasonOf(new() { Host = "no-such-host.invalid", Port = 25 }));
        using var mute = new RawTarget(_ => []);
        Assert.Equal("DNS name 127.0.0.1 has no IPv6 address", await ReasonOf(new() { Host = "127.0.0.1", Port = closed, IpVersion = IpVersion.Ipv6 }));
        Assert.Equal("connection closed before an answer", await ReasonOf(new() { Host = "127.0.0.1", Port = mute.Port, Send = new("x"), Expect = "220" }));
    }

    [Fact]
    public async Task Where_no_way_leads_is_told_by_every_kind_that_connects()
    {
        await using var away = await NoRoute.MakeAsync();
        Assert.Equal($"no route to {away.Address}:25", await ReasonOf(new() { Host = away.Address, Port = 25 }));
        Assert.Equal($"no route to {away.Address}", await new IcmpProbe(TimeProvider.System).ReasonOf(new IcmpSettings { Host = away.Address }));
        using var http = new HttpProbe(TimeProvider.System);
        Assert.Equal($"no route to {away.Address}:80", await http.ReasonOf(new HttpSettings { Url = $"http://{away.Address}/" }));
        Assert.Equal($"no route to {away.Address}:5432", await new PostgresProbe().ReasonOf(new PostgresProbeSettings { Host = away.Address, User = "x" }));
        Assert.Equal($"no route to {away.Address}:22", await new SshCommandProbe().ReasonOf(new SshCommandSettings { Host = away.Address, User = "x", Password = new("x"), HostKey = "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8", Command = "true" }));
    }

    private static async Task<string> ReasonOf(TcpSettings settings)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        IProbe probe = new TcpProbe();
        var seen = await probe.CheckAsync(settings, new(TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(30)), patience.Token);
        return seen.IsUp ? "" : seen.Reason!.In(CultureInfo.InvariantCulture);
    }
}
