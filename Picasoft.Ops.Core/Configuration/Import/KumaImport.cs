using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Picasoft.Ops.Core.Heartbeats;
using Picasoft.Ops.Core.Primitives;
using static Picasoft.Ops.Core.Configuration.Import.ImportNodes;

namespace Picasoft.Ops.Core.Configuration.Import;

/// <summary>Uptime Kuma's monitors (its backup file, or the <c>monitorList</c> that its interface sends) as probes and heartbeats; its groups, else the monitors themselves, as services. Pure.</summary>
internal sealed partial class KumaImport
{
    private readonly ImportDraft _draft = new();
    private readonly Dictionary<string, string> _groups = new(StringComparer.Ordinal);

    private KumaImport() { }

    public static Outcome<Imported> Convert(string text)
    {
        var read = Importer.Json(text);
        if (read.Refusal is { } refusal) return refusal;
        var list = read.Value is InputMap root ? root["monitorList"] ?? root : read.Value;
        var monitors = (list is InputMap byId ? byId.Entries.Select(e => e.Value).OfType<InputMap>() : Maps(list)).Where(m => Text(m, "type") is not null && Text(m, "name") is not null).ToList();
        if (monitors.Count == 0) return Refusal.Invalid("", Phrase.Of("import.not_kuma"));
        var import = new KumaImport();
        foreach (var group in monitors.Where(m => Text(m, "type") == "group")) import._groups[Text(group, "id") ?? ""] = Text(group, "name")!;
        foreach (var monitor in monitors.Where(m => Text(m, "type") != "group")) import.Monitor(monitor);
        return import._draft.Done();
    }

    private void Monitor(InputMap monitor)
    {
        var (called, type) = (Text(monitor, "name")!, Text(monitor, "type")!);
        if (Yes(monitor, "upsideDown")) { _draft.Note(called, "import.kuma_upside_down"); return; }
        var service = _draft.Service(_groups.GetValueOrDefault(Text(monitor, "parent") ?? "") ?? called);
        if (type == "push") { Push(monitor, called, service); return; }
        var settings = Settings(monitor, called, type);
        if (settings is not var (kind, entries)) { _draft.Note(called, "import.kind", type); return; }
        var probe = new ImportedProbe(_draft, NameOf(called, "monitor"), service);
        Common(probe, monitor);
        probe.Add(kind, entries);
        if (kind == "http" && Yes(monitor, "expiryNotification") && Uri.TryCreate(Text(monitor, "url"), UriKind.Absolute, out var url) && url.Scheme == "https")
            Certificate(url, probe.Name, service);
    }

    private void Certificate(Uri url, string name, string service)
    {
        var tls = new ImportedProbe(_draft, name + "-certificate", service);
        tls.Times(TimeSpan.FromHours(1), null, null);
        tls.Say("severity", "medium");
        tls.Add("tls", [("host", Quoted(url.IdnHost)), .. url.IsDefaultPort ? Array.Empty<(string, InputNode)>() : [("port", Plain(url.Port.ToString(CultureInfo.InvariantCulture)))]]);
    }

    private static void Common(ImportedProbe probe, InputMap monitor)
    {
        probe.Times(ImportedProbe.Seconds(Text(monitor, "interval")), ImportedProbe.Seconds(Text(monitor, "timeout")), ImportedProbe.Seconds(Text(monitor, "retryInterval")));
        var retries = int.TryParse(Text(monitor, "maxretries"), CultureInfo.InvariantCulture, out var count) ? Math.Clamp(count, 0, 99) : 0;
        probe.Say("failures", (retries + 1).ToString(CultureInfo.InvariantCulture));
        if (No(monitor, "active")) probe.Say("enabled", "false");
    }

    private (string Kind, (string, InputNode)[] Settings)? Settings(InputMap monitor, string called, string type)
    {
        var (host, port) = (Text(monitor, "hostname") ?? "", Text(monitor, "port"));
        (string, InputNode)[] At(params (string, InputNode)[] more) => [("host", Foreign(host)), .. port is { Length: > 0 } ? [("port", Plain(port))] : Array.Empty<(string, InputNode)>(), .. more];
        switch (type)
        {
            case "http" or "keyword" or "json-query" or "real-browser": return ("http", Http(monitor, called, type));
            case "port" when port is not null: return ("tcp", At());
            case "ping" or "tailscale-ping": return ("icmp", [("host", Foreign(host))]);
            case "dns":
                var resolver = Text(monitor, "dns_resolve_server")?.Split(',')[0].Trim();
                return ("dns", [("name", Foreign(host)), ("record", Plain((Text(monitor, "dns_resolve_type") ?? "A").ToLowerInvariant())),
                    .. resolver is { Length: > 0 } ? [("resolver", Quoted(port is null or "53" ? resolver : $"{resolver}:{port}"))] : Array.Empty<(string, InputNode)>()]);
            case "docker" when Text(monitor, "docker_container") is { } container: return ("docker", [("container", Foreign(container))]);
            case "smtp": return ("smtp", At(("tls", Plain(Text(monitor, "smtpSecurity") switch { "secure" => "tls", "nostarttls" => "none", _ => "starttls" }))));
            case "websocket-upgrade": return ("websocket", [("url", Foreign(Text(monitor, "url") ?? ""))]);
            case "postgres" or "mysql" or "redis": return Database(monitor, called, type);
            default: return null;
        }
    }

    private (string, (string, InputNode)[])? Database(InputMap monitor, string called, string type)
    {
        if (!Uri.TryCreate(Text(monitor, "databaseConnectionString"), UriKind.Absolute, out var url) || url.Host.Length == 0) return null;
        var who = url.UserInfo.Split(':', 2);
        var entries = new List<(string, InputNode)> { ("host", Quoted(url.IdnHost)) };
        if (url.Port > 0) entries.Add(("port", Plain(url.Port.ToString(CultureInfo.InvariantCulture))));
        if (who[0].Length > 0) entries.Add(("user", Foreign(Uri.UnescapeDataString(who[0]))));
        if (who.Length > 1 && who[1].Length > 0) entries.Add(("password", _draft.Secret(NameOf(called, "monitor"), "password", Uri.UnescapeDataString(who[1]))));
        if (type != "redis" && url.AbsolutePath.Length > 1) entries.Add(("database", Foreign(Uri.UnescapeDataString(url.AbsolutePath[1..]))));
        if (type != "redis" && Text(monitor, "databaseQuery") is { Length: > 0 } query) entries.Add(("query", Foreign(query)));
        return (type, [.. entries]);
    }

    private (string, InputNode)[] Http(InputMap monitor, string called, string type)
    {
        var owner = NameOf(called, "monitor");
        var entries = new List<(string, InputNode)> { ("url", Foreign(Text(monitor, "url") ?? "")) };
        if (Text(monitor, "method") is { } method && !method.Equals("GET", StringComparison.OrdinalIgnoreCase)) entries.Add(("method", Plain(method.ToLowerInvariant())));
        var headers = new List<(string, InputNode)>();
        if (Text(monitor, "headers") is { Length: > 0 } written && Importer.Json(written) is { IsDone: true, Value: InputMap map })
            headers.AddRange(map.Entries.Where(h => h.Value is InputScalar { Text: not null }).Select(h => (h.Name, (InputNode)_draft.Secret(owner, h.Name, ((InputScalar)h.Value).Text!))));
        if (Text(monitor, "authMethod") == "basic" || (Text(monitor, "authMethod") is null && Text(monitor, "basic_auth_user") is { Length: > 0 }))
            headers.Add(("Authorization", _draft.Secret(owner, "authorization", "Basic " + System.Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Text(monitor, "basic_auth_user")}:{Text(monitor, "basic_auth_pass")}")))));
        else if (Text(monitor, "authMethod") is { Length: > 0 } other and not "null") _draft.Note(called, "import.auth", other);
        if (headers.Count > 0) entries.Add(("headers", Map([.. headers])));
        if (Text(monitor, "body") is { Length: > 0 } body) entries.Add(("body", Foreign(body)));
        if (Expectation(monitor, called, type) is { Length: > 0 } expect) entries.Add(("expect", Map(expect)));
        if (Text(monitor, "maxredirects") == "0") entries.Add(("follow_redirects", Plain("false")));
        if (Yes(monitor, "ignoreTls")) entries.Add(("verify_tls", Plain("false")));
        if (type == "real-browser") _draft.Note(called, "import.kuma_browser");
        return [.. entries];
    }

    private (string, InputNode)[] Expectation(InputMap monitor, string called, string type)
    {
        var expect = new List<(string, InputNode)>();
        var codes = Items(monitor["accepted_statuscodes"]).ToList();
        if (codes.Count > 0 && codes is not ["200-299"]) expect.Add(("status", ImportedProbe.Numbers(codes.SelectMany(Range))));
        if (type == "keyword" && Text(monitor, "keyword") is { Length: > 0 } word)
        {
            if (Yes(monitor, "invertKeyword")) _draft.Note($"{called} keyword", "import.inverted", word);
            else expect.Add(("text", Foreign(word)));
        }
        if (type == "json-query" && Text(monitor, "jsonPath") is { Length: > 0 } path)
        {
            if (Text(monitor, "jsonPathOperator") is null or "==" && JsonPath().Match(path) is { Success: true } plain) expect.Add(("json", Map((plain.Groups["path"].Value, Foreign(Text(monitor, "expectedValue") ?? "")))));
            else _draft.Note($"{called} jsonPath", "import.condition", path);
        }
        return [.. expect];

        static IEnumerable<int> Range(string text) => text.Split('-') is [var from, .. var rest] && int.TryParse(from, CultureInfo.InvariantCulture, out var least)
            ? ImportedProbe.Statuses(least, rest is [var to] && int.TryParse(to, CultureInfo.InvariantCulture, out var most) ? most : least) : [];
    }

    // Silent for an interval (and its retries) is down there.
    private void Push(InputMap monitor, string called, string service)
    {
        var name = _draft.Unique("heartbeat", NameOf(called, "monitor"));
        var entries = new List<(string, InputNode)>
        {
            ("name", Plain(name)), ("service", Plain(service)),
            ("period", Plain(DurationText.Exact(ImportedProbe.Seconds(Text(monitor, "interval")) ?? TimeSpan.FromMinutes(1)))),
        };
        var retries = int.TryParse(Text(monitor, "maxretries"), CultureInfo.InvariantCulture, out var count) ? Math.Clamp(count, 0, 99) : 0;
        entries.Add(("grace", Plain(DurationText.Exact(ImportedProbe.Within(retries * (ImportedProbe.Seconds(Text(monitor, "retryInterval")) ?? TimeSpan.FromMinutes(1)), TimeSpan.FromSeconds(10), TimeSpan.FromDays(31))))));
        if (Text(monitor, "pushToken") is { Length: >= HeartbeatInput.MinToken and <= HeartbeatInput.MaxToken } token) entries.Add(("token", _draft.Secret(name, "token", token)));
        else _draft.Note(called, "import.no_ping_url");
        if (No(monitor, "active")) entries.Add(("enabled", Plain("false")));
        _draft.Heartbeats.Add(Map([.. entries]));
    }

    private static bool Yes(InputMap map, string name) => Text(map, name) is "true" or "1";

    private static bool No(InputMap map, string name) => Text(map, name) is "false" or "0";

    [GeneratedRegex(@"^\$?\.?(?<path>[A-Za-z_][A-Za-z0-9_-]*(\[[0-9]+\])*(\.[A-Za-z_][A-Za-z0-9_-]*(\[[0-9]+\])*)*)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex JsonPath();
}
