using Npgsql;
using NpgsqlTypes;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Alerts;

/// <summary>
/// The alerts that a part of the product raises itself: it says what it wants to be open, and what is open becomes that. What ends does so with the labels of then,
/// since a service may have moved to another host meanwhile.
/// </summary>
public static class OwnAlerts
{
    /// <summary>Those of a source that go on, as they were begun.</summary>
    /// <param name="source">See <see cref="Alert.Source"/>.</param>
    /// <param name="label">Only those in which this label names one of <paramref name="names"/>; null: all.</param>
    public static async Task<IReadOnlyList<AlertSignal>> OpenAsync(NpgsqlConnection connection, string source, CancellationToken cancel, string? label = null, IReadOnlyList<string>? names = null)
    {
        await using var command = new NpgsqlCommand(
            "select labels, annotations, summary, starts_at, ends_at, generator_url from alerts where source = $1 and source <> 'api' and resolved_at is null and ($2 is null or labels->>$2 = any($3))", connection)
        {
            Parameters = { new() { Value = source }, new() { Value = (object?)label ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text }, new() { Value = names?.ToArray() ?? [], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text } },
        };
        var open = new List<AlertSignal>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            open.Add(new(Json.Parse<LabelSet>(reader.GetString(0)), Json.Parse<LabelSet>(reader.GetString(1)), reader.GetFieldValue<DateTimeOffset>(3),
                reader.IsDBNull(4) ? null : reader.GetFieldValue<DateTimeOffset>(4), source, reader.IsDBNull(2) ? null : Json.Parse<Phrase>(reader.GetString(2)), reader.IsDBNull(5) ? null : reader.GetString(5)));
        return open;
    }

    /// <summary>The ends of those that name one of these things.</summary>
    public static async Task<IReadOnlyList<AlertSignal>> EndsAsync(NpgsqlConnection connection, string source, string label, IReadOnlyList<string> names, DateTimeOffset now, CancellationToken cancel) =>
        [.. (await OpenAsync(connection, source, cancel, label, names)).Select(a => a with { EndsAt = now })];

    /// <summary>Begins what is wanted and not open, refreshes what says something else than before, ends what is open and not wanted. Part of the caller's transaction.</summary>
    /// <param name="open">As read in the same transaction: <see cref="OpenAsync"/>.</param>
    /// <param name="wanted">All that is to be open.</param>
    public static async Task SettleAsync(NpgsqlConnection connection, IReadOnlyList<AlertSignal> open, IEnumerable<AlertSignal> wanted, DateTimeOffset now, CancellationToken cancel) =>
        await AlertIntake.ApplyAsync(connection, Changes(open, wanted, now), now, cancel);

    /// <summary>What makes the open ones those that are wanted: of one that is open and says the same, nothing. Pure.</summary>
    public static IReadOnlyList<AlertSignal> Changes(IEnumerable<AlertSignal> open, IEnumerable<AlertSignal> wanted, DateTimeOffset now)
    {
        var left = open.DistinctBy(a => a.Labels).ToDictionary(a => a.Labels);
        var changes = new List<AlertSignal>();
        foreach (var one in wanted.DistinctBy(w => w.Labels))
            if (!left.Remove(one.Labels, out var known) || known.Summary != one.Summary || !known.Annotations.Equals(one.Annotations)) changes.Add(one);
        changes.AddRange(left.Values.Select(a => a with { EndsAt = now }));
        return changes;
    }
}
