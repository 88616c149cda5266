using System.Net;
using System.Net.Sockets;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Probes;

/// <summary>What our own machine lacks is told as such, and not as a failure of what is checked.</summary>
public sealed class PoorMachineTests(DockerEngine engine) : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task An_engine_that_our_account_may_not_ask_is_told_from_one_that_is_gone()
    {
        await engine.RequireAsync();
        var name = DockerEngine.NameOf("closed");
        await engine.StartAsync(name, "sleep 1000");
        // The way to it is open to everybody, as /run is; it is not itself.
        await RealProgram.RunAsync("chmod", "a+x", Path.GetDirectoryName(engine.Socket)!);
        var settings = $$"""{"container": "{{name}}", "engine": "{{engine.Socket}}"}""";
        Assert.Equal("", await Elsewhere.ReasonOf("docker", settings, []));
        Assert.Equal($"we may not open {engine.Socket}: give our account the right to", await Elsewhere.ReasonOf("docker", settings, Elsewhere.AsNobody));
    }

    [Theory]
    [InlineData("tcp", """{"host": "127.0.0.1", "port": PORT}""")]
    [InlineData("http", """{"url": "http://127.0.0.1:PORT/"}""")]
    public async Task A_machine_without_descriptors_says_so(string kind, string settings)
    {
        await using var web = await WebTarget.StartAsync();
        settings = settings.Replace("PORT", $"{web.Port}", StringComparison.Ordinal);
        string[] few = ["sh", "-c", "ulimit -n 300; exec \"$@\"", "sh"];
        Assert.Equal("", await Elsewhere.ReasonOf(kind, settings, few));
        Assert.Equal("this machine has too many open files or connections to check anything: raise its limit (ulimit -n)", await Elsewhere.ReasonOf(kind, settings, few, full: true));
    }

    [Fact]
    public async Task A_name_server_that_says_nothing_is_told_from_a_name_that_is_not_there()
    {
        Assert.SkipUnless(await Elsewhere.HasFilesAsync(), "may not make a mount namespace");
        using var mute = new UdpClient(new IPEndPoint(IPAddress.Parse($"127.67.{Environment.ProcessId % 250}.{Random.Shared.Next(1, 250)}"), 53));
        await File.WriteAllTextAsync(_folder["resolv.conf"], $"nameserver {((IPEndPoint)mute.Client.LocalEndPoint!).Address}\noptions timeout:1 attempts:1\n");
        await File.WriteAllTextAsync(_folder["nsswitch.conf"], "hosts: files dns\n");
        var within = Elsewhere.WithFiles(_folder, "resolv.conf", "nsswitch.conf");
        foreach (var (kind, settings) in new[] { ("tcp", """{"host": "wiki.example.org", "port": 80}"""), ("http", """{"url": "http://wiki.example.org/"}"""), ("icmp", """{"host": "wiki.example.org"}""") })
            Assert.Equal("the DNS server does not answer for wiki.example.org", await Elsewhere.ReasonOf(kind, settings, within));
    }

    /// <summary>Packets that vanish on the way: nobody refuses, nobody says that there is no way.</summary>
    [Fact]
    public async Task A_connection_that_nobody_answers_is_told_from_one_that_is_refused()
    {
        string[] within = ["unshare", "--net", "sh", "-c", "ip link add v0 type veth peer name v1 && ip addr add 192.0.2.1/24 dev v0 && ip link set v0 up && ip link set v1 up && ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev v0 && echo 1 >/proc/sys/net/ipv4/tcp_syn_retries && exec \"$@\"", "sh"];
        Assert.SkipUnless(Environment.IsPrivilegedProcess && await Elsewhere.RunsAsync([.. within, "true"]), "may not make a network namespace");
        foreach (var (kind, settings) in new[] { ("tcp", """{"host": "192.0.2.2", "port": 80}"""), ("http", """{"url": "http://192.0.2.2:80/"}""") })
            Assert.Equal("192.0.2.2:80 does not answer the connection", await Elsewhere.ReasonOf(kind, settings, within));
    }

    public void Dispose() => _folder.Dispose();
}
