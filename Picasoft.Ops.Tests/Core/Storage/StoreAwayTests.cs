using Npgsql;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Storage;

public sealed class StoreAwayTests(PostgresFixture postgres)
{
    [Fact]
    public async Task That_none_of_several_servers_is_the_one_wanted_passes_by_itself_and_a_mistake_does_not()
    {
        var one = new NpgsqlConnectionStringBuilder(await postgres.CreateDatabaseAsync());
        // Two primaries and no standby: as during a failover, the other way round.
        await using var several = new NpgsqlDataSourceBuilder(new NpgsqlConnectionStringBuilder(one.ConnectionString) { Host = $"{one.Host},{one.Host}" }.ConnectionString).BuildMultiHost();
        await using var standbys = several.WithTargetSession(TargetSessionAttributes.Standby);
        var none = await Assert.ThrowsAnyAsync<NpgsqlException>(async () => await standbys.OpenConnectionAsync());
        Assert.True(StoreAway.Is(none), none.ToString());

        await using var command = several.CreateCommand("select nonsense");
        Assert.False(StoreAway.Is(await Assert.ThrowsAnyAsync<NpgsqlException>(async () => await command.ExecuteScalarAsync())));
    }
}
