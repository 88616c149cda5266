using Npgsql;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Storage;

public sealed class SchemaUpgradeTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Eight_nodes_that_start_together_all_end_with_one_schema()
    {
        var database = await postgres.CreateEmptyDatabaseAsync();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => SchemaUpgrade.RunAsync(database, TestContext.Current.CancellationToken)));

        await using var source = NpgsqlDataSource.Create(database);
        await using var db = StorageModule.NewContext(source);
        Assert.Empty(await SchemaUpgrade.PendingAsync(db, TestContext.Current.CancellationToken));
        await using var count = source.CreateCommand("select count(*) from information_schema.tables where table_name = 'qrtz_job_details'");
        Assert.Equal(1L, await count.ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_command_beside_a_running_product_does_not_wait_for_its_scheduler()
    {
        var database = await postgres.CreateEmptyDatabaseAsync();
        await SchemaUpgrade.RunAsync(database, TestContext.Current.CancellationToken);
        await using var source = NpgsqlDataSource.Create(database);
        await using var busy = await source.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await busy.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using (var write = new NpgsqlCommand("lock table qrtz_triggers, qrtz_locks in row exclusive mode", busy)) await write.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await SchemaUpgrade.RunAsync(database, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
    }
}
