using Picasoft.Ops.Core.Primitives;
using static Picasoft.Ops.Core.Configuration.Import.ImportNodes;

namespace Picasoft.Ops.Core.Configuration.Import.Compose;

/// <summary>One service as it is written, with what it inherits.</summary>
/// <param name="Folder">Where its file lies, from that of the first; ends in a slash, or is empty.</param>
internal sealed record ComposeService(string Key, InputMap Map, string Folder);

/// <summary>What a compose file says in other places: <c>include</c>, <c>extends</c>, <c>env_file</c>. Source: Compose Specification. Pure: whoever may read files hands them in.</summary>
/// <param name="files">The text of a file, by its path from the first; null: there is none, or it may not be read.</param>
/// <param name="filled">Puts in variables and what <c>&lt;&lt;</c> merges.</param>
internal sealed class ComposeFiles(ImportDraft draft, Func<string, string?>? files, Func<InputNode, InputNode> filled)
{
    private const int MaxDepth = 8;

    private readonly Dictionary<string, InputMap?> _read = new(StringComparer.Ordinal);
    private readonly HashSet<string> _included = new(StringComparer.Ordinal);

    /// <summary>The services of a file and of those that it includes; the first of a name counts.</summary>
    public IReadOnlyList<ComposeService> Services(InputMap root) => [.. Services(root, "").DistinctBy(s => s.Key, StringComparer.Ordinal)];

    /// <summary>The variables of its <c>env_file</c>.</summary>
    public Dictionary<string, string> Environment(ComposeService service)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in service.Map["env_file"] is InputList list ? list.Items : service.Map["env_file"] is { } one ? [one] : [])
        {
            var path = file switch { InputScalar scalar => scalar.Text, InputMap map => Text(map, "path"), _ => null } ?? "";
            if (files?.Invoke(Join(service.Folder, path)) is { } text) foreach (var (name, value) in ComposeVariables.OfFile(text)) found[name] = value;
            else if (file is not InputMap optional || Text(optional, "required") != "false") draft.Note($"services.{service.Key}.env_file", "import.compose_env_file", path);
        }
        return found;
    }

    private IEnumerable<ComposeService> Services(InputMap root, string folder)
    {
        var own = root["services"] is InputMap services ? services.Entries.Where(e => e.Value is InputMap).Select(e => new ComposeService(e.Name, Whole(root, e.Name, (InputMap)e.Value, folder, 0), folder)) : [];
        return own.Concat(Included(root, folder));
    }

    // Each file once: they may name each other.
    private IEnumerable<ComposeService> Included(InputMap root, string folder)
    {
        foreach (var path in root["include"] is InputList list ? list.Items.SelectMany(i => i is InputMap map ? Items(map["path"]).Take(1) : Items(i)) : [])
        {
            var file = Join(folder, path);
            if (!_included.Add(file)) continue;
            if (Root(file) is { } other) foreach (var service in Services(other, FolderOf(file))) yield return service;
            else draft.Note($"include {path}", "import.compose_include");
        }
    }

    // Its own goes before what it inherits; maps become one, lists follow each other.
    private InputMap Whole(InputMap root, string key, InputMap own, string folder, int depth)
    {
        if (own["extends"] is not { } extends) return own;
        var (name, file) = extends is InputMap map ? (Text(map, "service") ?? key, Text(map, "file")) : (Items(extends).FirstOrDefault() ?? "", null);
        var path = file is null ? null : Join(folder, file);
        var other = path is null ? root : Root(path);
        if (depth < MaxDepth && (other?["services"] as InputMap)?[name] is InputMap inherited)
            return Over(Whole(other, name, inherited, path is null ? folder : FolderOf(path), depth + 1), own);
        draft.Note($"services.{key}.extends", "import.compose_extends", file ?? name);
        return own;
    }

    private static InputMap Over(InputMap inherited, InputMap own) => new(
    [
        .. own.Entries.Where(e => e.Name != "extends").Select(e => inherited[e.Name] is { } under ? e with { Value = Over(e.Name, under, e.Value) } : e),
        .. inherited.Entries.Where(e => e.Name != "extends" && own[e.Name] is null),
    ], null);

    private static InputNode Over(string key, InputNode inherited, InputNode own) => (inherited, own) switch
    {
        _ when key is "command" or "entrypoint" or "healthcheck" => own,
        (InputMap a, InputMap b) => Over(a, b),
        (InputList a, InputList b) => new InputList([.. a.Items, .. b.Items], null),
        (InputMap or InputList, InputMap or InputList) when key is "environment" or "labels" => Over(AsMap(inherited), AsMap(own)),
        _ => own,
    };

    private static InputMap AsMap(InputNode node) => Map([.. ComposeReader.Pairs(node).Select(p => (p.Key, (InputNode)Quoted(p.Value)))]);

    private InputMap? Root(string path)
    {
        if (_read.TryGetValue(path, out var known)) return known;
        var read = files?.Invoke(path) is { } text && Importer.Yaml(text) is { IsDone: true } yaml ? (InputMap)filled(yaml.Value) : null;
        return _read[path] = read;
    }

    private static string Join(string folder, string path) => path.StartsWith('/') ? path : folder + (path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path);

    private static string FolderOf(string path) => path[..(path.LastIndexOf('/') + 1)];
}
