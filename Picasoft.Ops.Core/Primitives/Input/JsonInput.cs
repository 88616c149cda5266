using System.Text.Json;

namespace Picasoft.Ops.Core.Primitives;

/// <summary>JSON as <see cref="InputNode"/>s.</summary>
public static class JsonInput
{
    /// <summary>An object without anything in it.</summary>
    public static InputMap Empty { get; } = new([], null) { IsJson = true };

    /// <summary>Parses JSON; what is not JSON is refused with its line.</summary>
    public static Outcome<InputNode> Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, new() { MaxDepth = 32 });
            return Of(document.RootElement);
        }
        catch (JsonException e)
        {
            return Refusal.Invalid([new("", Phrase.Of("input.not_json", e.LineNumber + 1, e.BytePositionInLine + 1), new((int)(e.LineNumber + 1 ?? 1), (int)(e.BytePositionInLine + 1 ?? 1)))]);
        }
        catch (InvalidOperationException)
        {
            return Refusal.Invalid("", Phrase.Of("input.not_json", 1, 1)); // a lone surrogate: valid JSON syntax, not text
        }
    }

    public static InputNode Of(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => new InputMap([.. element.EnumerateObject().Select(p => new InputEntry(p.Name, Of(p.Value), null))], null) { IsJson = true },
        JsonValueKind.Array => new InputList([.. element.EnumerateArray().Select(Of)], null) { IsJson = true },
        JsonValueKind.String => new InputScalar(element.GetString(), true, null) { IsJson = true },
        JsonValueKind.Null or JsonValueKind.Undefined => new InputScalar(null, false, null) { IsJson = true },
        _ => new InputScalar(element.GetRawText(), false, null) { IsJson = true },
    };
}
