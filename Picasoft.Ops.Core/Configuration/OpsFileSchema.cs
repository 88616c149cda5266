using System.Text.Json;
using System.Text.Json.Nodes;

namespace Picasoft.Ops.Core.Configuration;

/// <summary>The JSON Schema of <c>ops.yaml</c> that editors check and complete by; drawn from the shapes the reader reads by.</summary>
public static class OpsFileSchema
{
    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(IEnumerable<IFileSection> sections)
    {
        var properties = new JsonObject { ["version"] = new JsonObject { ["const"] = 1 } };
        foreach (var section in sections)
            properties[section.Section] = section.IsSingle ? new JsonObject { ["anyOf"] = new JsonArray(section.Schema(), new JsonObject { ["type"] = "null" }) } : new JsonObject { ["type"] = new JsonArray("array", "null"), ["items"] = section.Schema() };
        properties[LogPackExpansion.Section] = new JsonObject { ["type"] = new JsonArray("array", "null"), ["items"] = ShapeSchema.File.Of(typeof(LogPackChoice)) };
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "Picasoft.Ops: ops.yaml",
            ["type"] = "object",
            ["properties"] = properties,
            ["required"] = new JsonArray("version"),
            ["additionalProperties"] = false,
        };
        return schema.ToJsonString(_indented) + "\n";
    }
}
