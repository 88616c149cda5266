using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Picasoft.Ops.Core.Alerts.Active;

namespace Picasoft.Ops.Web.Compat.Alertmanager;

/// <summary>Reads the body of <c>POST /api/v2/alerts</c> straight into a batch, without an object per alert.</summary>
internal sealed class AlertsReader(AlertBatch batch, DateTimeOffset now)
{
    /// <summary>When an alert without an end is not believed any more: Alertmanager's <c>resolve_timeout</c>.</summary>
    public static readonly TimeSpan ResolveTimeout = TimeSpan.FromMinutes(5);

    private byte[] _text = [];

    /// <summary>Why alerts were left out; those that are right are in the batch all the same.</summary>
    public List<string> Errors { get; } = [];

    /// <exception cref="JsonException">Not a list of alerts: nothing is to be stored.</exception>
    /// <exception cref="UnprocessableException">A list of something else: likewise.</exception>
    public void Read(ReadOnlySpan<byte> body)
    {
        var json = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 64 });
        if (!json.Read()) throw new JsonException("unexpected EOF");
        if (json.TokenType == JsonTokenType.Null) return;
        Expect(json.TokenType == JsonTokenType.StartArray, ref json, "PostableAlerts");
        for (var index = 0; json.Read() && json.TokenType != JsonTokenType.EndArray; index++)
        {
            Expect(json.TokenType == JsonTokenType.StartObject, ref json, "PostableAlert");
            ReadAlert(ref json, index);
        }
    }

    private void ReadAlert(ref Utf8JsonReader json, int index)
    {
        var hasLabels = false;
        string? error = null;
        long? starts = null, ends = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            switch (Field(ref json))
            {
                case "labels":
                    hasLabels = Pairs(ref json, PairKind.Label, "invalid label set: ", ref error) || hasLabels;
                    break;
                case "annotations":
                    string? wrong = null;
                    Pairs(ref json, PairKind.Annotation, "invalid annotations: ", ref wrong);
                    error ??= wrong;
                    break;
                case "startsAt": starts = Time(ref json); break;
                case "endsAt": ends = Time(ref json); break;
                case "generatorURL":
                    Value(ref json, "generatorURL");
                    var url = Text(ref json);
                    if (!url.IsEmpty && !IsUri(Encoding.UTF8.GetString(url))) throw new UnprocessableException(601, $"{index}.generatorURL in body must be of type uri: {Quoted(url)}");
                    batch.Add(PairKind.Link, default, url);
                    break;
                default:
                    json.Read();
                    json.Skip();
                    break;
            }
        }
        if (!hasLabels) throw new UnprocessableException(602, $"{index}.labels in body is required");
        End(starts, ends, error);
    }

    /// <summary>Ends the alert that the batch was filled with, or leaves it out and says why.</summary>
    public void End(long? starts, long? ends, string? error)
    {
        var start = starts ?? ends ?? now.UtcTicks;
        var end = ends ?? now.UtcTicks + ResolveTimeout.Ticks;
        error = end < start ? "start time must be before end time" : error ?? (batch.Labels == 0 ? "at least one label pair required" : null);
        if (error is null)
        {
            batch.End(new(start, end, ends is null));
            return;
        }
        batch.Drop();
        Errors.Add(error);
    }

    // Go finds fields whatever the case of their letters.
    private static string? Field(ref Utf8JsonReader json)
    {
        if (json.ValueTextEquals("labels"u8)) return "labels";
        if (json.ValueTextEquals("annotations"u8)) return "annotations";
        if (json.ValueTextEquals("startsAt"u8)) return "startsAt";
        if (json.ValueTextEquals("endsAt"u8)) return "endsAt";
        if (json.ValueTextEquals("generatorURL"u8)) return "generatorURL";
        var name = Encoding.UTF8.GetString(json.ValueSpan);
        return Array.Find(["labels", "annotations", "startsAt", "endsAt", "generatorURL"], f => f.Equals(name, StringComparison.OrdinalIgnoreCase));
    }

    /// <returns>False: null, which is as good as not there.</returns>
    private bool Pairs(ref Utf8JsonReader json, PairKind kind, string what, ref string? error)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.Null) return false;
        Expect(json.TokenType == JsonTokenType.StartObject, ref json, kind == PairKind.Label ? "labels" : "annotations");
        Span<byte> name = stackalloc byte[256];
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var read = Text(ref json);
            var key = read.Length <= name.Length ? name[..read.Length] : new byte[read.Length];
            read.CopyTo(key); // the value may need the same room
            Value(ref json, kind == PairKind.Label ? "labels" : "annotations");
            var value = Text(ref json);
            if (key.IsEmpty && (kind == PairKind.Annotation || !value.IsEmpty)) error ??= what + "invalid name \"\"";
            else batch.Add(kind, key, value);
        }
        return true;
    }

    private static void Value(ref Utf8JsonReader json, string field)
    {
        json.Read();
        Expect(json.TokenType is JsonTokenType.String or JsonTokenType.Null, ref json, field);
    }

    private long? Time(ref Utf8JsonReader json)
    {
        Value(ref json, "time");
        return json.TokenType == JsonTokenType.Null ? null : WireTime.Read(Encoding.UTF8.GetString(Text(ref json)));
    }

    /// <summary>The text of a token as Go reads it: what is no text (half a surrogate, bytes that are no UTF-8) becomes U+FFFD.</summary>
    private ReadOnlySpan<byte> Text(ref Utf8JsonReader json)
    {
        if (json.TokenType == JsonTokenType.Null) return [];
        var raw = json.ValueSpan;
        if (!json.ValueIsEscaped) return System.Text.Unicode.Utf8.IsValid(raw) ? raw : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(raw));
        if (_text.Length < raw.Length * 3) _text = new byte[raw.Length * 3];
        try
        {
            return _text.AsSpan(0, json.CopyString(_text));
        }
        catch (InvalidOperationException)
        {
            return GoText.Unescape(raw);
        }
    }

    private static void Expect(bool isRight, ref Utf8JsonReader json, string what)
    {
        if (!isRight) throw new JsonException($"json: cannot unmarshal {json.TokenType switch { JsonTokenType.StartObject => "object", JsonTokenType.StartArray => "array", JsonTokenType.String => "string", JsonTokenType.Number => "number", _ => "bool" }} into Go value of type {what}");
    }

    private static string Quoted(ReadOnlySpan<byte> text) => JsonSerializer.Serialize(Encoding.UTF8.GetString(text), Wire.Relaxed);

    // Go's ParseRequestURI: absolute, or a path that begins at the root.
    private static bool IsUri(string text) => !text.Any(c => c <= ' ' || c == 127) && (text[0] == '/' || Uri.TryCreate(text, UriKind.Absolute, out _));
}

/// <summary>The body is JSON, but not what it must be: 422 with Swagger's own number.</summary>
internal sealed class UnprocessableException(int code, string message) : Exception(message)
{
    public int Code => code;
}

/// <summary>Times as Alertmanager reads and writes them.</summary>
internal static class WireTime
{
    /// <returns>Ticks of UTC; null: Go's zero, which stands for "not given".</returns>
    /// <exception cref="JsonException">Not a time.</exception>
    public static long? Read(string text)
    {
        if (text.Length == 0) return DateTimeOffset.UnixEpoch.UtcTicks;
        if (text.Length < 19 || text.Contains('/', StringComparison.Ordinal) || !IsZone(text.AsSpan(19)) || !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            throw new JsonException($"parsing time {JsonSerializer.Serialize(text)}");
        if (time.UtcTicks == 0) return null;
        // What the store can keep: microseconds, and years of four digits.
        return time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMicrosecond);
    }

    // What may stand after the seconds: a fraction, and Z, an offset or nothing. .NET would read much more.
    private static bool IsZone(ReadOnlySpan<char> rest)
    {
        if (rest is ['.', ..]) rest = rest[1..].TrimStart("0123456789");
        return rest is [] or ['Z'] || (rest is ['+' or '-', _, _, ':', _, _] or ['+' or '-', _, _, _, _] && !rest.Contains(' '));
    }

    public static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, long ticks)
    {
        Span<byte> text = stackalloc byte[24];
        new DateTime(ticks, DateTimeKind.Utc).TryFormat(text, out var written, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        json.WriteString(name, text[..written]);
    }
}

/// <summary>Escaped JSON text with half surrogates, which .NET refuses and Go reads.</summary>
internal static class GoText
{
    public static byte[] Unescape(ReadOnlySpan<byte> raw)
    {
        var text = new StringBuilder(raw.Length);
        var from = Encoding.UTF8.GetString(raw);
        for (var i = 0; i < from.Length; i++)
        {
            if (from[i] != '\\') { text.Append(from[i]); continue; }
            i++;
            if (from[i] == 'u')
            {
                text.Append((char)int.Parse(from.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                i += 4;
            }
            else text.Append(from[i] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'b' => '\b', 'f' => '\f', var c => c });
        }
        return Encoding.UTF8.GetBytes(text.ToString()); // half a surrogate becomes U+FFFD here
    }
}
