using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace Picasoft.Ops.Tests.Support;

/// <summary>Two at the same thing at once: one holds it, and the other is seen to wait.</summary>
internal static class Locks
{
    /// <param name="holder">In the transaction that holds the lock.</param>
    public static Task WaitedForAsync(this DbConnection holder, string what) => Eventually.TrueAsync(async () =>
    {
        // Asked of the locks themselves: a transaction sees in pg_stat_activity only the sessions that were there at its first look.
        await using var look = holder.CreateCommand();
        look.CommandText = "select exists (select from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid)))";
        return (bool)(await look.ExecuteScalarAsync())!;
    }, what);

    /// <inheritdoc cref="WaitedForAsync(DbConnection, string)"/>
    public static Task WaitedForAsync(this DbContext holder, string what) => holder.Database.GetDbConnection().WaitedForAsync(what);
}
