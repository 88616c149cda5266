using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Recovery;

/// <summary>A real Patroni fails over, or does not: what its own reports say of it, and why, stands on the incident of whoever stands on it.</summary>
public sealed class FailoverStoryTests(OpsApi api) : IClassFixture<OpsApi>
{
    private string _said = "";

    [Fact]
    public async Task An_incident_tells_why_nobody_took_over_and_who_did_in_the_end()
    {
        Assert.SkipUnless(PatroniCluster.CanRun, "Patroni and etcd are started as root here");
        await using var cluster = await PatroniCluster.StartAsync(synchronous: true);
        await api.ApplyAsync($$"""
            version: 1
            services: [{name: postgres}, {name: wiki, depends_on: [postgres]}]
            clusters: [{name: database, service: postgres, engine: patroni, members: {{{string.Join(", ", cluster.Members.Select(m => $"{m.Key}: \"{m.Value}\""))}}} }]
            """);
        await Eventually.TrueAsync(async () => await LeaderAsync() == "pg1" && (await ClusterAsync()).Contains("sync_standby", StringComparison.Ordinal), "pg1 leads, and a standby has every write", 120);

        // Somebody paused it, and the leader dies: nobody takes over.
        await cluster.ConfigureAsync(new { pause = true });
        await Eventually.TrueAsync(async () => (await ClusterAsync()).Contains("paused", StringComparison.Ordinal), "it is seen that it is paused", 120);
        await cluster.KillAsync("pg1");
        await api.AlertAsync(LabelSet.Of(("alertname", "wiki_down"), ("service", "wiki"), ("severity", "critical")), TimeProvider.System.GetUtcNow());
        await TellsAsync("database: pg1 no longer answers.");
        await TellsAsync("database: Nobody leads: writes are refused.");
        await TellsAsync("database: Nobody took over because automatic failover is paused.");

        await cluster.ConfigureAsync(new { pause = (bool?)null }, "pg2");
        await TellsAsync("database: the lead moved from pg1 to pg2.");
        await TellsAsync("database: pg2 took the lead at ");
        Assert.Contains("pg2 has led since", await ClusterAsync(), StringComparison.Ordinal);
        Assert.Equal("pg2", await LeaderAsync());
    }

    /// <summary>The only other machine may not take over: what the page says of it is why Patroni did not.</summary>
    [Theory]
    [InlineData("tagged", "Nobody took over: pg2 may not lead (tag nofailover")]
    [InlineData("behind", "Nobody took over: pg2 is further behind than the 1048576 bytes")]
    [InlineData("away", "There is no synchronous standby that may take over without losing writes.")]
    public async Task Why_the_only_other_one_does_not_take_over_is_read_from_its_own_reports(string fault, string why)
    {
        Assert.SkipUnless(PatroniCluster.CanRun, "Patroni and etcd are started as root here");
        await using var cluster = await PatroniCluster.StartAsync(synchronous: fault == "away", unwilling: fault == "tagged");
        await api.PostAsync("/api/v1/recovery/clusters", new { name = fault, engine = "patroni", members = cluster.Members });
        await SaysAsync(c => c["leader"].GetString() == "pg1" && c.Text.Contains("\"streaming\"", StringComparison.Ordinal) | c.Text.Contains("\"running\"", StringComparison.Ordinal), "pg1 leads");

        if (fault == "away")
        {
            await SaysAsync(c => c.Text.Contains("sync_standby", StringComparison.Ordinal), "pg2 has every write");
            await cluster.StopAsync("pg2");
            await SaysAsync(c => c.Text.Contains("No synchronous standby", StringComparison.Ordinal), "it is seen that no other has every write");
            // Patroni takes the right to follow away in etcd first, and then from PostgreSQL: before that, pg2 would rightly take over.
            await Eventually.TrueAsync(async () => await SqlAsync(cluster, "show synchronous_standby_names") is "", "pg1 waits for nobody", 120);
        }
        if (fault == "behind")
        {
            await Eventually.TrueAsync(async () => await SqlAsync(cluster, "select count(*) from pg_stat_replication where state = 'streaming'") is 1L, "pg2 follows", 120);
            await cluster.StopReceivingAsync("pg2");
            await SqlAsync(cluster, "create table bulk as select repeat('x', 1000) as text from generate_series(1, 8000)");
            await SaysAsync(c => c["machines"].EnumerateArray().Any(m => m.GetProperty("lag") is { ValueKind: System.Text.Json.JsonValueKind.Number } lag && lag.GetInt64() > 2 * 1024 * 1024), "it is seen how far behind pg2 is");
        }
        await cluster.KillAsync("pg1");
        if (fault == "away") await cluster.StartAgainAsync("pg2");
        await SaysAsync(c => c.Text.Contains(why, StringComparison.Ordinal), why);
        Assert.Equal(System.Net.HttpStatusCode.NoContent, (await api.DeleteAsync($"/api/v1/recovery/clusters/{fault}")).Status);

        async Task SaysAsync(Func<Answer, bool> holds, string what) => await Eventually.TrueAsync(async () =>
        {
            var answer = await api.GetAsync($"/api/v1/recovery/clusters/{fault}");
            _said = answer.Text;
            return answer["findings"].ValueKind == System.Text.Json.JsonValueKind.Array && holds(answer);
        }, () => $"{what}; it says:\n{_said}", 180);
    }

    private static async Task<object?> SqlAsync(PatroniCluster cluster, string sql)
    {
        await using var connection = new Npgsql.NpgsqlConnection(cluster.ConnectionTo("pg1"));
        await connection.OpenAsync();
        await using var command = new Npgsql.NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    private async Task TellsAsync(string words) => await Eventually.TrueAsync(async () =>
    {
        // Where nobody leads for long enough to be told of, the database has an incident of its own, and the wiki's goes on in it: the story is on the one that is open.
        var number = (await api.GetAsync("/api/v1/incidents"))["items"].EnumerateArray().Where(i => i.GetProperty("state").GetString() != "resolved").Select(i => i.GetProperty("number").GetInt64()).FirstOrDefault();
        if (number == 0) return false;
        var engine = (await api.GetAsync($"/api/v1/incidents/{number}/timeline?limit=200"))["items"].EnumerateArray().Where(e => e.GetProperty("kind").GetString() == "engine").Select(e => e.GetProperty("text").GetString()!);
        _said = string.Join('\n', engine);
        return _said.Contains(words, StringComparison.Ordinal);
    }, () => $"the incident tells: {words}; it tells:\n{_said}", 180);

    private async Task<string?> LeaderAsync() => (await api.GetAsync("/api/v1/recovery/clusters/database"))["leader"].GetString();

    private async Task<string> ClusterAsync() => (await api.GetAsync("/api/v1/recovery/clusters/database")).Text;
}
