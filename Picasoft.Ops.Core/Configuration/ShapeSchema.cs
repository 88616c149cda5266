using System.Globalization;
using System.Text.Json.Nodes;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Configuration;

/// <summary>JSON Schema (2020-12) of a <see cref="Shape"/>, for editors and for programs. It says no more than the reader checks; the reader has the last word.</summary>
public sealed class ShapeSchema
{
    private readonly InputNode _written;

    private ShapeSchema(InputNode written) => _written = written;

    /// <summary>As <c>ops.yaml</c> is written: snake_case, and a variable wherever a value may stand.</summary>
    public static ShapeSchema File { get; } = new(new InputMap([], null));

    /// <summary>As the API is spoken to: camelCase.</summary>
    public static ShapeSchema Json { get; } = new(JsonInput.Empty);

    /// <param name="within">The records around it: one that holds its own kind is described once.</param>
    public JsonObject Of(Type type, params IReadOnlyList<Type> within)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var field in Shape.Of(type).Fields)
        {
            var schema = Field(field.Kind, field.Type, field.Rules, [.. within, type]);
            if (field.Default is not null && field.Kind is FieldKind.Bool or FieldKind.Choice or FieldKind.Duration or FieldKind.Integer or FieldKind.Number && Plain(field.Default) is { } initial) schema["default"] = initial;
            properties[field.NameIn(_written)] = schema;
            if (field.Rules.Required) required.Add(field.NameIn(_written));
        }
        var result = new JsonObject { ["type"] = "object", ["properties"] = properties, ["additionalProperties"] = false };
        if (required.Count > 0) result["required"] = required;
        if (Shape.Of(type).OneOf is { Count: > 0 } ways) result["oneOf"] = new JsonArray([.. ways.Select(w => (JsonNode)new JsonObject { ["required"] = new JsonArray(w.NameIn(_written)) })]);
        return result;
    }

    /// <summary>A record whose other fields depend on a word of it: probes and channels by their type.</summary>
    /// <param name="isNested">The settings stand under the kind's name; else beside the word.</param>
    public JsonObject Of(Type type, string word, IEnumerable<(string Kind, Type Settings)> kinds, bool isNested)
    {
        var one = new JsonArray();
        foreach (var (kind, settings) in kinds)
        {
            var schema = Of(type);
            var properties = schema["properties"]!.AsObject();
            properties[word] = new JsonObject { ["const"] = kind };
            var inner = Of(settings);
            if (isNested)
            {
                properties[kind] = inner;
                if (inner["required"] is not null) schema["required"]!.AsArray().Add(kind);
            }
            else
            {
                foreach (var (name, node) in inner["properties"]!.AsObject().ToList()) properties[name] = node!.DeepClone();
                foreach (var name in inner["required"]?.AsArray() ?? []) schema["required"]!.AsArray().Add(name!.DeepClone());
            }
            one.Add(schema);
        }
        return new() { ["oneOf"] = one };
    }

    private JsonObject Field(FieldKind kind, Type type, SettingAttribute rules, IReadOnlyList<Type> within)
    {
        var schema = kind switch
        {
            FieldKind.Record => within.Contains(type) ? new() { ["type"] = "object" } : Of(type, within),
            FieldKind.List => new() { ["type"] = "array", ["maxItems"] = rules.MaxLength, ["items"] = Field(Shape.KindOf(type.GetGenericArguments()[0]), type.GetGenericArguments()[0], rules, within) },
            FieldKind.Map => new() { ["type"] = "object", ["maxProperties"] = rules.MaxLength, ["additionalProperties"] = Field(Shape.KindOf(type.GetGenericArguments()[1]), type.GetGenericArguments()[1], rules, within) },
            FieldKind.Integer => OrVariable(Number("integer", rules)),
            FieldKind.Number => OrVariable(Number("number", rules)),
            FieldKind.Bool => OrVariable(new() { ["type"] = "boolean" }),
            FieldKind.Choice => OrVariable(new() { ["enum"] = new JsonArray([.. Words.All(Nullable.GetUnderlyingType(type) ?? type).Select(w => (JsonNode)w)]) }),
            FieldKind.Duration => OrVariable(new() { ["type"] = "string", ["pattern"] = @"^\s*(\d+(\.\d*)?(ms|s|m|h|d))+\s*$", ["examples"] = new JsonArray("500ms", "30s", "5m", "24h", "7d") }),
            FieldKind.Time => OrVariable(new() { ["type"] = "string", ["format"] = "date-time" }),
            FieldKind.Raw => [],
            FieldKind.Text when rules.Name => OrVariable(new() { ["type"] = "string", ["pattern"] = "^[a-zA-Z0-9][a-z0-9._-]{0,99}$" }),
            // A text may also look like a number or a truth: name: 42.
            _ => new() { ["type"] = new JsonArray("string", "number", "boolean", "null"), ["maxLength"] = rules.MaxLength },
        };
        if (rules.Example is { } example && kind is not (FieldKind.List or FieldKind.Map or FieldKind.Record)) schema["examples"] = new JsonArray(example);
        return schema;
    }

    private static JsonObject Number(string type, SettingAttribute rules)
    {
        var schema = new JsonObject { ["type"] = type };
        if (rules.Min is { } min) schema["minimum"] = double.Parse(min, CultureInfo.InvariantCulture);
        if (rules.Max is { } max) schema["maximum"] = double.Parse(max, CultureInfo.InvariantCulture);
        return schema;
    }

    private JsonObject OrVariable(JsonObject schema) => new()
    {
        ["anyOf"] = _written.IsJson ? new JsonArray(schema, new JsonObject { ["type"] = "null" }) : new JsonArray(schema, new JsonObject { ["type"] = "string", ["pattern"] = @"\$\{" }, new JsonObject { ["type"] = "null" }),
    };

    private static JsonNode? Plain(object value) => value switch
    {
        bool yes => yes,
        int number => number,
        long number => number,
        double number => number,
        TimeSpan length => DurationText.Exact(length),
        Enum word => Words.Of(word),
        _ => null,
    };
}
