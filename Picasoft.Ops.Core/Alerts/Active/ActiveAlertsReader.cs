using System.Globalization;
using Npgsql;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Alerts.Active;

/// <summary>Makes the memory say what the store says. Reads in full only what it does not know, or what somebody else touched.</summary>
public static class ActiveAlertsReader
{
    public static async Task ReadAsync(NpgsqlConnection connection, ActiveAlerts active, CancellationToken cancel)
    {
        var seen = new HashSet<ulong>(active.Count);
        var unknown = new List<long>();
        await using (var heads = new NpgsqlCommand("select id, ('x' || fingerprint)::bit(64)::bigint, updated_at from alerts where resolved_at is null", connection))
        {
            await heads.PrepareAsync(cancel);
            await using var reader = await heads.ExecuteReaderAsync(cancel);
            while (await reader.ReadAsync(cancel))
            {
                var fingerprint = unchecked((ulong)reader.GetInt64(1));
                seen.Add(fingerprint);
                if (active.Find(fingerprint) is not { } known || known.Id != reader.GetInt64(0) || known.Now.UpdatedAt != reader.GetDateTime(2).Ticks) unknown.Add(reader.GetInt64(0));
            }
        }
        active.Keep(seen);
        foreach (var some in unknown.Chunk(10_000)) await ReadAsync(connection, active, some, cancel);
    }

    private static async Task ReadAsync(NpgsqlConnection connection, ActiveAlerts active, long[] ids, CancellationToken cancel)
    {
        await using var rows = new NpgsqlCommand("""
            select id, fingerprint, labels::text, annotations::text, summary::text, generator_url, starts_at, ends_at, updated_at from alerts
            where id = any($1) and resolved_at is null
            """, connection) { Parameters = { new() { Value = ids } } };
        await using var reader = await rows.ExecuteReaderAsync(cancel);
        using var batch = new AlertBatch();
        while (await reader.ReadAsync(cancel))
        {
            foreach (var (name, value) in Json.Parse<LabelSet>(reader.GetString(2))) batch.Add(PairKind.Label, name, value);
            // The product's own words, for programs, which have no language, in English.
            if (!reader.IsDBNull(4) && Json.Parse<Phrase>(reader.GetString(4)) is { } summary) batch.Add(PairKind.Annotation, "summary", summary.In(CultureInfo.InvariantCulture));
            foreach (var (name, value) in Json.Parse<LabelSet>(reader.GetString(3))) batch.Add(PairKind.Annotation, name, value);
            if (!reader.IsDBNull(5)) batch.Add(PairKind.Link, "", reader.GetString(5));
            batch.End(new(reader.GetDateTime(6).Ticks, reader.IsDBNull(7) ? AlertTimes.Never : reader.GetDateTime(7).Ticks, false));
            var read = batch.Alerts[^1];
            // The fingerprint is that of what was sent, which the store may not be able to keep to the letter.
            active.Put(new(reader.GetInt64(0), Fingerprint(reader.GetString(1)), new(batch.ContentOf(read).ToArray()), read.Times, reader.GetDateTime(8).Ticks));
        }
    }

    private static ulong Fingerprint(string text) => ulong.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
