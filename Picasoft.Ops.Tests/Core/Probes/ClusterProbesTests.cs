using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Probes.Kinds;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Probes;

/// <summary>Debian's HAProxy; and what the members of real Patroni clusters answered while their network was cut. A live one: <see cref="PatroniProbeTests"/>.</summary>
public sealed class ClusterProbesTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly HaproxyProbe _haproxy = new(TimeProvider.System);

    [Fact]
    public async Task HAProxy_tells_how_many_servers_of_a_backend_are_up()
    {
        await using var one = await WebTarget.StartAsync();
        await using var two = await WebTarget.StartAsync();
        await File.WriteAllTextAsync(_folder["haproxy.cfg"], "");
        await using var proxy = await RealProgram.StartAsync("haproxy", port =>
        {
            File.WriteAllText(_folder["haproxy.cfg"], $"""
                defaults
                    mode http
                    timeout connect 30s
                    timeout client 5s
                    timeout server 5s
                frontend stats
                    bind 127.0.0.1:{port}
                    stats enable
                    stats uri /stats
                    stats auth ops:secret
                backend web
                    server one 127.0.0.1:{one.Port} check inter 2s fall 1 rise 1
                    server two 127.0.0.1:{two.Port} check inter 2s fall 1 rise 1

                """);
            return ["-db", "-f", _folder["haproxy.cfg"]];
        }, RealProgram.ListensAsync);
        IProbe probe = _haproxy;
        var settings = new HaproxySettings { Url = $"{proxy.Address}stats", Backend = "web", MinUp = 2, Headers = new Dictionary<string, Secret> { ["Authorization"] = new("Basic " + Convert.ToBase64String("ops:secret"u8)) } };
        await Eventually.TrueAsync(async () => await probe.ReasonOf(settings) == "", "both are up");
        Assert.Equal(2, (await probe.CheckAsync(settings)).Value("up"));
        Assert.Equal("web has 2 servers up, at most 1 is right: one, two", await probe.ReasonOf(settings with { MinUp = 1, MaxUp = 1 }));
        Assert.Equal("HAProxy has no backend nothing", await probe.ReasonOf(settings with { Backend = "nothing" }));
        Assert.Equal("answered 401 instead of 200", await probe.ReasonOf(settings with { Headers = new Dictionary<string, Secret>() }));
        Assert.Equal("the answer is not HAProxy’s statistics", await probe.ReasonOf(settings with { Url = one.Url("/stats") }));
        Assert.Equal("not a valid URL", await probe.ReasonOf(settings with { Url = "/stats" }));
        await two.StopAsync();
        await Eventually.TrueAsync(async () => (await probe.ReasonOf(settings)).StartsWith("web has 1 server up, 2 are needed: two DOWN", StringComparison.Ordinal), "one is down");
    }

    [Fact]
    public async Task A_member_that_is_somebody_else_or_answers_with_an_error_is_told_so()
    {
        await using var other = await WebTarget.StartAsync();
        await using var broken = await WebTarget.StartAsync(context => { context.Response.StatusCode = 503; return Task.CompletedTask; });
        using var patroni = new PatroniProbe(TimeProvider.System);
        Assert.Equal($"127.0.0.1:{other.Port} does not speak Patroni", await patroni.ReasonOf(new PatroniSettings { Members = [other.Url()] }));
        Assert.Equal("answered 503 instead of 200", await patroni.ReasonOf(new PatroniSettings { Members = [broken.Url(), other.Url()] }));
        using var mute = new RawTarget(_ => null);
        Assert.Equal($"127.0.0.1:{mute.Port} does not answer the connection", await patroni.ReasonOf(new PatroniSettings { Members = [$"http://127.0.0.1:{mute.Port}"] }, seconds: 4));
        var closed = RealProgram.FreePort();
        Assert.Equal($"connection refused by 127.0.0.1:{closed}", await patroni.ReasonOf(new PatroniSettings { Members = [$"http://127.0.0.1:{closed}", other.Url()] }));
    }

    /// <summary>Answers of real clusters, as the members gave them.</summary>
    [Theory]
    [InlineData(true, false, 0, 1, "")]
    [InlineData(true, true, 0, 1, "two members lead at once: pg1, pg2")]
    [InlineData(false, false, 0, 1, "no leader")]
    [InlineData(true, false, 70_000_000, 1, "pg2 is 66.8 MiB, allowed are 15.3 MiB")]
    [InlineData(true, false, 0, 2, "pg2 is on timeline 2, the leader on 1")]
    public void What_all_members_say_together_is_judged(bool first, bool second, long lag, int timeline, string said)
    {
        var cluster = $$"""{"members": [{"name": "pg1", "role": "leader", "state": "running", "api_url": "http://10.77.0.11:8008/patroni", "host": "10.77.0.11", "port": 5432, "timeline": 1}, {"name": "pg2", "role": "replica", "state": "streaming", "timeline": {{timeline}}, "lag": {{lag}} }, {"name": "pg3", "role": "sync_standby", "state": "running", "timeline": 1, "lag": 0}]}""";
        Assert.Equal(said, PatroniProbe.Judge(new() { Members = ["http://pg1", "http://pg2"], MaxLagBytes = 16_000_000, Synchronous = true }, [PatroniView.Read("pg1", first, cluster), PatroniView.Read("pg2", second, cluster)]).Words().Replace('\u00a0', ' '));
    }

    public void Dispose()
    {
        _haproxy.Dispose();
        _folder.Dispose();
    }
}
