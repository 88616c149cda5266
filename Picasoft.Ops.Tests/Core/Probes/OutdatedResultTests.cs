using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Probes;

/// <summary>A node that was cut off brings what it saw alone, late.</summary>
public sealed class OutdatedResultTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData(-10, -40, "Up", 0)] // it waited for the database, and somebody has looked since
    [InlineData(-60, -40, "Down", 1)] // it waited, and is still the newest
    [InlineData(3600, 0, "Down", 1)] // it did not wait: the other node's clock is wrong
    public async Task What_waited_is_stored_and_does_not_count_against_what_was_seen_since(int good, int bad, string status, long alerts)
    {
        // Of the node only what stores runs: while partitions are made, who counts rows may miss those that move.
        await using var node = ProbingNode.Create(await postgres.CreateDatabaseAsync());
        var intake = node.Get<ProbeResultIntake>();
        await intake.StartAsync(default);
        await node.AddAsync([new() { Name = "wiki", Type = "tcp", Interval = TimeSpan.FromDays(1), Failures = 1 }]);
        var probe = Assert.Single(await node.Queries.ListAsync(null, default)).Probe;
        var now = TimeProvider.System.GetUtcNow();
        await StoreAsync(intake, new(probe, now.AddSeconds(good), 10, Observation.Up, new()));
        await StoreAsync(intake, new(probe, now.AddSeconds(bad), 10, Observation.Down("probe.timeout", TimeSpan.FromSeconds(1)), new()));
        await intake.StopAsync(default);

        Assert.Equal(2, await node.AskAsync<long>("select count(*) from probe_results"));
        Assert.Equal(status, await node.AskAsync<string>("select status from probe_states"));
        Assert.Equal(alerts, await node.AskAsync<long>("select count(*) from alerts"));
    }

    private static async Task StoreAsync(ProbeResultIntake intake, CheckDone check)
    {
        intake.Add(check, urgent: true);
        await check.Stored!.Task;
    }
}
