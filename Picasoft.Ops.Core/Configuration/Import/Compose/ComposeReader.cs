using System.Globalization;
using Picasoft.Ops.Core.Primitives;
using static Picasoft.Ops.Core.Configuration.Import.ImportNodes;

namespace Picasoft.Ops.Core.Configuration.Import.Compose;

/// <summary>Reads what a compose file says of its services. Source: Compose Specification; old files (version 2 and 3) too. Pure.</summary>
internal sealed class ComposeReader
{
    private readonly ImportDraft _draft;
    private readonly Func<string, string?> _variables;
    private readonly ComposeFiles _files;
    private readonly HashSet<string> _missing = new(StringComparer.Ordinal);

    private ComposeReader(ImportDraft draft, ImportHints hints)
    {
        (_draft, _variables) = (draft, hints.Variables ?? (_ => null));
        _files = new(draft, hints.Files, Filled);
    }

    /// <summary>Its services, in the order of the file.</summary>
    public static Outcome<IReadOnlyList<ComposeContainer>> Read(string text, ImportHints hints, ImportDraft draft)
    {
        var read = Importer.Yaml(text);
        if (read.Refusal is { } refusal) return refusal;
        if (read.Value["services"] is not InputMap && read.Value["include"] is null) return Refusal.Invalid("", Phrase.Of("import.not_compose"));
        var reader = new ComposeReader(draft, hints);
        var root = (InputMap)reader.Filled(Map([.. read.Value.Entries.Where(e => e.Name is "name" or "services" or "include").Select(e => (e.Name, e.Value))]));
        var project = Text(root, "name") ?? hints.Project;
        var services = reader._files.Services(root);
        var jobs = services.SelectMany(s => Done(s.Map)).ToHashSet(StringComparer.Ordinal);
        var found = services.Where(s => reader.Stays(s.Key, s.Map, jobs)).Select(s => reader.Service(s, project, services, jobs)).ToList();
        foreach (var variable in reader._missing.Order(StringComparer.Ordinal)) draft.Note("${" + variable + "}", "import.compose_unset");
        return found;
    }

    /// <summary>Not there all the time: what ends when its work is done, and what only a profile starts that nobody has set.</summary>
    private bool Stays(string key, InputMap map, HashSet<string> jobs)
    {
        if (jobs.Contains(key)) _draft.Note($"services.{key}", "import.compose_job");
        var set = (_variables("COMPOSE_PROFILES") ?? "").Split(',', StringSplitOptions.TrimEntries);
        var profiles = Items(map["profiles"]).ToList();
        var sleeps = profiles.Count > 0 && !set.Contains("*") && !profiles.Intersect(set, StringComparer.Ordinal).Any();
        if (sleeps) _draft.Note($"services.{key}.profiles", "import.compose_profile", string.Join(", ", profiles));
        return !jobs.Contains(key) && !sleeps;
    }

    private ComposeContainer Service(ComposeService service, string? project, IReadOnlyList<ComposeService> all, HashSet<string> jobs)
    {
        var (key, map) = (service.Key, service.Map);
        var container = Text(map, "container_name") ?? (project is null ? null : $"{project}-{key}-1");
        var networks = map["networks"] as InputMap;
        var environment = _files.Environment(service);
        foreach (var (name, value) in Pairs(map["environment"])) environment[name] = value;
        return new()
        {
            Key = key,
            Project = project,
            Container = container,
            Image = Text(map, "image") ?? "",
            Labels = Pairs(map["labels"]).Concat(Pairs((map["deploy"] as InputMap)?["labels"])).DistinctBy(p => p.Key, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal),
            Environment = environment,
            // What a job needs, those need who wait for it.
            Needs = [.. Needs(map).SelectMany(n => jobs.Contains(n) ? all.Where(s => s.Key == n).SelectMany(s => Needs(s.Map)) : [n]).Distinct(StringComparer.Ordinal)],
            Ports = [.. Ports(map["ports"], $"services.{key}.ports")],
            Aliases = [.. (networks?.Entries ?? []).Select(e => e.Value).OfType<InputMap>().SelectMany(n => Items(n["aliases"])).Append(Text(map, "container_name") ?? "").Append(Text(map, "hostname") ?? "").Where(a => a.Length > 0)],
            Networks = map["network_mode"] is not null ? [] : networks is not null ? [.. networks.Entries.Select(e => e.Name)] : [.. Items(map["networks"]).DefaultIfEmpty("default")],
            Command = map["command"] is InputScalar { Text: { } line } ? line.Split(' ', StringSplitOptions.RemoveEmptyEntries) : [.. Items(map["command"])],
            Health = map["healthcheck"] is InputMap health && Text(health, "disable") != "true" ? ComposeHealth.Of(Items(health["test"])) : null,
        };
    }

    private static IEnumerable<string> Done(InputMap map) =>
        map["depends_on"] is InputMap conditions ? conditions.Entries.Where(e => e.Value is InputMap how && Text(how, "condition") == "service_completed_successfully").Select(e => e.Name) : [];

    private static IEnumerable<string> Needs(InputMap map) =>
        (map["depends_on"] is InputMap conditions ? conditions.Entries.Select(e => e.Name) : Items(map["depends_on"]))
        .Concat(Items(map["links"]).Select(l => l.Split(':')[0]))
        .Concat(Text(map, "network_mode") is { } mode && mode.StartsWith("service:", StringComparison.Ordinal) ? [mode["service:".Length..]] : []);

    // "8080:80", "127.0.0.1:8080:80/tcp", "[::1]:80:80", {published: 8080, target: 80}; "80" alone is given any port at all, which nobody can know.
    private IEnumerable<PublishedPort> Ports(InputNode? node, string where)
    {
        foreach (var item in node is InputList list ? list.Items : [])
        {
            var (text, address, protocol) = item switch
            {
                InputScalar { Text: { } written } => Short(written),
                InputMap map => (Text(map, "published"), Text(map, "host_ip"), Text(map, "protocol") ?? "tcp"),
                _ => (null, null, "tcp"),
            };
            if (protocol == "udp") _draft.Note(where, "import.compose_udp", text);
            else if (text?.Split('-')[0] is { } first && int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536) yield return new(address is "0.0.0.0" or "::" or "" ? null : address, port);
        }
    }

    private static (string? Port, string? Address, string Protocol) Short(string text)
    {
        var slash = text.Split('/');
        var protocol = slash.Length > 1 ? slash[1] : "tcp";
        var parts = slash[0];
        string? address = null;
        if (parts.StartsWith('[') && parts.IndexOf("]:", StringComparison.Ordinal) is > 0 and var end) (address, parts) = (parts[1..end], parts[(end + 2)..]);
        var words = parts.Split(':');
        if (words.Length == 3) (address, words) = (words[0], words[1..]);
        return words.Length == 2 && words[0].Length > 0 ? (words[0], address, protocol) : (null, null, protocol);
    }

    internal static Dictionary<string, string> Pairs(InputNode? node)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        if (node is InputMap map) foreach (var entry in map.Entries.Where(e => e.Value is InputScalar)) found[entry.Name] = ((InputScalar)entry.Value).Text ?? "";
        else
            foreach (var item in Items(node))
                if (item.IndexOf('=', StringComparison.Ordinal) is var equals and not 0) found[equals < 0 ? item : item[..equals]] = equals < 0 ? "" : item[(equals + 1)..];
        return found;
    }

    /// <summary>With its variables and with what <c>&lt;&lt;</c> merges into it.</summary>
    private InputNode Filled(InputNode node) => node switch
    {
        InputScalar { Text: { } text } scalar => scalar with { Text = ComposeVariables.Expand(text, _variables, name => _missing.Add(name)) },
        InputList list => list with { Items = [.. list.Items.Select(Filled)] },
        InputMap map => map with { Entries = [.. Merged(map).Select(e => e with { Name = ComposeVariables.Expand(e.Name, _variables, name => _missing.Add(name)), Value = Filled(e.Value) })] },
        _ => node,
    };

    private static IEnumerable<InputEntry> Merged(InputMap map)
    {
        var own = map.Entries.Where(e => e.Name != "<<").ToList();
        var names = own.Select(e => e.Name).ToHashSet(StringComparer.Ordinal);
        var more = map.Entries.Where(e => e.Name == "<<").SelectMany(e => e.Value is InputList list ? list.Items : [e.Value]).OfType<InputMap>().SelectMany(Merged);
        return [.. own, .. more.Where(e => names.Add(e.Name))];
    }
}
