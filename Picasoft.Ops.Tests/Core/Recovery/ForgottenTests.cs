using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Recovery;
using Picasoft.Ops.Core.Recovery.Engines;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Recovery;

/// <summary>What was said of something that nobody looks at any more ends with it: nobody else would ever end it.</summary>
public sealed class ForgottenTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_alerts_of_a_cluster_that_was_taken_out_end_and_others_go_on()
    {
        await using var rig = await RigAsync();
        await BeginAsync(rig, ClusterTrouble.Source, ("cluster", "gone"));
        await BeginAsync(rig, "probe", ("cluster", "gone"));
        await using (var db = rig.GetRequiredService<IDbContextFactory<OpsDbContext>>().CreateDbContext())
        {
            db.ClusterStates.Add(new() { Name = "gone", DueAt = TimeProvider.System.GetUtcNow(), LevelSince = TimeProvider.System.GetUtcNow() });
            await db.SaveChangesAsync(Cancel);
        }
        await ActivatorUtilities.CreateInstance<ClusterRunner>(rig, (object)Array.Empty<IClusterEngine>()).RunOnceAsync(Cancel);
        Assert.Equal(["probe"], await OpenAsync(rig));
    }

    [Fact]
    public async Task The_alerts_of_a_plan_that_promises_no_drill_any_more_end()
    {
        await using var rig = await RigAsync();
        foreach (var plan in new[] { "quiet", "gone" })
        {
            await BeginAsync(rig, PlanRunner.Source, ("plan", plan), ("service", "as it was called then"));
            await using var db = rig.GetRequiredService<IDbContextFactory<OpsDbContext>>().CreateDbContext();
            db.PlanStates.Add(new() { Plan = plan, KnownSince = TimeProvider.System.GetUtcNow(), Told = "drill.overdue" });
            if (plan == "quiet") db.Policies.Add(new() { Kind = PolicyKind.RecoveryPlan, Name = plan, Definition = Json.Text(new RecoveryPlanInput { Name = plan, Title = plan, Service = "pads", Steps = [new() { Title = "Walk", Manual = "Walk." }] }) });
            await db.SaveChangesAsync(Cancel);
        }
        await ActivatorUtilities.CreateInstance<PlanRunner>(rig).RunOnceAsync(Cancel);
        Assert.Empty(await OpenAsync(rig));
    }

    private async Task<ServiceProvider> RigAsync() => new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddStorage(await postgres.CreateDatabaseAsync(), new string('k', 32)).BuildServiceProvider();

    private static async Task BeginAsync(ServiceProvider rig, string source, params (string, string)[] labels)
    {
        await using var connection = await rig.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(Cancel);
        var now = TimeProvider.System.GetUtcNow();
        await AlertIntake.ApplyAsync(connection, [new(LabelSet.Of([("alertname", source), .. labels]), LabelSet.Empty, now, null, source)], now, Cancel);
    }

    private static async Task<List<string>> OpenAsync(ServiceProvider rig)
    {
        await using var db = rig.GetRequiredService<IDbContextFactory<OpsDbContext>>().CreateDbContext();
        return await db.Alerts.Where(a => a.ResolvedAt == null).Select(a => a.Source).ToListAsync(Cancel);
    }
}
