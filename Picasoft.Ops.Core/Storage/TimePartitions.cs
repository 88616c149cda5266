using System.Globalization;
using Npgsql;

namespace Picasoft.Ops.Core.Storage;

/// <summary>A table partitioned by time, with a default partition for what comes outside.</summary>
/// <param name="Name">The table.</param>
/// <param name="Column">The instant that decides.</param>
/// <param name="ByMonth">A partition for each month instead of each day.</param>
public readonly record struct PartitionedTable(string Name, string Column = "at", bool ByMonth = false)
{
    private string Format => ByMonth ? "yyyyMM" : "yyyyMMdd";

    /// <summary>What the names of its partitions begin with.</summary>
    internal string Prefix => Name + (ByMonth ? "_m" : "_d");

    internal string NameOf(DateOnly first) => Prefix + first.ToString(Format, CultureInfo.InvariantCulture);

    internal bool TryParse(string name, out DateOnly first)
    {
        first = default;
        return name.StartsWith(Prefix, StringComparison.Ordinal) && DateOnly.TryParseExact(name.AsSpan(Prefix.Length), Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out first);
    }

    internal DateOnly FirstOf(DateOnly day) => ByMonth ? new(day.Year, day.Month, 1) : day;

    internal DateOnly After(DateOnly first) => ByMonth ? first.AddMonths(1) : first.AddDays(1);
}

/// <summary>Tables partitioned by day or month: dropping a partition costs nothing, deleting its rows would.</summary>
public static class TimePartitions
{
    /// <summary>Partitions are made for today and as many days after it.</summary>
    public const int DaysAhead = 7;

    /// <summary>Makes the partitions to come and those of what waits outside any (of an older store, or late), and drops those that lie before the last <paramref name="daysKept"/> days.</summary>
    public static async Task<(int Made, int Dropped)> KeepAsync(NpgsqlConnection connection, PartitionedTable table, DateOnly today, int daysKept, CancellationToken cancel)
    {
        var (made, dropped) = (0, 0);
        var there = await ExistingAsync(connection, table, cancel);
        var from = await FirstWaitingAsync(connection, table, cancel) is { } waits && waits < today ? waits : today;
        if (from < today.AddDays(-daysKept)) from = today.AddDays(-daysKept);
        for (var first = table.FirstOf(from); first <= today.AddDays(DaysAhead); first = table.After(first))
            if (!there.ContainsKey(first) && await MakeAsync(connection, table, first, cancel)) made++;
        foreach (var (_, name) in there.Where(p => table.After(p.Key) <= today.AddDays(-daysKept)))
        {
            await ExecuteAsync(connection, $"drop table if exists {name}", cancel);
            dropped++;
        }
        // What was kept outside any day's partition goes with its day as well.
        await ExecuteAsync(connection, string.Create(CultureInfo.InvariantCulture, $"delete from {table.Name}_default where {table.Column} < '{today.AddDays(-daysKept):yyyy-MM-dd}+00'"), cancel);
        return (made, dropped);
    }

    private static async Task<DateOnly?> FirstWaitingAsync(NpgsqlConnection connection, PartitionedTable table, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand($"select (min({table.Column}) at time zone 'UTC')::date from {table.Name}_default", connection);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel) && !reader.IsDBNull(0) ? reader.GetFieldValue<DateOnly>(0) : null;
    }

    private static async Task<Dictionary<DateOnly, string>> ExistingAsync(NpgsqlConnection connection, PartitionedTable table, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = $1::regclass", connection) { Parameters = { new() { Value = table.Name } } };
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var there = new Dictionary<DateOnly, string>();
        while (await reader.ReadAsync(cancel))
            if (table.TryParse(reader.GetString(0), out var first)) there[first] = reader.GetString(0);
        return there;
    }

    /// <summary>Rows of that time that lie in the default partition move over: PostgreSQL refuses to make a partition for them otherwise. Whoever writes meanwhile waits, and nothing of it is lost.</summary>
    private static async Task<bool> MakeAsync(NpgsqlConnection connection, PartitionedTable table, DateOnly first, CancellationToken cancel)
    {
        var (name, from, to) = (table.NameOf(first), Bound(first), Bound(table.After(first)));
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(cancel);
            await ExecuteAsync(connection, $"""
                select pg_advisory_xact_lock(hashtext('{name}')); -- one after the other: PostgreSQL has several errors for a race
                create table {name} (like {table.Name} including defaults including constraints);
                lock table only {table.Name} in share row exclusive mode; -- whoever writes waits here, before it is sent to the default partition that will refuse it
                with moved as (delete from {table.Name}_default where {table.Column} >= {from} and {table.Column} < {to} returning *)
                insert into {name} select * from moved;
                alter table {table.Name} attach partition {name} for values from ({from}) to ({to});
                """, cancel);
            await transaction.CommitAsync(cancel);
            return true;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DuplicateTable or PostgresErrorCodes.UniqueViolation)
        {
            return false; // another node did it in the same second
        }
    }

    private static string Bound(DateOnly day) => string.Create(CultureInfo.InvariantCulture, $"'{day:yyyy-MM-dd} 00:00:00+00'");

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
