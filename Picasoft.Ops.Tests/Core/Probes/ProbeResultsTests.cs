using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Probes;

public sealed class ProbeResultsTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_result_says_by_itself_whether_it_was_well_a_warning_or_a_failure()
    {
        await using var node = ProbingNode.Create(await postgres.CreateDatabaseAsync());
        var intake = node.Get<ProbeResultIntake>();
        await intake.StartAsync(default);
        await node.AddAsync([new() { Name = "wiki", Type = "tls", Interval = TimeSpan.FromDays(1) }]);
        var probe = Assert.Single(await node.Queries.ListAsync(null, default)).Probe;
        var now = TimeProvider.System.GetUtcNow();
        // What is good may say something as well: it is no warning for that.
        Observation[] seen = [Observation.Down("probe.timeout", TimeSpan.FromSeconds(1)), Observation.Warn("probe.tls_soon", TimeSpan.FromDays(2)), new(true, Picasoft.Ops.Core.Primitives.Phrase.Of("probe.said", "ok")), Observation.Up];
        foreach (var (index, one) in seen.Index())
        {
            var check = new CheckDone(probe, now.AddSeconds(-index - 1), 10, one, new());
            intake.Add(check, urgent: true);
            await check.Stored!.Task;
        }
        await intake.StopAsync(default);

        var results = await node.Queries.ResultsAsync(probe.Id, now.AddHours(-1), now, 10, default);
        Assert.Equal([ProbeStatus.Down, ProbeStatus.Warning, ProbeStatus.Up, ProbeStatus.Up], results.Select(r => r.Status));
    }
}
