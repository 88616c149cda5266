using System.Text.Json;

namespace Picasoft.Ops.Web.Access;

/// <summary>One value that changed; null: it was not there, or is no longer.</summary>
/// <param name="Path">Where in the thing: <c>http.expect.status[0]</c>.</param>
public sealed record AuditChange(string Path, string? Before, string? After);

/// <summary>What differs between two JSON texts, value by value.</summary>
public static class AuditDiff
{
    public static IReadOnlyList<AuditChange> Of(string? before, string? after)
    {
        var (old, now) = (Flat(before), Flat(after));
        return [.. old.Keys.Union(now.Keys, StringComparer.Ordinal)
            .Select(path => new AuditChange(path, old.GetValueOrDefault(path), now.GetValueOrDefault(path)))
            .Where(c => c.Before != c.After)];
    }

    private static Dictionary<string, string?> Flat(string? json)
    {
        var values = new Dictionary<string, string?>(StringComparer.Ordinal);
        if (json is null) return values;
        using var document = JsonDocument.Parse(json);
        Walk(document.RootElement, "", values);
        return values;
    }

    private static void Walk(JsonElement element, string path, Dictionary<string, string?> values)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject()) Walk(property.Value, path.Length == 0 ? property.Name : $"{path}.{property.Name}", values);
                break;
            case JsonValueKind.Array:
                var index = 0;
                foreach (var item in element.EnumerateArray()) Walk(item, $"{path}[{index++}]", values);
                break;
            case JsonValueKind.Null:
                break;
            default:
                values[path] = element.ToString();
                break;
        }
    }
}
