using System.Globalization;
using System.Text.RegularExpressions;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Primitives;
using static Picasoft.Ops.Core.Configuration.Import.ImportNodes;

namespace Picasoft.Ops.Core.Configuration.Import.Compose;

/// <summary>
/// What containers tell of themselves, as hosts, services, probes and dependencies: Traefik's labels say where people reach them, published ports where programs do,
/// <c>depends_on</c> and the addresses in their environment whom they need. A proposal: what is guessed is noted. Pure.
/// </summary>
public sealed partial class ComposeImport
{
    /// <summary>Words that say nothing without the project they belong to.</summary>
    private static readonly string[] _plainWords = ["app", "web", "server", "www", "main", "frontend", "backend", "api", "db", "database", "postgres", "postgresql", "mysql", "mariadb", "mongo", "mongodb", "redis", "cache", "nginx", "worker", "cron", "proxy"];

    private static readonly string[] _itself = ["app", "web", "server", "www", "main", "frontend"];

    /// <summary>Where programs that are well known say that they are well.</summary>
    private static readonly (string Program, string Path, string? Json)[] _health =
    [
        ("mattermost", "/api/v4/system/ping", "OK"), ("nextcloud", "/status.php", null), ("gitea", "/api/healthz", null), ("forgejo", "/api/healthz", null),
        ("grafana", "/api/health", null), ("vaultwarden", "/alive", null), ("keycloak", "/health/ready", null),
    ];

    private readonly ImportDraft _draft;
    private readonly ImportHints _hints;
    private readonly IReadOnlyList<ComposeContainer> _containers;
    private readonly Dictionary<ComposeContainer, string> _names = [];
    private readonly Dictionary<string, IReadOnlyList<string>> _graph = new(StringComparer.Ordinal);

    private ComposeImport(IReadOnlyList<ComposeContainer> containers, ImportHints hints, ImportDraft draft) => (_containers, _hints, _draft) = (containers, hints, draft);

    public static Outcome<Imported> Convert(string text, ImportHints hints)
    {
        var draft = new ImportDraft();
        var read = ComposeReader.Read(text, hints, draft);
        return read.Refusal is { } refusal ? refusal : Of(read.Value, hints, draft);
    }

    /// <summary>The proposal for containers, wherever they were read.</summary>
    internal static Imported Of(IReadOnlyList<ComposeContainer> containers, ImportHints hints, ImportDraft draft)
    {
        new ComposeImport(containers, hints, draft).Write();
        return draft.Done();
    }

    private void Write()
    {
        var host = _hints.Host is { Length: > 0 } said ? NameOf(said, "host") : null;
        if (host is not null) _draft.Hosts.Add(Map(("name", Plain(host))));
        foreach (var container in _containers) _names[container] = _draft.Unique("service", NameFor(container));
        var traefik = new TraefikLabels(_containers);
        foreach (var container in _containers)
        {
            var name = _names[container];
            var routes = traefik.Of(container.Labels, (label, key) => _draft.Note($"{container.Key} {label}", key));
            var entries = new List<(string, InputNode)> { ("name", Plain(name)) };
            if (container.Labels.GetValueOrDefault("org.opencontainers.image.title") is { Length: > 0 and <= 200 } title) entries.Add(("title", Foreign(title)));
            if (routes.Count > 0) entries.Add(("url", Quoted(Url(routes[0], null))));
            if (host is not null) entries.Add(("host", Plain(host)));
            if (NeedsOf(container, routes.Count > 0) is { Count: > 0 } needs) entries.Add(("depends_on", Texts(needs)));
            _draft.Services.Add(Map([.. entries]));
            Probes(container, name, routes, host);
        }
    }

    private static string NameFor(ComposeContainer container)
    {
        var key = NameOf(container.Key, "service");
        if (container.Project is null || !_plainWords.Contains(key, StringComparer.Ordinal)) return key;
        var project = NameOf(container.Project, "service");
        return _itself.Contains(key, StringComparer.Ordinal) ? project : $"{project}-{key}";
    }

    /// <summary>Said, or learned; what would make a circle is left out.</summary>
    private List<string> NeedsOf(ComposeContainer container, bool isRouted)
    {
        var (name, needs) = (_names[container], new List<string>());
        _graph[name] = needs;
        var others = _containers.Where(o => o != container).ToList();
        var said = container.Needs.Select(key => others.Find(o => o.Key == key && o.Project == container.Project)).OfType<ComposeContainer>();
        var near = others.FindAll(container.Reaches);
        var learned = container.Environment.SelectMany(e => Named(near.FindAll(o => o.Aliases.Append(o.Key).Any(word => Addresses(e.Key, e.Value, word))), container.Project));
        var proxies = isRouted ? _containers.Where(o => o != container && o.Program == "traefik") : [];
        foreach (var other in said.Concat(learned).Concat(proxies).Select(o => _names[o]).Where(o => o != name).Distinct(StringComparer.Ordinal).ToList())
        {
            needs.Add(other);
            if (DependencyGraph.Cycle(_graph) is null) continue;
            needs.Remove(other);
            _draft.Note(container.Key, "import.compose_cycle", other);
        }
        return needs;
    }

    /// <summary>Many projects have a <c>db</c>: who says so means their own, if there is one.</summary>
    private static List<ComposeContainer> Named(List<ComposeContainer> found, string? project) => found.FindAll(o => o.Project == project) is { Count: > 0 } own ? own : found;

    /// <summary>Whether a value names that neighbour as an address: <c>db</c>, <c>db:5432</c>, <c>postgres://u:p@db/x</c>, <c>mongodb://db:27017</c>.</summary>
    internal static bool Addresses(string variable, string value, string word)
    {
        if (word.Length < 2 || value.Length > 4096) return false;
        if (value == word) return AnAddress().IsMatch(variable); // POSTGRES_USER=mattermost names nobody
        for (var at = value.IndexOf(word, StringComparison.Ordinal); at >= 0; at = value.IndexOf(word, at + 1, StringComparison.Ordinal))
        {
            var (before, after) = (at == 0 ? "" : value[..at], value[(at + word.Length)..]);
            var begins = before.Length == 0 || before.EndsWith("//", StringComparison.Ordinal) || before.EndsWith('@') || before.EndsWith("host=", StringComparison.OrdinalIgnoreCase) || before.EndsWith("tcp(", StringComparison.Ordinal);
            var ends = after.Length == 0 || (after[0] is ':' && after.Length > 1 && char.IsAsciiDigit(after[1])) || (before.Length > 0 && after[0] is '/' or ',' or ' ' or ';' or '?' or ')');
            if (begins && ends) return true;
        }
        return false;
    }

    private void Probes(ComposeContainer container, string name, IReadOnlyList<TraefikRoute> routes, string? host)
    {
        foreach (var route in routes) Web(container, name, route);
        foreach (var secure in routes.Where(r => r.IsHttps).Select(r => r.Host).Distinct(StringComparer.Ordinal))
            Probe($"{name}-certificate", name, "tls", Map(("host", Quoted(secure))), ("interval", Plain("1h")), ("severity", Plain("medium")));
        if (routes.Count > 0) return;
        foreach (var port in container.Ports.Take(3))
        {
            var address = port.Address ?? host;
            if (address is null) _draft.Note(container.Key, "import.compose_no_host", port.Port);
            else Probe($"{name}-{port.Port.ToString(CultureInfo.InvariantCulture)}", name, "tcp", Map(("host", Quoted(address)), ("port", Plain(port.Port.ToString(CultureInfo.InvariantCulture)))));
            if (port.Address is "127.0.0.1" or "::1") _draft.Note(container.Key, "import.compose_local", port.Port);
        }
        // A port that is open says less than the container's own health.
        if (container.Health is null && container.Ports.Count > 0 && (host is not null || container.Ports.Any(p => p.Address is not null))) return;
        if (container.Container is not { } own || !ContainerName().IsMatch(own)) _draft.Note(container.Key, "import.compose_unreachable");
        else Probe($"{name}-container", name, "docker", _hints.Engine is { } engine ? Map(("container", Quoted(own)), ("engine", Foreign(engine))) : Map(("container", Quoted(own))));
    }

    private void Web(ComposeContainer container, string name, TraefikRoute route)
    {
        var words = $"{container.Program} {container.Key}".ToLowerInvariant();
        var known = Array.Find(_health, h => words.Contains(h.Program, StringComparison.Ordinal));
        var said = container.Labels.FirstOrDefault(l => HealthPath().IsMatch(l.Key)).Value;
        // Behind a prefix nobody knows whether it is taken off before the container hears of it.
        var path = !string.IsNullOrEmpty(said) && said[0] == '/' ? said : known.Path ?? (route.Path is null ? container.Health?.Path : null);
        var http = new List<(string, InputNode)> { ("url", Foreign(Url(route, route.AsksWho ? null : path))) };
        if (route.AsksWho)
        {
            http.Add(("expect", Map(("status", new InputList([Plain("200"), Plain("302"), Plain("401")], null)))));
            http.Add(("follow_redirects", Plain("false")));
            _draft.Note($"{container.Key} {route.Host}", "import.traefik_auth");
        }
        else if (path is not null && path == known.Path && known.Json is { } ok) http.Add(("expect", Map(("json", Map(("status", Quoted(ok)))))));
        Probe($"{name}-web", name, "http", Map([.. http]));
    }

    private void Probe(string name, string service, string type, InputMap settings, params (string, InputNode)[] more) =>
        _draft.Probes.Add(Map([("name", Plain(_draft.Unique("probe", name))), ("service", Plain(service)), ("type", Plain(type)), .. more, (type, settings)]));

    private static string Url(TraefikRoute route, string? path) => $"{(route.IsHttps ? "https" : "http")}://{route.Host}{route.Path?.TrimEnd('/')}{path ?? (route.Path is null ? "" : "/")}";

    [GeneratedRegex(@"^traefik\.http\.services\.[^.]+\.loadbalancer\.healthcheck\.path$|^traefik\.(.+\.)?backend\.healthcheck\.path$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex HealthPath();

    [GeneratedRegex("HOST|ADDR|SERVER|URL|URI|ENDPOINT|UPSTREAM|BACKEND", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex AnAddress();

    [GeneratedRegex(@"^[A-Za-z0-9_.-]{1,200}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ContainerName();
}
