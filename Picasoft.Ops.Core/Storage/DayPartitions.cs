using System.Globalization;
using Npgsql;

namespace Picasoft.Ops.Core.Storage;

/// <summary>Tables partitioned by day of their column <c>at</c>, with a default partition for what comes outside: dropping a day costs nothing, deleting it would.</summary>
public static class DayPartitions
{
    /// <summary>Partitions are made for today and as many days after it.</summary>
    public const int DaysAhead = 7;

    /// <summary>Makes the partitions to come, and drops the days before the last <paramref name="daysKept"/>.</summary>
    public static async Task<(int Made, int Dropped)> KeepAsync(NpgsqlConnection connection, string table, DateOnly today, int daysKept, CancellationToken cancel)
    {
        var (made, dropped) = (0, 0);
        var there = await ExistingAsync(connection, table, cancel);
        for (var day = today; day <= today.AddDays(DaysAhead); day = day.AddDays(1))
            if (!there.ContainsKey(day) && await MakeAsync(connection, table, day, cancel)) made++;
        foreach (var (_, name) in there.Where(p => p.Key < today.AddDays(-daysKept)))
        {
            await ExecuteAsync(connection, $"drop table if exists {name}", cancel);
            dropped++;
        }
        // What was kept outside any day's partition goes with its day as well.
        await ExecuteAsync(connection, string.Create(CultureInfo.InvariantCulture, $"delete from {table}_default where at < '{today.AddDays(-daysKept):yyyy-MM-dd}+00'"), cancel);
        return (made, dropped);
    }

    private static async Task<Dictionary<DateOnly, string>> ExistingAsync(NpgsqlConnection connection, string table, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = $1::regclass", connection) { Parameters = { new() { Value = table } } };
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var prefix = PrefixOf(table);
        var there = new Dictionary<DateOnly, string>();
        while (await reader.ReadAsync(cancel))
            if (reader.GetString(0) is var name && name.StartsWith(prefix, StringComparison.Ordinal) && DateOnly.TryParseExact(name.AsSpan(prefix.Length), "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
                there[day] = name;
        return there;
    }

    /// <summary>Rows of that day that lie in the default partition move over: PostgreSQL refuses to make a partition for them otherwise.</summary>
    private static async Task<bool> MakeAsync(NpgsqlConnection connection, string table, DateOnly day, CancellationToken cancel)
    {
        var (name, from, to) = (PrefixOf(table) + day.ToString("yyyyMMdd", CultureInfo.InvariantCulture), Bound(day), Bound(day.AddDays(1)));
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(cancel);
            await ExecuteAsync(connection, $"""
                select pg_advisory_xact_lock(hashtext('{name}')); -- one after the other: PostgreSQL has several errors for a race
                create table {name} (like {table} including defaults including constraints);
                lock table {table}_default in exclusive mode;
                with moved as (delete from {table}_default where at >= {from} and at < {to} returning *)
                insert into {name} select * from moved;
                alter table {table} attach partition {name} for values from ({from}) to ({to});
                """, cancel);
            await transaction.CommitAsync(cancel);
            return true;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DuplicateTable or PostgresErrorCodes.UniqueViolation)
        {
            return false; // another node did it in the same second
        }
    }

    private static string PrefixOf(string table) => table + "_d";

    private static string Bound(DateOnly day) => string.Create(CultureInfo.InvariantCulture, $"'{day:yyyy-MM-dd} 00:00:00+00'");

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
