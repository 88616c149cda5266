using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Picasoft.Ops.Core.Primitives;

/// <summary>How our values look in JSON: words for enums, <c>30s</c> for lengths of time, dots for secrets.</summary>
public static partial class OpsJson
{
    /// <summary>For the API and the audit log: camelCase, secrets masked.</summary>
    public static JsonSerializerOptions Api { get; } = Configure(new(JsonSerializerDefaults.Web), null);

    /// <summary>A value as the API would write it, without naming its keys anew.</summary>
    public static string Text(object value) => EscapedSpace().Replace(JsonSerializer.Serialize(value, Api), m => m.Groups["code"] is { Success: true } code ? ((char)int.Parse(code.ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString() : m.Value);

    // No encoder of .NET leaves the narrow spaces of French as they are. An escaped backslash is passed over, with what follows it.
    [GeneratedRegex(@"\\\\|\\u(?<code>00A0|202F)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 2000)]
    private static partial Regex EscapedSpace();

    /// <summary>For storage: snake_case, secrets through <paramref name="secrets"/>.</summary>
    public static JsonSerializerOptions Stored(ISecretBox secrets) =>
        Configure(new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull }, secrets);

    /// <summary>Adds our converters to options made elsewhere (ASP.NET's).</summary>
    public static JsonSerializerOptions Configure(JsonSerializerOptions options, ISecretBox? secrets)
    {
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping; // always served as application/json, never inside HTML
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower));
        options.Converters.Add(new DurationConverter());
        options.Converters.Add(new SecretConverter(secrets));
        options.Converters.Add(new LabelSetConverter());
        return options;
    }

    private sealed class DurationConverter : JsonConverter<TimeSpan>
    {
        public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            DurationText.TryParse(reader.GetString(), out var value) ? value : throw new JsonException("not a length of time such as 30s");

        public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) => writer.WriteStringValue(DurationText.Exact(value));
    }

    private sealed class SecretConverter(ISecretBox? box) : JsonConverter<Secret>
    {
        public override Secret Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var text = reader.GetString() ?? "";
            return new(box is null ? text : box.Open(text));
        }

        public override void Write(Utf8JsonWriter writer, Secret value, JsonSerializerOptions options) =>
            writer.WriteStringValue(box is null || value.IsEmpty ? value.ToString() : box.Seal(value.Reveal()));
    }

    private sealed class LabelSetConverter : JsonConverter<LabelSet>
    {
        public override LabelSet Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException("not names and values");
            var pairs = new List<KeyValuePair<string, string>>();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                reader.Read();
                pairs.Add(new(name, reader.TokenType is JsonTokenType.String or JsonTokenType.Null ? reader.GetString() ?? "" : throw new JsonException($"{name} is not text")));
            }
            return LabelSet.Of(pairs);
        }

        public override void Write(Utf8JsonWriter writer, LabelSet value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            foreach (var (name, text) in value) writer.WriteString(name, text);
            writer.WriteEndObject();
        }
    }
}

/// <summary>Seals secrets for storage and opens them again.</summary>
public interface ISecretBox
{
    string Seal(string secret);

    /// <exception cref="InvalidOperationException">Sealed with another key: says which key is needed.</exception>
    string Open(string sealedText);
}
