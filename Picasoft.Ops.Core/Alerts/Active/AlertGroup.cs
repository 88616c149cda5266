using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Alerts.Active;

/// <summary>What the requests of one transaction come to, alert by alert, and the statements that write it.</summary>
internal sealed class AlertGroup(ActiveAlerts active)
{
    // Where an alert stands on its page stays: neither column is in an index (HOT).
    private const string Touch = """
        update alerts a set ends_at = i.e, updated_at = $3 from unnest($1, $2) i (id, e) where a.id = i.id and a.resolved_at is null
        """;

    private static readonly JsonWriterOptions _json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly Dictionary<ulong, Staged> _staged = [];

    public void Add(AlertBatch batch, DateTimeOffset now)
    {
        foreach (var alert in batch.Alerts)
        {
            ref var staged = ref CollectionsMarshal.GetValueRefOrAddDefault(_staged, alert.Fingerprint, out var isKnown);
            if (!isKnown) staged.Known = active.Find(alert.Fingerprint);
            // One that has ended by its own word, though nobody looked yet, is not burning: what comes now is another.
            var before = isKnown ? staged.Alert.Times : staged.Known?.Now.Times;
            var times = before is { } burning && burning.End > now.UtcTicks ? burning.With(alert.Times, now.UtcTicks) : alert.Times;
            (staged.Batch, staged.Alert) = (batch, alert with { Times = times });
        }
    }

    public void Clear() => _staged.Clear();

    /// <summary>Writes it in one transaction, and remembers it. False: what we remembered was not true any more; the same must be worked out again.</summary>
    public async Task<bool> WriteAsync(NpgsqlConnection connection, DateTimeOffset now, CancellationToken cancel)
    {
        List<Staged> touched = [], begun = [], ended = [];
        foreach (var staged in _staged.Values)
        {
            if (staged.Alert.Times.End <= now.UtcTicks) ended.Add(staged);
            else if (staged.Known is { } known && known.Now.Times.Start == staged.Alert.Times.Start && known.Content.Bytes.SequenceEqual(staged.Content)) touched.Add(staged);
            else begun.Add(staged);
        }
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new(AlertIntake.Lock) { Parameters = { new() { Value = Shelves() } } });
        var touch = touched.Count == 0 ? null : new NpgsqlBatchCommand(Touch)
        {
            Parameters =
            {
                new() { Value = touched.ConvertAll(s => s.Known!.Id), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint },
                new() { Value = touched.ConvertAll(End), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz },
                new() { Value = now.UtcDateTime },
            },
        };
        if (touch is not null) batch.BatchCommands.Add(touch);
        if (begun.Count > 0) batch.BatchCommands.Add(Full(AlertIntake.Begin, begun, now));
        if (ended.Count > 0) batch.BatchCommands.Add(Full(AlertIntake.End, ended, now));
        if (ended.Count > 0 || begun.Exists(s => s.Known is null))
            batch.BatchCommands.Add(new("select pg_notify('ops', $1)") { Parameters = { new() { Value = ChangeSignal.Payload(AlertIntake.Topic, 0) } } });
        await batch.PrepareAsync(cancel);

        var ids = new Dictionary<ulong, long>(begun.Count);
        await using (var reader = await batch.ExecuteReaderAsync(cancel))
            do
                while (await reader.ReadAsync(cancel))
                    if (reader.FieldCount == 3) ids[ulong.Parse(reader.GetString(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)] = reader.GetInt64(1);
            while (await reader.NextResultAsync(cancel));

        foreach (var s in touched) s.Known!.Touch(s.Alert.Times, now.UtcTicks);
        foreach (var s in begun) active.Put(new(ids[s.Alert.Fingerprint], s.Alert.Fingerprint, new(s.Content.ToArray()), s.Alert.Times, now.UtcTicks));
        foreach (var s in ended) active.Remove(s.Alert.Fingerprint);
        return touch is null || (int)touch.RecordsAffected == touched.Count;
    }

    private int[] Shelves()
    {
        Span<bool> taken = stackalloc bool[256];
        foreach (var fingerprint in _staged.Keys) taken[(byte)fingerprint] = true;
        var shelves = new List<int>();
        for (var i = 0; i < taken.Length; i++)
            if (taken[i]) shelves.Add(i);
        return [.. shelves];
    }

    private static NpgsqlBatchCommand Full(string sql, List<Staged> staged, DateTimeOffset now)
    {
        staged.Sort((a, b) => a.Alert.Fingerprint.CompareTo(b.Alert.Fingerprint));
        var contents = staged.ConvertAll(s => new AlertContent(s.Content.ToArray()));
        return new(sql)
        {
            Parameters =
            {
                Texts(staged.ConvertAll(s => (string?)LabelHash.Text(s.Alert.Fingerprint))),
                Texts(contents.ConvertAll(c => (string?)Text(c, PairKind.Label))),
                Texts(contents.ConvertAll(c => (string?)Text(c, PairKind.Annotation))),
                Texts(staged.ConvertAll(_ => (string?)null)),
                new() { Value = staged.ConvertAll(s => new DateTime(s.Alert.Times.Start, DateTimeKind.Utc)), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz },
                new() { Value = staged.ConvertAll(End), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz },
                Texts(staged.ConvertAll(_ => (string?)"api")),
                Texts(contents.ConvertAll(c => c.Link() is { } link ? AlertIntake.Clean(link) : null)),
                new() { Value = now.UtcDateTime },
            },
        };
    }

    private static NpgsqlParameter Texts(List<string?> texts) => new() { Value = texts, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    private static DateTime? End(Staged staged) => staged.Alert.Times.End == AlertTimes.Never ? null : new DateTime(staged.Alert.Times.End, DateTimeKind.Utc);

    // Straight from where it lies; only what PostgreSQL cannot keep takes the long way.
    private static string Text(AlertContent content, PairKind kind)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, _json)) content.Write(json, kind);
        var text = buffer.WrittenSpan;
        return text.IndexOf("\\u0000"u8) < 0 ? Encoding.UTF8.GetString(text) : Json.Text(AlertIntake.Clean(kind == PairKind.Label ? content.Labels() : content.Annotations()));
    }

    private record struct Staged(AlertBatch Batch, BatchedAlert Alert, ActiveAlert? Known)
    {
        public readonly ReadOnlySpan<byte> Content => Batch.ContentOf(Alert);
    }
}
