using System.Net;
using System.Net.Sockets;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Probes.Kinds;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Stories;

/// <summary>A real nginx that stops is noticed by the end of a connection, hours before the next check.</summary>
public sealed class WatchStory(PostgresFixture postgres)
{
    [Theory]
    [InlineData("QUIT", "http")]
    [InlineData("TERM", "tcp")]
    [InlineData("KILL", "http")]
    public async Task A_watched_server_that_stops_is_checked_at_once(string signal, string type)
    {
        using var folder = new TempFolder();
        await using var nginx = await Nginx.StartAsync(folder);
        await using var node = await StartAsync(nginx.Port, type);
        await Eventually.TrueAsync(() => Task.FromResult(node.Runner.Watched == 1), "it is watched");
        await nginx.StopAsync(signal);
        await Eventually.TrueAsync(async () => await node.AskAsync<long>("select count(*) from alerts where resolved_at is null") == 1, "an alert is open");
        // A check may have been made while it still listened.
        Assert.InRange(await node.AskAsync<long>("select count(*) from probe_results"), 2, 3);
    }

    [Fact]
    public async Task A_server_that_ends_its_connections_before_it_stops_listening_is_noticed_too()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var node = await StartAsync(((IPEndPoint)listener.LocalEndpoint).Port, "tcp");
        using (await listener.AcceptSocketAsync()) // the first check
        using (await listener.AcceptSocketAsync()) // the watch
        {
        }
        using (await listener.AcceptSocketAsync()) { } // the check at its end: good, for it still listens
        listener.Stop();
        await Eventually.TrueAsync(async () => await node.AskAsync<long>("select count(*) from alerts where resolved_at is null") == 1, "an alert is open");
    }

    [Fact]
    public async Task A_server_that_closes_idle_connections_is_checked_twice_more_and_stays_up()
    {
        using var folder = new TempFolder();
        await using var nginx = await Nginx.StartAsync(folder, "client_header_timeout 1s;");
        await using var node = await StartAsync(nginx.Port, "http");
        await Eventually.TrueAsync(async () => await node.AskAsync<long>("select count(*) from probe_results where ok") == 3, "it was checked again");
        Assert.Equal(0, node.Runner.Watched);
        Assert.Equal(0, await node.AskAsync<long>("select count(*) from alerts"));
    }

    [Theory]
    [InlineData(null, 5, true)]
    [InlineData(null, 6, false)]
    [InlineData(false, 1, false)]
    [InlineData(true, 3600, true)]
    public void Whoever_checks_often_watches_unless_told_otherwise(bool? asked, int seconds, bool watched) =>
        Assert.Equal(watched, new TcpProbe().Watched((object)new TcpSettings { Host = "127.0.0.1", Port = 25, Watch = asked }, TimeSpan.FromSeconds(seconds)) is not null);

    [Fact]
    public async Task A_server_that_is_checked_often_is_watched_without_a_word()
    {
        using var folder = new TempFolder();
        await using var nginx = await Nginx.StartAsync(folder);
        await using var node = await StartAsync(nginx.Port, "http", watch: "", interval: TimeSpan.FromSeconds(5));
        await Eventually.TrueAsync(() => Task.FromResult(node.Runner.Watched == 1), "it is watched");
    }

    /// <summary>With one probe of it, due every hour unless said otherwise, whose first check is made.</summary>
    private async Task<ProbingNode> StartAsync(int port, string type, string watch = """, "watch": true""", TimeSpan? interval = null)
    {
        var node = ProbingNode.Create(await postgres.CreateDatabaseAsync());
        var settings = type == "http" ? $$"""{"url": "http://127.0.0.1:{{port}}/"{{watch}} }""" : $$"""{"host": "127.0.0.1", "port": {{port}}{{watch}} }""";
        await node.AddAsync([new ProbeDefinition { Name = "wiki", Type = type, Interval = interval ?? TimeSpan.FromHours(1), Timeout = interval ?? TimeSpan.FromSeconds(20), Failures = 1, Settings = settings }]);
        await node.AskAsync<object>("update probe_slots set next_due_at = now()");
        await node.StartAsync();
        await Eventually.TrueAsync(async () => await node.AskAsync<long>("select count(*) from probe_results where ok") >= 1, "it is up");
        return node;
    }
}
