using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes.Kinds;

/// <summary>Judges a web server's answer by what was expected. Pure.</summary>
public static class HttpVerdict
{
    // Compiling an automaton costs more than the check; kept as long as the settings that hold the pattern.
    private static readonly ConditionalWeakTable<string, Regex> _compiled = [];

    public static Observation Of(HttpExpectation expect, int status, ReadOnlyMemory<byte> body)
    {
        if (expect.Status.Count == 0 ? status is < 200 or > 299 : !expect.Status.Contains(status))
            return Observation.Down("probe.status", status, expect.Status.Count == 0 ? "200–299" : string.Join(", ", expect.Status));
        if (expect.Text is { Length: > 0 } text && body.Span.IndexOf(Encoding.UTF8.GetBytes(text)) < 0)
            return Observation.Down("probe.text_missing", ProbeReasons.Shown(text));
        if (expect.Regex is { Length: > 0 } regex && !_compiled.GetValue(regex, Matcher.Linear).IsMatch(Encoding.UTF8.GetString(body.Span)))
            return Observation.Down("probe.regex_missing", ProbeReasons.Shown(regex));
        return expect.Json.Count > 0 ? Json(expect.Json, body) : Observation.Up;
    }

    private static Observation Json(IReadOnlyDictionary<string, string> expected, ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            foreach (var (path, value) in expected)
            {
                var found = JsonPath.Find(document.RootElement, path);
                if (found is null) return Observation.Down("probe.json_missing", ProbeReasons.Shown(path), ProbeReasons.Shown(value));
                if (found != value) return Observation.Down("probe.json_other", ProbeReasons.Shown(path), ProbeReasons.Shown(found), ProbeReasons.Shown(value));
            }
            return Observation.Up;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter: a lone surrogate
        {
            return Observation.Down("probe.not_json");
        }
    }
}

/// <summary>Paths into JSON, as simple as people write them: <c>nodes[0].role</c>.</summary>
public static class JsonPath
{
    /// <summary>Names (text) and places (int), or null if it is not a path.</summary>
    public static IReadOnlyList<object>? Split(string path)
    {
        var steps = new List<object>();
        var rest = path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : path;
        while (rest.Length > 0)
        {
            if (rest[0] == '[')
            {
                var end = rest.IndexOf(']', StringComparison.Ordinal);
                if (end < 0 || !int.TryParse(rest.AsSpan(1, end - 1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var place)) return null;
                steps.Add(place);
                rest = rest[(end + 1)..];
            }
            else
            {
                var end = rest.AsSpan().IndexOfAny('.', '[');
                var name = end < 0 ? rest : rest[..end];
                if (name.Length == 0) return null;
                steps.Add(name);
                rest = rest[name.Length..];
            }
            if (rest.StartsWith('.') && (rest = rest[1..]).Length == 0) return null;
        }
        return steps.Count > 0 ? steps : null;
    }

    /// <summary>The value at a path as text (an object or list as its JSON), or null when there is none.</summary>
    public static string? Find(JsonElement root, string path)
    {
        var at = root;
        foreach (var step in Split(path) ?? [])
        {
            if (step is int place && at.ValueKind == JsonValueKind.Array && place < at.GetArrayLength()) at = at[place];
            else if (step is string name && at.ValueKind == JsonValueKind.Object && at.TryGetProperty(name, out var next)) at = next;
            else return null;
        }
        return at.ValueKind == JsonValueKind.String ? at.GetString() : at.GetRawText();
    }
}
