using System.Net.NetworkInformation;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Probes.Kinds;

namespace Picasoft.Ops.Tests.Core.Probes;

public sealed class IcmpProbeTests
{
    private readonly IProbe _probe = new IcmpProbe(TimeProvider.System);

    [Fact]
    public async Task This_machine_answers_and_is_measured()
    {
        var seen = await _probe.CheckAsync(new IcmpSettings { Host = "127.0.0.1" });
        Assert.Equal("", seen.Words());
        Assert.Equal(0, seen.Value("loss"));
        Assert.InRange(seen.Value("round_trip"), 0, 10_000);
    }

    [Fact]
    public async Task Why_nobody_answered_is_told_in_words()
    {
        Assert.Equal("DNS name no-such-host.invalid does not exist", await _probe.ReasonOf(new IcmpSettings { Host = "no-such-host.invalid" }));
        Assert.Equal("DNS name 127.0.0.1 has no IPv6 address", await _probe.ReasonOf(new IcmpSettings { Host = "127.0.0.1", IpVersion = IpVersion.Ipv6 }));
        // Reserved for ever (RFC 1112): nobody is there, and no way leads there.
        Assert.Matches("^(240.0.0.1 does not answer the echo|no route to 240.0.0.1)", await _probe.ReasonOf(new IcmpSettings { Host = "240.0.0.1" }, seconds: 2));
    }

    [Theory]
    [InlineData(new[] { 10.0, -1, 20 }, 34, 50, "")]
    [InlineData(new[] { 10.0, -1, -1 }, 34, 50, "2 of 3 echoes (ping) were lost")]
    [InlineData(new[] { 100.0, 200, 300 }, 34, 50, "took 200 ms, allowed are 50 ms")]
    [InlineData(new[] { -1.0, -1 }, 34, 50, "alice does not answer the echo (ping)")]
    public void Loss_and_slowness_are_judged(double[] times, int loss, int latency, string said) =>
        Assert.Equal(said, IcmpProbe.Judge(new() { Host = "alice", LossAllowed = loss, Latency = TimeSpan.FromMilliseconds(latency) }, [.. times.Select(t => t < 0 ? (double?)null : t)], null).Words());

    [Fact]
    public void A_router_that_says_no_is_believed() =>
        Assert.Equal("no route to alice", IcmpProbe.Judge(new() { Host = "alice" }, [null], IPStatus.DestinationHostUnreachable).Words());
}
