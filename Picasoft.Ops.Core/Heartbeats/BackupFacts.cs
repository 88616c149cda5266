using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Picasoft.Ops.Core.Heartbeats;

/// <summary>What a backup or a restore test says of itself in the body of its ping. Pure.</summary>
/// <param name="Size">Bytes backed up: before compression, and whether or not they were there before.</param>
/// <param name="Added">Bytes that are new in the repository.</param>
/// <param name="Files">How many files.</param>
/// <param name="Proof">What a restore test counted or hashed: <c>rows</c>, <c>hash</c> and so on.</param>
public sealed partial record BackupFacts(long? Size, long? Added, long? Files, IReadOnlyDictionary<string, string> Proof)
{
    /// <summary>Words of <c>key=value</c> that prove that something was restored.</summary>
    private static readonly string[] _proofs = ["rows", "files", "hash", "sha256", "md5", "tables", "users", "messages", "documents"];

    /// <summary>At least one count is more than nothing, or there is a hash.</summary>
    public bool IsProof => Proof.Any(p => p.Value.Trim('0', '.') is { Length: > 0 });

    /// <summary>
    /// Reads borg's JSON (<c>borg create --json</c>, borgmatic's list of it) and its table of <c>--stats</c>, restic's <c>--json</c> summary, and
    /// <c>size=… files=… rows=… hash=…</c>. Null when it says nothing of the kind. Never throws.
    /// </summary>
    public static BackupFacts? Parse(string body)
    {
        var facts = Json(body) ?? BorgTable(body) ?? new(null, null, null, new Dictionary<string, string>(StringComparer.Ordinal));
        var pairs = Pair().Matches(body).Select(m => (Key: m.Groups["key"].Value.ToLowerInvariant(), Value: m.Groups["value"].Value.Trim('"', '\'', ',', ';'))).ToList();
        foreach (var (key, value) in pairs)
            if (key is "size" or "bytes" && Bytes(value) is { } size) facts = facts with { Size = size };
        var proof = pairs.Where(p => _proofs.Contains(p.Key) && p.Value.Length is > 0 and <= 128).GroupBy(p => p.Key, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Last().Value, StringComparer.Ordinal);
        if (proof.TryGetValue("files", out var files) && long.TryParse(files, NumberStyles.None, CultureInfo.InvariantCulture, out var count)) facts = facts with { Files = count };
        facts = facts with { Proof = proof };
        return facts is { Size: null, Added: null, Files: null, Proof.Count: 0 } ? null : facts;
    }

    /// <summary><c>1048576</c>, <c>1.5G</c>, <c>12 kB</c>, <c>3MiB</c>: with an i in the middle powers of 1024, else of 1000.</summary>
    public static long? Bytes(string text)
    {
        if (Amount().Match(text) is not { Success: true } match || !double.TryParse(match.Groups["number"].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return null;
        var power = match.Groups["unit"].Value is { Length: > 0 } unit ? "kmgtp".IndexOf(char.ToLowerInvariant(unit[0]), StringComparison.Ordinal) + 1 : 0;
        var bytes = number * Math.Pow(match.Groups["binary"].Length > 0 ? 1024 : 1000, power);
        return bytes < 1e18 ? (long)Math.Round(bytes) : null;
    }

    private static BackupFacts? Json(string body)
    {
        // borg and borgmatic print one document; restic prints one object a line, the last of which sums up.
        foreach (var text in body.Split('\n').Reverse().Where(l => l.StartsWith('{')).Take(20).Prepend(body[Math.Max(0, body.IndexOfAny(['[', '{']))..]))
        {
            try
            {
                using var document = JsonDocument.Parse(text, new() { AllowTrailingCommas = true });
                if (FromJson(document.RootElement) is { } facts) return facts;
            }
            catch (JsonException) { } // something else that begins alike
        }
        return null;
    }

    private static BackupFacts? FromJson(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            // Several repositories hold the same: the smallest of them is what can be relied on.
            return element.EnumerateArray().Select(FromJson).Where(f => f is not null).OrderBy(f => f!.Size).FirstOrDefault();
        }
        if (element.ValueKind != JsonValueKind.Object) return null;
        if (element.TryGetProperty("archive", out var archive) && archive.ValueKind == JsonValueKind.Object && archive.TryGetProperty("stats", out var stats) && stats.ValueKind == JsonValueKind.Object)
            return Of(Number(stats, "original_size"), Number(stats, "deduplicated_size"), Number(stats, "nfiles"));
        return element.TryGetProperty("message_type", out var type) && type.ValueKind == JsonValueKind.String && type.GetString() == "summary"
            ? Of(Number(element, "total_bytes_processed"), Number(element, "data_added"), Number(element, "total_files_processed")) : null;
    }

    private static BackupFacts? BorgTable(string body) => ArchiveRow().Matches(body) is { Count: > 0 } rows && rows[^1] is var row
        ? Of(Bytes(row.Groups["original"].Value), Bytes(row.Groups["added"].Value), FileCount().Match(body) is { Success: true } files && long.TryParse(files.Groups["count"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null)
        : null;

    private static BackupFacts Of(long? size, long? added, long? files) => new(size, added, files, new Dictionary<string, string>(StringComparer.Ordinal));

    private static long? Number(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= 0 ? number : null;

    [GeneratedRegex(@"^\s*(?<number>\d{1,18}(\.\d{1,6})?)\s*(?<unit>[kKmMgGtTpP]?)(?<binary>i?)[bB]?\s*$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Amount();

    [GeneratedRegex(@"(^|[\s,;{])(?<key>[a-zA-Z][a-zA-Z0-9_]{0,31})=(?<value>""[^""\n]{0,128}""|[^\s]{1,128})", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Pair();

    [GeneratedRegex(@"This archive:\s+(?<original>[\d.]+ [kMGTP]?i?B)\s+[\d.]+ [kMGTP]?i?B\s+(?<added>[\d.]+ [kMGTP]?i?B)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex ArchiveRow();

    [GeneratedRegex(@"Number of files:\s+(?<count>\d{1,15})", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex FileCount();
}
