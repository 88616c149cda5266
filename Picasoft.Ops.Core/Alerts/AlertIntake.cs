using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Alerts;

/// <summary>
/// The one door for alerts, whatever their source: turns what a source says now into alert rows.
/// Raw SQL, one statement for a whole batch: a flood of thousands of alerts a second passes here.
/// </summary>
public static class AlertIntake
{
    /// <summary>Topic of <see cref="ChangeSignal"/>: alerts began or ended.</summary>
    public const string Topic = "alerts";

    // Two batches that share alerts must not wait for each other crosswise. Row locks cannot see to that: a row that another batch is just inserting
    // cannot be locked yet. So each batch first takes the locks of its alerts' shelves, in order; there are few enough for PostgreSQL's lock table.
    internal const string Lock = "select pg_advisory_xact_lock(79801, shelf) from unnest($1) shelf";

    internal const string Begin = """
        insert into alerts as a (fingerprint, labels, annotations, summary, starts_at, ends_at, updated_at, source, generator_url, pending)
        select f, l::jsonb, n::jsonb, s::jsonb, b, e, $9, o, u, true
        from unnest($1, $2, $3, $4, $5, $6, $7, $8) i (f, l, n, s, b, e, o, u)
        on conflict (fingerprint) where resolved_at is null do update set
            annotations = excluded.annotations, summary = excluded.summary, 
            starts_at = case when excluded.starts_at >= a.ends_at then excluded.starts_at else least(a.starts_at, excluded.starts_at) end, ends_at = excluded.ends_at,
            updated_at = excluded.updated_at, generator_url = excluded.generator_url
        returning (xmax = 0), id, fingerprint
        """;

    internal const string End = """
        update alerts a set resolved_at = $9, ends_at = i.e, updated_at = $9, pending = true,
            annotations = case when i.n = '{}' then a.annotations else i.n::jsonb end, summary = coalesce(i.s::jsonb, a.summary), generator_url = coalesce(i.u, a.generator_url)
        from unnest($1, $2, $3, $4, $5, $6, $7, $8) i (f, l, n, s, b, e, o, u)
        where a.fingerprint = i.f and a.resolved_at is null
        returning true
        """;

    /// <summary>
    /// Applies a batch; of signals about one alert the last one counts. Part of the caller's transaction, if there is one (once in it, and briefly): the alerts are safe when it has committed.
    /// A new alert and one that ended are handed to the incidents; one that is merely sent again is refreshed; the end of an unknown one is nothing.
    /// </summary>
    public static async Task ApplyAsync(NpgsqlConnection connection, IReadOnlyList<AlertSignal> signals, DateTimeOffset now, CancellationToken cancel)
    {
        now = now.ToUniversalTime();
        var last = new SortedDictionary<string, AlertSignal>(StringComparer.Ordinal);
        if (signals.Count == 0) return;
        foreach (var signal in signals) last[signal.Labels.Fingerprint()] = signal;
        var begun = last.Where(s => s.Value.EndsAt is not { } end || end > now).ToList();
        var ended = last.Where(s => s.Value.EndsAt <= now).ToList();

        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new(Lock) { Parameters = { new() { Value = last.Keys.Select(Shelf).Distinct().Order().ToArray() } } });
        if (begun.Count > 0) batch.BatchCommands.Add(Command(Begin, begun, now));
        if (ended.Count > 0) batch.BatchCommands.Add(Command(End, ended, now));

        var moved = false;
        await using (var reader = await batch.ExecuteReaderAsync(cancel))
            do
                while (await reader.ReadAsync(cancel)) moved |= reader.GetValue(0) is true;
            while (await reader.NextResultAsync(cancel));
        // News are serialised by PostgreSQL at commit: thousands of "still burning" must not queue there.
        if (moved) await ChangeSignal.PublishAsync(connection, Topic, 0, cancel);
    }

    private static int Shelf(string fingerprint) => int.Parse(fingerprint.AsSpan(14), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static NpgsqlBatchCommand Command(string sql, List<KeyValuePair<string, AlertSignal>> signals, DateTimeOffset now) => new(sql)
    {
        Parameters =
        {
            Texts(signals, s => s.Key),
            Texts(signals, s => Json.Text(Clean(s.Value.Labels))),
            Texts(signals, s => Json.Text(Clean(s.Value.Annotations))),
            Texts(signals, s => s.Value.Summary is { } summary ? Json.Text(summary with { Args = [.. summary.Args.Select(Clean)] }) : null),
            Times(signals, s => s.Value.StartsAt.ToUniversalTime()),
            Times(signals, s => s.Value.EndsAt?.ToUniversalTime()),
            Texts(signals, s => s.Value.Source.Length > 32 ? s.Value.Source[..32] : s.Value.Source),
            Texts(signals, s => s.Value.GeneratorUrl is { } url ? Clean(url) : null),
            new() { Value = now },
        },
    };

    private static NpgsqlParameter Texts(List<KeyValuePair<string, AlertSignal>> signals, Func<KeyValuePair<string, AlertSignal>, string?> text) =>
        new() { Value = signals.ConvertAll(s => text(s)), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    private static NpgsqlParameter Times(List<KeyValuePair<string, AlertSignal>> signals, Func<KeyValuePair<string, AlertSignal>, DateTimeOffset?> time) =>
        new() { Value = signals.ConvertAll(s => time(s)), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz };

    internal static LabelSet Clean(LabelSet labels) =>
        labels.Any(l => l.Value.Contains('\0', StringComparison.Ordinal)) ? LabelSet.Of(labels.Select(l => KeyValuePair.Create(l.Key, Clean(l.Value)))) : labels;

    // The one character that PostgreSQL cannot keep; the fingerprint is still that of what was sent.
    internal static string Clean(string text) => text.Replace('\0', '\uFFFD');
}
