using System.Text.RegularExpressions;

namespace Picasoft.Ops.Core.Configuration.Import.Compose;

/// <summary>Where people reach a container through Traefik.</summary>
/// <param name="Host">DNS name.</param>
/// <param name="Path">What comes before everything else; null: nothing.</param>
/// <param name="IsHttps">It speaks TLS there.</param>
/// <param name="AsksWho">Traefik asks for a name and password, or sends to a sign-in page, before the container is reached.</param>
internal sealed record TraefikRoute(string Host, string? Path, bool IsHttps, bool AsksWho);

/// <summary>The labels by which containers tell Traefik (1.7, 2, 3) what to send them. Source: Traefik's documentation of the Docker provider. Pure.</summary>
internal sealed partial class TraefikLabels
{
    /// <summary>Of all containers: what one defines, the others may name.</summary>
    private readonly ILookup<string, (string Key, string Value)> _middlewares;

    /// <summary>Entry points that Traefik's own command gives a certificate or port 443.</summary>
    private readonly HashSet<string> _secure;

    public TraefikLabels(IReadOnlyList<ComposeContainer> containers)
    {
        _middlewares = containers.SelectMany(c => c.Labels).Select(l => (Middleware().Match(l.Key), l.Value)).Where(m => m.Item1.Success)
            .ToLookup(m => m.Item1.Groups["name"].Value.ToLowerInvariant(), m => (m.Item1.Groups["rest"].Value.ToLowerInvariant(), m.Value), StringComparer.Ordinal);
        _secure = containers.Where(c => c.Program == "traefik").SelectMany(c => c.Command).Select(word => SecureEntryPoint().Match(word)).Where(m => m.Success).Select(m => m.Groups["name"].Value.ToLowerInvariant()).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Each host once; HTTPS before HTTP.</summary>
    /// <param name="note">Hears what cannot be understood: a place and a phrase's key.</param>
    public IReadOnlyList<TraefikRoute> Of(IReadOnlyDictionary<string, string> labels, Action<string, string> note)
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
        return [.. found.GroupBy(r => (r.Host, r.Path)).Select(g => g.OrderByDescending(r => r.IsHttps).First()).OrderByDescending(r => r.IsHttps).ThenBy(r => r.Path?.Length ?? 0)];
    }

    private IEnumerable<TraefikRoute> New(Dictionary<string, string> labels, string name, string rule, string key, Action<string, string> note)
    {
        var router = $"traefik.http.routers.{name}.";
        var entries = Words(labels.GetValueOrDefault(router + "entrypoints"));
        var tls = labels.GetValueOrDefault(router + "tls")?.Trim().ToLowerInvariant();
        var isHttps = tls == "true" || (tls != "false" && (labels.Keys.Any(k => k.StartsWith(router + "tls.", StringComparison.Ordinal)) || Array.Exists(entries, IsSecure)));
        var asks = Array.Exists(Words(labels.GetValueOrDefault(router + "middlewares")), m => Asks(m, 0));
        var ways = TraefikRule.Of(rule);
        if (ways is null) note(key, "import.traefik_rule");
        foreach (var way in ways ?? [])
        {
            if (way.Exists(c => c.Name.StartsWith("hostregexp", StringComparison.Ordinal))) note(key, "import.traefik_regex");
            var path = way.Find(c => c.Name is "pathprefix" or "path")?.Values is [var first, ..] ? first : null;
            foreach (var host in way.Where(c => c.Name is "host" or "hostheader").SelectMany(c => c.Values).Where(IsHost)) yield return new(host.ToLowerInvariant(), Usual(path), isHttps, asks);
        }
    }

    // By what it is called (it may stand in a file of Traefik's), by what it is, or by one in its chain.
    private bool Asks(string middleware, int depth)
    {
        var name = middleware.Split('@')[0].ToLowerInvariant();
        return SignsIn().IsMatch(name) || (depth < 5 && _middlewares[name].Any(m => AsksWho().IsMatch(m.Key) || (m.Key == "chain.middlewares" && Array.Exists(Words(m.Value), inner => Asks(inner, depth + 1)))));
    }

    // traefik.frontend.rule: Host:a,b;PathPrefix:/x
    private IEnumerable<TraefikRoute> Old(Dictionary<string, string> labels, string frontend, string rule)
    {
        var parts = rule.Split(';', StringSplitOptions.TrimEntries).Select(p => p.Split(':', 2)).Where(p => p.Length == 2).ToList();
        var path = parts.Find(p => p[0].Trim() is "PathPrefix" or "PathPrefixStrip")?[1].Split(',')[0].Trim();
        var entries = Words(labels.GetValueOrDefault(frontend + ".entrypoints"));
        var asks = labels.Keys.Any(k => k.StartsWith(frontend + ".auth.", StringComparison.Ordinal));
        foreach (var host in parts.Where(p => p[0].Trim() == "Host").SelectMany(p => p[1].Split(',', StringSplitOptions.TrimEntries)))
            if (IsHost(host)) yield return new(host.ToLowerInvariant(), Usual(path), entries.Length == 0 || Array.Exists(entries, IsSecure), asks);
    }

    private static string[] Words(string? list) => (list ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private bool IsSecure(string entryPoint) => _secure.Contains(entryPoint.ToLowerInvariant()) || entryPoint.Contains("secure", StringComparison.OrdinalIgnoreCase) || entryPoint.Contains("https", StringComparison.OrdinalIgnoreCase) || entryPoint.Contains("443", StringComparison.Ordinal) || entryPoint.Contains("tls", StringComparison.OrdinalIgnoreCase);

    private static bool IsHost(string text) => text.Length is > 0 and <= 253 && Uri.CheckHostName(text) == UriHostNameType.Dns && !text.StartsWith('.');

    private static string? Usual(string? path) => path is { Length: > 1 } && path[0] == '/' && path.All(c => c is > ' ' and < '\x7f' and not ('{' or '}' or '`' or '"')) ? path : null;

    [GeneratedRegex(@"^traefik\.http\.routers\.(?<name>[^.]+)\.rule$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NewRule();

    [GeneratedRegex(@"^traefik\.([^.]+\.)?frontend\.rule$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OldRule();

    [GeneratedRegex(@"^traefik\.http\.middlewares\.(?<name>[^.]+)\.(?<rest>.+)$", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Middleware();

    [GeneratedRegex(@"^--entrypoints\.(?<name>[^.=]+)\.(address=.*:443(/tcp)?$|http\.tls)", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex SecureEntryPoint();

    [GeneratedRegex("auth|sso|oidc|login", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SignsIn();

    [GeneratedRegex(@"^(basicauth|digestauth|forwardauth)\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AsksWho();
}
