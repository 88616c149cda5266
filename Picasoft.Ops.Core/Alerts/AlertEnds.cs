using Npgsql;
using NpgsqlTypes;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Alerts;

/// <summary>The ends of what a part of the product itself began: with the labels of then, since a service may have moved to another host meanwhile.</summary>
public static class AlertEnds
{
    /// <param name="source">See <see cref="Alert.Source"/>.</param>
    /// <param name="label">The label that names the thing.</param>
    /// <param name="names">The things whose alerts end.</param>
    public static async Task<IReadOnlyList<AlertSignal>> OfAsync(NpgsqlConnection connection, string source, string label, IReadOnlyList<string> names, DateTimeOffset now, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            "select labels, annotations, summary, starts_at, generator_url from alerts where source = $1 and resolved_at is null and labels->>$2 = any($3)", connection)
        {
            Parameters = { new() { Value = source }, new() { Value = label }, new() { Value = names.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text } },
        };
        var ends = new List<AlertSignal>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            ends.Add(new(Json.Parse<LabelSet>(reader.GetString(0)), Json.Parse<LabelSet>(reader.GetString(1)), reader.GetFieldValue<DateTimeOffset>(3), now, source,
                reader.IsDBNull(2) ? null : Json.Parse<Phrase>(reader.GetString(2)), reader.IsDBNull(4) ? null : reader.GetString(4)));
        return ends;
    }
}
