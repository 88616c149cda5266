using System.Buffers;
using System.Text.Json;

namespace Picasoft.Ops.Core.Logs.Files;

/// <summary>One entry of systemd's journal, as <c>journalctl -o json</c> writes it: a value is a text, or a list of bytes where it is no UTF-8.</summary>
/// <param name="Cursor">Where the journal goes on after it.</param>
public sealed record JournalLine(string Cursor, byte[] Stamp, byte[] Host, byte[] App, byte[] Process, byte[] Message, LogSeverity Severity)
{
    /// <summary>Reads one line; null: it is no entry.</summary>
    public static JournalLine? Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
            var values = new Dictionary<string, byte[]>(StringComparer.Ordinal);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                reader.Read();
                if (Value(ref reader) is { } value) values[name] = value;
            }
            if (!values.TryGetValue("__CURSOR", out var cursor)) return null;
            byte[] First(params string[] names) => names.Select(n => values.GetValueOrDefault(n)).FirstOrDefault(v => v is { Length: > 0 }) ?? [];
            var priority = First("PRIORITY");
            return new(System.Text.Encoding.UTF8.GetString(cursor), First("_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP"), First("_HOSTNAME"),
                First("CONTAINER_NAME", "SYSLOG_IDENTIFIER", "_COMM", "_SYSTEMD_UNIT"), First("SYSLOG_PID", "_PID"), First("MESSAGE"),
                priority is [>= (byte)'0' and <= (byte)'7'] ? (LogSeverity)(priority[0] - '0') : LogSeverity.Info);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static byte[]? Value(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                var text = new byte[reader.HasValueSequence ? checked((int)reader.ValueSequence.Length) : reader.ValueSpan.Length];
                return text[..reader.CopyString(text)];
            case JsonTokenType.Number: return reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan.ToArray();
            case JsonTokenType.StartArray:
                var bytes = new List<byte>();
                byte[]? first = null;
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    if (reader.TokenType == JsonTokenType.Number && reader.TryGetByte(out var one)) bytes.Add(one);
                    else if (reader.TokenType == JsonTokenType.String) first ??= Value(ref reader); // the field was given several times
                    else reader.Skip();
                }
                return first ?? [.. bytes];
            default:
                reader.Skip();
                return null;
        }
    }
}
