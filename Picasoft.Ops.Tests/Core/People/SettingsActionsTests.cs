using Npgsql;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.People;

public sealed class SettingsActionsTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Who_saves_what_somebody_else_is_just_saving_is_told()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var node = ProbingNode.Create(database);
        await using var source = NpgsqlDataSource.Create(database);
        await using var other = await source.OpenConnectionAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await using (var insert = new NpgsqlCommand("""insert into retention_settings (id, definition, from_file) values (1, '{}', false)""", other)) await insert.ExecuteNonQueryAsync();
        var saving = node.Get<RetentionActions>().UpdateAsync(new(), Actor.System, CancellationToken.None);
        await other.WaitedForAsync("it waits for the other");
        await transaction.CommitAsync();
        Assert.Equal(RefusalKind.Conflict, (await saving).Refusal?.Kind);
    }
}
