using System.Text.RegularExpressions;

namespace Picasoft.Ops.Core.Configuration.Import.Compose;

/// <summary>Where people reach a container through Traefik.</summary>
/// <param name="Host">DNS name.</param>
/// <param name="Path">What comes before everything else; null: nothing.</param>
/// <param name="IsHttps">It speaks TLS there.</param>
/// <param name="AsksWho">Traefik asks for a name and password, or sends to a sign-in page, before the container is reached.</param>
internal sealed record TraefikRoute(string Host, string? Path, bool IsHttps, bool AsksWho);

/// <summary>The labels by which containers tell Traefik (1.7, 2, 3) what to send them. Source: Traefik's documentation of the Docker provider. Pure.</summary>
internal static partial class TraefikLabels
{
    /// <summary>Each host once; HTTPS before HTTP.</summary>
    /// <param name="note">Hears what cannot be understood: a place and a phrase's key.</param>
    public static IReadOnlyList<TraefikRoute> Of(IReadOnlyDictionary<string, string> labels, Action<string, string> note)
    {
        var low = labels.DistinctBy(l => l.Key.ToLowerInvariant(), StringComparer.Ordinal).ToDictionary(l => l.Key.ToLowerInvariant(), l => l.Value, StringComparer.Ordinal);
        if (low.GetValueOrDefault("traefik.enable")?.Trim().ToLowerInvariant() == "false") return [];
        var found = new List<TraefikRoute>();
        foreach (var (key, rule) in low.OrderBy(l => l.Key, StringComparer.Ordinal))
        {
            if (NewRule().Match(key) is { Success: true } router) found.AddRange(New(low, router.Groups["name"].Value, rule, key, note));
            else if (OldRule().IsMatch(key)) found.AddRange(Old(low, key[..^".rule".Length], rule));
            else if (key.StartsWith("traefik.tcp.routers.", StringComparison.Ordinal) && key.EndsWith(".rule", StringComparison.Ordinal)) note(key, "import.traefik_tcp");
        }
        if (found.Count == 0 && low.GetValueOrDefault("traefik.enable")?.Trim().ToLowerInvariant() == "true" && !low.Keys.Any(k => k.EndsWith(".rule", StringComparison.Ordinal))) note("traefik.enable", "import.traefik_default_rule");
        return [.. found.GroupBy(r => (r.Host, r.Path)).Select(g => g.OrderByDescending(r => r.IsHttps).First())];
    }

    // traefik.http.routers.NAME.rule: Host(`a`) && PathPrefix(`/x`) || Host(`b`)
    private static IEnumerable<TraefikRoute> New(Dictionary<string, string> labels, string name, string rule, string key, Action<string, string> note)
    {
        var router = $"traefik.http.routers.{name}.";
        var entries = (labels.GetValueOrDefault(router + "entrypoints") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var tls = labels.GetValueOrDefault(router + "tls")?.Trim().ToLowerInvariant();
        var isHttps = tls == "true" || (tls != "false" && labels.Keys.Any(k => k.StartsWith(router + "tls.", StringComparison.Ordinal))) || (tls != "false" && Array.Exists(entries, IsSecure));
        var asks = (labels.GetValueOrDefault(router + "middlewares") ?? "").Split(',', StringSplitOptions.TrimEntries).Select(m => m.Split('@')[0].ToLowerInvariant())
            .Any(m => m.Contains("auth", StringComparison.Ordinal) || labels.Keys.Any(k => k.StartsWith($"traefik.http.middlewares.{m}.", StringComparison.Ordinal) && AsksWho().IsMatch(k)));
        foreach (var either in rule.Split("||"))
        {
            if (either.Contains("HostRegexp", StringComparison.OrdinalIgnoreCase)) note(key, "import.traefik_regex");
            var path = NewPath().Match(either) is { Success: true } prefix ? prefix.Groups["value"].Value : null;
            foreach (var host in NewHost().Matches(either).SelectMany(m => Quoted().Matches(m.Groups["list"].Value)).Select(m => m.Groups["value"].Value))
                if (IsHost(host)) yield return new(host.ToLowerInvariant(), Usual(path), isHttps, asks);
        }
    }

    // traefik.frontend.rule: Host:a,b;PathPrefix:/x
    private static IEnumerable<TraefikRoute> Old(Dictionary<string, string> labels, string frontend, string rule)
    {
        var parts = rule.Split(';', StringSplitOptions.TrimEntries).Select(p => p.Split(':', 2)).Where(p => p.Length == 2).ToList();
        var path = parts.Find(p => p[0].Trim() is "PathPrefix" or "PathPrefixStrip")?[1].Split(',')[0].Trim();
        var entries = (labels.GetValueOrDefault(frontend + ".entrypoints") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var asks = labels.Keys.Any(k => k.StartsWith(frontend + ".auth.", StringComparison.Ordinal));
        foreach (var host in parts.Where(p => p[0].Trim() == "Host").SelectMany(p => p[1].Split(',', StringSplitOptions.TrimEntries)))
            if (IsHost(host)) yield return new(host.ToLowerInvariant(), Usual(path), entries.Length == 0 || Array.Exists(entries, IsSecure), asks);
    }

    private static bool IsSecure(string entryPoint) => entryPoint.Contains("secure", StringComparison.OrdinalIgnoreCase) || entryPoint.Contains("https", StringComparison.OrdinalIgnoreCase) || entryPoint.Contains("443", StringComparison.Ordinal) || entryPoint.Contains("tls", StringComparison.OrdinalIgnoreCase);

    private static bool IsHost(string text) => text.Length is > 0 and <= 253 && Uri.CheckHostName(text) == UriHostNameType.Dns && !text.StartsWith('.');

    private static string? Usual(string? path) => path is { Length: > 1 } && path[0] == '/' && path.All(c => c is > ' ' and < '\x7f' and not ('{' or '}' or '`' or '"')) ? path : null;

    [GeneratedRegex(@"^traefik\.http\.routers\.(?<name>[^.]+)\.rule$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NewRule();

    [GeneratedRegex(@"^traefik\.([^.]+\.)?frontend\.rule$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OldRule();

    [GeneratedRegex(@"(?<!!\s*)\bHost\s*\((?<list>[^)]*)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NewHost();

    [GeneratedRegex(@"(?<!!\s*)\b(PathPrefix|Path)\s*\(\s*[`""'](?<value>[^`""']*)[`""']", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NewPath();

    [GeneratedRegex(@"[`""'](?<value>[^`""']*)[`""']", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\.(basicauth|digestauth|forwardauth)\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AsksWho();
}
