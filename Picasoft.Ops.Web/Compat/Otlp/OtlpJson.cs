using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Picasoft.Ops.Web.Compat.Otlp;

/// <summary>ExportLogsServiceRequest in JSON: names in lowerCamelCase, 64-bit numbers as strings, unknown fields passed over.</summary>
internal static class OtlpJson
{
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="InvalidOperationException">A field is of another kind than it should be.</exception>
    public static List<OtlpRecord> Read(byte[] body)
    {
        using var json = JsonDocument.Parse(body);
        var records = new List<OtlpRecord>();
        if (json.RootElement.ValueKind != JsonValueKind.Object) throw new FormatException("expected an object with resourceLogs");
        foreach (var resourceLogs in List(json.RootElement, "resourceLogs"))
        {
            var resource = resourceLogs.TryGetProperty("resource", out var said) ? Attributes(said) : [];
            foreach (var scopeLogs in List(resourceLogs, "scopeLogs"))
                foreach (var record in List(scopeLogs, "logRecords"))
                {
                    var time = Number(record, "timeUnixNano");
                    records.Add(new(resource, Attributes(record), time > 0 ? time : Number(record, "observedTimeUnixNano"), (int)Math.Min(Number(record, "severityNumber"), 24),
                        record.TryGetProperty("severityText", out var text) ? text.GetString() : null, Encoding.UTF8.GetBytes(record.TryGetProperty("body", out var any) ? Any(any) : "")));
                }
        }
        return records;
    }

    private static JsonElement.ArrayEnumerator List(JsonElement element, string name) => element.TryGetProperty(name, out var list) ? list.EnumerateArray() : default;

    private static ulong Number(JsonElement element, string name) => !element.TryGetProperty(name, out var number) ? 0
        : number.ValueKind == JsonValueKind.String ? ulong.Parse(number.GetString()!, NumberStyles.None, CultureInfo.InvariantCulture) : number.GetUInt64();

    private static Dictionary<string, string> Attributes(JsonElement element)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in List(element, "attributes"))
            if (pair.TryGetProperty("key", out var key) && pair.TryGetProperty("value", out var value)) attributes[key.GetString() ?? ""] = Any(value);
        return attributes;
    }

    private static string Any(JsonElement any)
    {
        if (any.ValueKind != JsonValueKind.Object) throw new FormatException("a value must be an object such as {\"stringValue\": \"…\"}");
        foreach (var property in any.EnumerateObject())
        {
            switch (property.Name)
            {
                case "stringValue" or "intValue" or "doubleValue": return property.Value.ToString();
                case "boolValue": return property.Value.GetBoolean() ? "true" : "false";
                case "bytesValue": return Encoding.UTF8.GetString(property.Value.GetBytesFromBase64());
                case "arrayValue": return string.Join(' ', List(property.Value, "values").Select(Any));
                case "kvlistValue": return string.Join(' ', List(property.Value, "values").Select(p => $"{p.GetProperty("key").GetString()}={Any(p.GetProperty("value"))}"));
            }
        }
        return "";
    }
}
