using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Escalations;

public class RehearsalTests(PostgresFixture postgres)
{
    [Fact]
    public async Task The_way_of_an_alarm_is_walked_once_and_leaves_nothing_behind()
    {
        await using var app = await RunningApp.StartAsync(postgres);
        var rehearsal = app.Services.GetServices<IHostedService>().OfType<RehearsalRunner>().Single();
        await Eventually.TrueAsync(async () =>
        {
            try { return await rehearsal.RunOnceAsync(default); } // any other failure is one: a way that changed must be rehearsed as it is
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable) { return false; } // the product is at its own
        }, "it was rehearsed", 120);
        await using (var db = await app.Services.GetRequiredService<IDbContextFactory<OpsDbContext>>().CreateDbContextAsync())
            Assert.Equal((0, 0, 0, 0), (await db.Incidents.CountAsync(), await db.Alerts.CountAsync(), await db.Deliveries.CountAsync(), await db.Channels.CountAsync()));
        using var program = app.Program(await app.AddTokenAsync(Scopes.All));
        using var declared = JsonDocument.Parse(await (await program.PostAsJsonAsync("/api/v1/incidents", new { title = "the first" })).Content.ReadAsStringAsync());
        Assert.Equal(1, declared.RootElement.GetProperty("number").GetInt64()); // numbers have no holes
    }
}
