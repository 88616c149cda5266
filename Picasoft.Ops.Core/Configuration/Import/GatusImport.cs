using System.Globalization;
using Picasoft.Ops.Core.Primitives;
using static Picasoft.Ops.Core.Configuration.Import.ImportNodes;

namespace Picasoft.Ops.Core.Configuration.Import;

/// <summary>Gatus' endpoints as probes and its external endpoints as heartbeats; its groups, else the endpoints themselves, as services. Pure.</summary>
internal sealed class GatusImport
{
    private readonly ImportDraft _draft = new();

    private GatusImport() { }

    public static Outcome<Imported> Convert(string text)
    {
        var read = Importer.Yaml(text);
        if (read.Refusal is { } refusal) return refusal;
        var endpoints = Maps(read.Value["endpoints"] ?? read.Value["services"]).ToList();
        var external = Maps(read.Value["external-endpoints"]).ToList();
        if (endpoints.Count + external.Count == 0) return Refusal.Invalid("", Phrase.Of("import.not_gatus"));
        var import = new GatusImport();
        foreach (var endpoint in endpoints) import.Endpoint(endpoint);
        foreach (var endpoint in external) import.External(endpoint);
        return import._draft.Done();
    }

    private void Endpoint(InputMap endpoint)
    {
        var called = Text(endpoint, "name") ?? "";
        var group = Text(endpoint, "group");
        var service = _draft.Service(group is { Length: > 0 } ? group : called);
        var conditions = GatusConditions.Of(Items(endpoint["conditions"]));
        foreach (var left in conditions.Left) _draft.Note(called, "import.condition", left);
        if (!Uri.TryCreate(Text(endpoint, "url"), UriKind.Absolute, out var url) && endpoint["dns"] is null) { _draft.Note(called, "input.not_url", Text(endpoint, "url")); return; }
        if (Settings(endpoint, called, url, conditions) is not var (kind, settings)) { _draft.Note(called, "import.kind", url?.Scheme); return; }
        var probe = new ImportedProbe(_draft, NameOf(called, "endpoint"), service);
        Common(probe, endpoint);
        probe.Add(kind, settings);
        if (url is null) return;
        if (conditions.Certificate is { } good && kind is "http" or "websocket") More(probe.Name + "-certificate", service, "tls", [("host", Quoted(url.IdnHost)), .. Port(url, 443), ("warn", Plain(DurationText.Exact(good))), .. Fail(good, 2)]);
        if (conditions.Domain is { } kept) More(probe.Name + "-domain", service, "domain_expiry", [("domain", Quoted(url.IdnHost)), ("warn", Plain(DurationText.Exact(kept))), .. Fail(kept, 7)]);
    }

    private void More(string name, string service, string kind, (string, InputNode)[] settings)
    {
        var probe = new ImportedProbe(_draft, name, service);
        probe.Times(kind == "tls" ? TimeSpan.FromHours(1) : TimeSpan.FromDays(1), null, null);
        probe.Say("severity", "medium");
        probe.Add(kind, settings);
    }

    // The failure comes after the warning.
    private static (string, InputNode)[] Fail(TimeSpan warn, int usual) => warn > TimeSpan.FromDays(usual) ? [] : [("fail", Plain(DurationText.Exact(warn / 2)))];

    private static void Common(ImportedProbe probe, InputMap endpoint)
    {
        var client = endpoint["client"] as InputMap;
        probe.Times(GatusConditions.GoDuration(Text(endpoint, "interval")), GatusConditions.GoDuration(client is null ? null : Text(client, "timeout")) ?? TimeSpan.FromSeconds(10), null);
        var alert = Maps(endpoint["alerts"]).FirstOrDefault();
        probe.Say("failures", Threshold("failure-threshold", 3));
        probe.Say("recoveries", Threshold("success-threshold", 2));
        if (Text(endpoint, "enabled") == "false") probe.Say("enabled", "false");

        string Threshold(string name, int usual) => (alert is not null && int.TryParse(Text(alert, name), CultureInfo.InvariantCulture, out var count) ? Math.Clamp(count, 1, 100) : usual).ToString(CultureInfo.InvariantCulture);
    }

    private (string Kind, (string, InputNode)[] Settings)? Settings(InputMap endpoint, string called, Uri? url, GatusConditions conditions)
    {
        var client = endpoint["client"] as InputMap;
        (string, InputNode)[] verify = client is not null && Text(client, "insecure") == "true" ? [("verify_tls", Plain("false"))] : [];
        if (endpoint["dns"] is InputMap dns)
            return ("dns", [("name", Foreign((Text(dns, "query-name") ?? "").TrimEnd('.'))), ("record", Plain((Text(dns, "query-type") ?? "A").ToLowerInvariant())),
                .. Text(endpoint, "url") is { Length: > 0 } resolver ? [("resolver", Foreign(url?.Host is { Length: > 0 } host ? host : resolver))] : Array.Empty<(string, InputNode)>(),
                .. conditions.Body is { } body ? [("expect", Texts([body]))] : Array.Empty<(string, InputNode)>()]);
        switch (url!.Scheme)
        {
            case "http" or "https": return ("http", [.. Http(endpoint, called, client, conditions), .. verify]);
            case "tcp": return ("tcp", [("host", Quoted(url.IdnHost)), .. Port(url, -1)]);
            case "icmp": return ("icmp", [("host", Quoted(url.IdnHost)), .. conditions.Latency is { } slow ? [("latency", Plain(DurationText.Exact(slow)))] : Array.Empty<(string, InputNode)>()]);
            case "tls" or "starttls":
                return ("tls", [("host", Quoted(url.IdnHost)), .. Port(url, -1), .. url.Scheme == "starttls" ? [("start_tls", Plain("smtp"))] : Array.Empty<(string, InputNode)>(),
                    .. verify.Length > 0 ? [("verify", Plain("false"))] : Array.Empty<(string, InputNode)>(), .. conditions.Certificate is { } good ? [("warn", Plain(DurationText.Exact(good))), .. Fail(good, 2)] : Array.Empty<(string, InputNode)>()]);
            case "ws" or "wss":
                return ("websocket", [("url", Foreign(url.OriginalString)), .. Text(endpoint, "body") is { Length: > 0 } send ? [("send", _draft.Secret(NameOf(called, "endpoint"), "send", send))] : Array.Empty<(string, InputNode)>(), .. verify]);
            default: return null;
        }
    }

    private (string, InputNode)[] Http(InputMap endpoint, string called, InputMap? client, GatusConditions conditions)
    {
        var entries = new List<(string, InputNode)> { ("url", Foreign(Text(endpoint, "url") ?? "")) };
        if (Text(endpoint, "method") is { Length: > 0 } method && !method.Equals("GET", StringComparison.OrdinalIgnoreCase)) entries.Add(("method", Plain(method.ToLowerInvariant())));
        if (endpoint["headers"] is InputMap headers)
            entries.Add(("headers", Map([.. headers.Entries.Where(h => h.Value is InputScalar { Text: not null }).Select(h => (h.Name, (InputNode)_draft.Secret(NameOf(called, "endpoint"), h.Name, ((InputScalar)h.Value).Text!)))])));
        if (Text(endpoint, "body") is { Length: > 0 } body) entries.Add(("body", Foreign(body)));
        if (conditions.Expect() is { Length: > 0 } expect) entries.Add(("expect", Map(expect)));
        if (client is not null && Text(client, "ignore-redirect") == "true") entries.Add(("follow_redirects", Plain("false")));
        return [.. entries];
    }

    private static (string, InputNode)[] Port(Uri url, int usual) => url.Port > 0 && url.Port != usual ? [("port", Plain(url.Port.ToString(CultureInfo.InvariantCulture)))] : [];

    // Pushed to under GROUP_NAME, which our own address for it takes too.
    private void External(InputMap endpoint)
    {
        var (called, group) = (Text(endpoint, "name") ?? "", Text(endpoint, "group"));
        var name = _draft.Unique("heartbeat", NameOf(group is { Length: > 0 } ? $"{group}_{called}" : called, "endpoint"));
        var every = GatusConditions.GoDuration(endpoint["heartbeat"] is InputMap heartbeat ? Text(heartbeat, "interval") : null);
        if (every is null) _draft.Note(called, "import.gatus_no_interval");
        _draft.Heartbeats.Add(Map(("name", Plain(name)), ("service", Plain(_draft.Service(group is { Length: > 0 } ? group : called))), ("period", Plain(DurationText.Exact(every ?? TimeSpan.FromDays(1)))), ("grace", Plain("1m"))));
        _draft.Note(called, "import.gatus_token");
    }
}
