using System.Globalization;
using Picasoft.Ops.Core.Primitives;
using static Picasoft.Ops.Core.Configuration.Import.ImportNodes;

namespace Picasoft.Ops.Core.Configuration.Import.Compose;

/// <summary>Reads what a compose file says of its services. Source: Compose Specification; old files (version 2 and 3) too. Pure.</summary>
internal sealed class ComposeReader
{
    private readonly ImportDraft _draft;
    private readonly Func<string, string?> _variables;
    private readonly HashSet<string> _missing = new(StringComparer.Ordinal);

    private ComposeReader(ImportDraft draft, Func<string, string?> variables) => (_draft, _variables) = (draft, variables);

    /// <summary>Its services, in the order of the file.</summary>
    public static Outcome<IReadOnlyList<ComposeContainer>> Read(string text, ImportHints hints, ImportDraft draft)
    {
        var read = Importer.Yaml(text);
        if (read.Refusal is { } refusal) return refusal;
        if (read.Value["services"] is not InputMap services) return Refusal.Invalid("", Phrase.Of("import.not_compose"));
        var reader = new ComposeReader(draft, hints.Variables ?? (_ => null));
        var root = (InputMap)reader.Filled(read.Value["name"] is { } name ? Map(("name", name)) : Map());
        var project = Text(root, "name") ?? hints.Project;
        if (read.Value["include"] is not null) draft.Note("include", "import.compose_include");
        var found = services.Entries.Where(e => e.Value is InputMap && e.Name != "<<").Select(e => reader.Service(e.Name, (InputMap)reader.Filled(e.Value), project)).ToList();
        foreach (var variable in reader._missing.Order(StringComparer.Ordinal)) draft.Note("${" + variable + "}", "import.compose_unset");
        return found;
    }

    private ComposeContainer Service(string key, InputMap map, string? project)
    {
        if (map["extends"] is not null) _draft.Note($"services.{key}.extends", "import.compose_extends");
        var container = Text(map, "container_name") ?? (project is null ? null : $"{project}-{key}-1");
        var networks = map["networks"] is InputMap of ? of.Entries.Select(e => e.Value).OfType<InputMap>().SelectMany(n => Items(n["aliases"])) : [];
        return new()
        {
            Key = key,
            Project = project,
            Container = container,
            Image = Text(map, "image") ?? "",
            Labels = Pairs(map["labels"]).Concat(Pairs((map["deploy"] as InputMap)?["labels"])).DistinctBy(p => p.Key, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal),
            Environment = Pairs(map["environment"]),
            Needs = [.. Needs(map).Distinct(StringComparer.Ordinal)],
            Ports = [.. Ports(map["ports"], $"services.{key}.ports")],
            Aliases = [.. networks.Append(Text(map, "container_name") ?? "").Append(Text(map, "hostname") ?? "").Where(a => a.Length > 0)],
        };
    }

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

    private static Dictionary<string, string> Pairs(InputNode? node)
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
