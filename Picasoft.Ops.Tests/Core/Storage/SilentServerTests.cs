using System.Diagnostics;
using Npgsql;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Storage;

/// <summary>A server that takes the words and never answers, as the one does whose machine was cut off.</summary>
public sealed class SilentServerTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_session_that_fell_silent_in_the_pool_of_several_servers_is_given_up()
    {
        var one = new NpgsqlConnectionStringBuilder(await postgres.CreateDatabaseAsync());
        // As docker/ha once wrote it, and with nothing known of a server remembered: Npgsql would wait for the answer for ever.
        var several = new NpgsqlConnectionStringBuilder(one.ConnectionString) { Host = $"{one.Host},{one.Host}", TargetSessionAttributes = "primary", Timeout = 1, HostRecheckSeconds = 0, CommandTimeout = 5, CancellationTimeout = -1 };
        await using var source = NpgsqlDataSource.Create(StorageModule.Careful(several.ConnectionString));
        int silent;
        await using (var connection = await source.OpenConnectionAsync()) silent = connection.ProcessID;
        Signals.Send(silent, Signals.Stop);
        try
        {
            // Either another session is lent, or it is said that none could be: what must not be is silence.
            try
            {
                await using var connection = await source.OpenConnectionAsync(CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(60));
                Assert.NotEqual(silent, connection.ProcessID);
            }
            catch (NpgsqlException) { } // said that none could be
        }
        finally
        {
            Signals.Send(silent, Signals.Continue);
        }
    }

    /// <summary>As a node leaves it behind when it, or the proxy that it came through, is cut off from the server.</summary>
    [Fact]
    public async Task What_a_session_holds_that_says_nothing_more_is_free_for_others()
    {
        var one = new NpgsqlConnectionStringBuilder(await postgres.CreateDatabaseAsync());
        await using var source = NpgsqlDataSource.Create(StorageModule.Careful(new NpgsqlConnectionStringBuilder(one.ConnectionString) { Host = $"{one.Host},{one.Host}" }.ConnectionString));
        await using var gone = await source.OpenConnectionAsync();
        await using var transaction = await gone.BeginTransactionAsync();
        await using (var take = new NpgsqlCommand("select pg_advisory_xact_lock(1)", gone)) await take.ExecuteNonQueryAsync();
        await using var other = await source.OpenConnectionAsync();
        await Eventually.TrueAsync(async () =>
        {
            await using var ask = new NpgsqlCommand("select pg_try_advisory_lock(1)", other);
            return (bool)(await ask.ExecuteScalarAsync())!;
        }, "the lock is free");
    }

    [Theory]
    [InlineData("Host=a,b;Timeout=1", 2, -1)]
    [InlineData("Host=a,b;Timeout=5;Cancellation Timeout=300", 5, 300)]
    [InlineData("Host=a;Timeout=1", 1, 2000)]
    public void Several_servers_are_given_the_time_to_answer_and_commits_are_not_cancelled(string written, int timeout, int cancellation)
    {
        var careful = new NpgsqlConnectionStringBuilder(StorageModule.Careful(written));
        Assert.Equal((timeout, cancellation), (careful.Timeout, careful.CancellationTimeout));
    }
}
