using System.Text;
using Picasoft.Ops.Core.Configuration.Sections;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Recovery;

namespace Picasoft.Ops.Core.Configuration;

/// <summary>Reads <c>ops.yaml</c> and says everything that is wrong with it at once. Looks at no store: what the file names must be in the file.</summary>
public sealed class OpsFileReader(IEnumerable<IFileSection> sections)
{
    private readonly IReadOnlyList<IFileSection> _sections = [.. sections];

    /// <summary>Reads a file and the runbooks beside it.</summary>
    public Outcome<OpsFile> ReadFile(string path, Func<string, string?> environment)
    {
        var text = TextOf(path, YamlInput.MaxBytes);
        if (text.Refusal is { } refusal) return refusal;
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return Read(text.Value, environment, runbook => RunbookOf(folder, runbook));
    }

    /// <summary>Reads a text. <paramref name="runbook"/>: the text of a runbook by its path.</summary>
    public Outcome<OpsFile> Read(string text, Func<string, string?> environment, Func<string, Outcome<string>> runbook)
    {
        var yaml = YamlInput.Read(text, environment);
        var errors = new List<FieldError>(yaml.Errors);
        if (yaml.Root is null) return Refusal.Invalid(errors);
        var root = InputReader.Read<OpsFileInput>(yaml.Root);
        errors.AddRange(root.Refusal?.Errors ?? []);
        var items = new List<FileItem>();
        if (yaml.Root is InputMap map)
        {
            map = LogPackExpansion.Expand(map, errors);
            foreach (var entry in map.Entries) errors.AddRange(SectionErrors(entry));
            foreach (var section in _sections) items.AddRange(ReadSection(section, map, runbook, errors));
            errors.AddRange(References(map));
            errors.AddRange(PlanReferences.Check(map));
        }
        if (errors.Count == 0) return new OpsFile(items);
        // A variable that is not set is one mistake; what the field says of the empty value is not another.
        var unset = yaml.Errors.Select(e => e.Field).ToHashSet(StringComparer.Ordinal);
        var placed = yaml.Errors.Concat(errors.Skip(yaml.Errors.Count).Where(e => e.Field.Length == 0 || !unset.Contains(e.Field))).Select(e => e with { Place = e.Place ?? PlaceOf(yaml.Root, e.Field) });
        return Refusal.Invalid([.. placed.Distinct().OrderBy(e => e.Place?.Line ?? 0).ThenBy(e => e.Place?.Column ?? 0).Take(InputReader.MaxErrors)]);
    }

    /// <summary>One error as compilers write it: <c>ops.yaml:12:5: services[0].host: …</c></summary>
    public static string Line(string file, FieldError error) =>
        $"{file}:{error.Place?.Line ?? 1}:{error.Place?.Column ?? 1}: {(error.Field.Length == 0 ? "" : error.Field + ": ")}{error.Message.In()}";

    private IEnumerable<FieldError> SectionErrors(InputEntry entry)
    {
        if (entry.Name != "version" && _sections.All(s => s.Section != entry.Name))
            yield return new(entry.Name, Phrase.Of("input.unknown_key", string.Join(", ", _sections.Select(s => s.Section).Prepend("version").Append(LogPackExpansion.Section))), entry.Place);
    }

    private static List<FileItem> ReadSection(IFileSection section, InputMap root, Func<string, Outcome<string>> runbook, List<FieldError> errors)
    {
        var items = new List<FileItem>();
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        var node = root.Entries.LastOrDefault(e => e.Name == section.Section)?.Value;
        if (node is null or InputScalar { Text: null }) return items;
        if (section.IsSingle)
        {
            if (section.Read(node, section.Section, errors) is { } only) items.Add(only);
            return items;
        }
        if (node is not InputList list)
        {
            errors.Add(new(section.Section, Phrase.Of("input.expected_list"), node.Place));
            return items;
        }
        foreach (var (index, written) in list.Items.Index())
        {
            var path = $"{section.Section}[{index}]";
            if (section.Read(WithRunbook(written, path, runbook, errors), path, errors) is { } item) items.Add(item);
            if (NameOf(written) is not { } name) continue;
            if (!seen.TryAdd(name, written.Place?.Line ?? 0)) errors.Add(new(InputReader.Join(path, "name"), Phrase.Of("config.duplicate", name, seen[name])));
        }
        errors.AddRange(section.Check(list.Items));
        return items;
    }

    // Looked up in what was written, also where it could not be read: all mistakes at once, and one mistake does not make ten.
    private IEnumerable<FieldError> References(InputMap root)
    {
        var written = _sections.ToDictionary(s => s.Section, IReadOnlyList<InputNode> (s) => root.Entries.LastOrDefault(e => e.Name == s.Section)?.Value switch { InputList list => list.Items, { } only when s.IsSingle => [only], _ => [] }, StringComparer.Ordinal);
        var known = _sections.ToDictionary(s => s.Kind, s => written[s.Section].SelectMany(n => TextsOf(n, "name")).Concat(s.Implied).ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        foreach (var section in _sections)
            foreach (var (path, node) in section.Names.Count == 0 ? [] : section.IsSingle ? written[section.Section].Select(n => (section.Section, n)) : Deep(written[section.Section], section.Section, section.Within))
                foreach (var (field, kind) in section.Names)
                    foreach (var (at, name) in TextsOf(node, field).Index())
                        if (name.Length > 0 && !known[kind].Contains(name))
                            yield return new($"{path}.{field}{((node as InputMap)?[field] is InputList ? $"[{at}]" : "")}", Phrase.Of("config.no_" + kind, name));
    }

    // Things, and those within them.
    private static IEnumerable<(string Path, InputNode Node)> Deep(IReadOnlyList<InputNode> nodes, string path, string? within) => nodes.SelectMany((node, i) =>
        (within is not null && (node as InputMap)?[within] is InputList more ? Deep(more.Items, $"{path}[{i}].{within}", within) : []).Prepend(($"{path}[{i}]", node)));

    private static string? NameOf(InputNode node) => TextsOf(node, "name").FirstOrDefault();

    /// <summary>The texts of a field, one or a list, as they were written.</summary>
    internal static IEnumerable<string> TextsOf(InputNode node, string field) => (node as InputMap)?[field] switch
    {
        InputScalar { Text: { } text } => [text],
        InputList list => list.Items.Select(i => (i as InputScalar)?.Text ?? ""),
        _ => [],
    };

    // A runbook may be a path beside the file; a URL and a text of several lines are the runbook themselves.
    private static InputNode WithRunbook(InputNode node, string path, Func<string, Outcome<string>> runbook, List<FieldError> errors)
    {
        if (node is not InputMap map || map["runbook"] is not InputScalar { Text: { Length: > 0 } text } scalar || text.Contains('\n', StringComparison.Ordinal) || ServiceInput.IsUrl(text)) return node;
        var read = runbook(text);
        errors.AddRange((read.Refusal?.Errors ?? []).Select(e => new FieldError(InputReader.Join(path, "runbook"), e.Message, scalar.Place)));
        return map with { Entries = [.. map.Entries.Select(e => e.Name == "runbook" ? e with { Value = scalar with { Text = read.IsDone ? read.Value : null } } : e)] };
    }

    private static Outcome<string> RunbookOf(string folder, string runbook)
    {
        var path = Path.GetFullPath(Path.Combine(folder, runbook));
        if (runbook.Contains('\0', StringComparison.Ordinal) || !path.StartsWith(folder.TrimEnd('/') + "/", StringComparison.Ordinal)) return Refusal.Invalid("runbook", Phrase.Of("config.runbook_outside", runbook));
        var text = TextOf(path, ServiceInput.MaxRunbook);
        return text.Refusal is { } refusal ? Refusal.Invalid("runbook", Phrase.Of("config.runbook_unreadable", runbook, refusal.ToString())) : text;
    }

    private static Outcome<string> TextOf(string path, int max)
    {
        try
        {
            using var file = File.OpenRead(path);
            // One byte more than allowed says that there is more; a device without end is not read to its end.
            var bytes = new byte[max + 1];
            var read = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (read > max) return Refusal.Invalid("", Phrase.Of("input.too_large", max));
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes, 0, read);
            return text.TrimStart('\uFEFF');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException and not DecoderFallbackException or NotSupportedException)
        {
            return Refusal.Invalid("", Phrase.Of("config.unreadable", e.Message));
        }
        catch (DecoderFallbackException)
        {
            return Refusal.Invalid("", Phrase.Of("config.not_utf8"));
        }
    }

    /// <summary>Where a path leads in what was written, or as far as it goes.</summary>
    private static InputPlace? PlaceOf(InputNode node, string path)
    {
        var place = node.Place;
        foreach (var step in path.Replace("[", ".[", StringComparison.Ordinal).Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            var next = node switch
            {
                InputMap map => map[step],
                InputList list when step.StartsWith('[') && int.TryParse(step.AsSpan(1, step.Length - 2), System.Globalization.CultureInfo.InvariantCulture, out var index) && index < list.Items.Count => list.Items[index],
                _ => null,
            };
            if (next is null) break;
            node = next;
            place = next.Place ?? place;
        }
        return place;
    }
}
