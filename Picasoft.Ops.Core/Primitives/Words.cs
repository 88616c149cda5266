using System.Text.Json;

namespace Picasoft.Ops.Core.Primitives;

/// <summary>The names the outside sees: snake_case in YAML and in storage.</summary>
public static class Words
{
    /// <summary><c>FollowRedirects</c> → <c>follow_redirects</c>.</summary>
    public static string Snake(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    /// <summary>An enum value as people write it: <c>IncidentState.Open</c> → <c>open</c>.</summary>
    public static string Of(Enum value) => Snake(value.ToString());

    /// <summary>Reads an enum value as people write it; case and underscores do not matter. Numbers are refused.</summary>
    public static bool TryParse<T>(string? text, out T value) where T : struct, Enum
    {
        foreach (var candidate in Enum.GetValues<T>())
        {
            if (!string.Equals(Plain(text), Plain(candidate.ToString()), StringComparison.OrdinalIgnoreCase)) continue;
            value = candidate;
            return true;
        }
        value = default;
        return false;
    }

    /// <summary>The words of an enum, for "must be one of …".</summary>
    public static IReadOnlyList<string> All(Type enumType) => [.. Enum.GetNames(enumType).Select(Snake)];

    internal static string Plain(string? name) => (name ?? "").Trim().Replace("_", "", StringComparison.Ordinal);
}
