using Picasoft.Ops.Core.Logs;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Configuration;

/// <summary>Words in both languages.</summary>
public sealed record Bilingual
{
    [Setting(Required = true)]
    public string En { get; init; } = "";

    [Setting(Required = true)]
    public string Fr { get; init; } = "";

    public string In(string language) => language.StartsWith("fr", StringComparison.OrdinalIgnoreCase) ? Fr : En;
}

/// <summary>A rule of a pack.</summary>
public sealed record LogPackRule
{
    /// <summary>What it means that it fires.</summary>
    [Setting(Required = true)]
    public Bilingual Title { get; init; } = new();

    /// <summary><see cref="LogRuleInput"/> without its words.</summary>
    [Setting(Required = true)]
    public InputNode? Rule { get; init; }

    /// <summary>What to do.</summary>
    [Setting(Required = true)]
    public Bilingual Runbook { get; init; } = new();

    /// <summary>Lines that it finds: <c>program: text</c>.</summary>
    public IReadOnlyList<string> Samples { get; init; } = [];

    /// <summary>Lines that look alike, and that it passes over.</summary>
    public IReadOnlyList<string> NearMisses { get; init; } = [];

    public string Name => ((Rule as InputMap)?["name"] as InputScalar)?.Text ?? "";

    /// <summary>The rule in words of a language, for a service.</summary>
    public Outcome<LogRuleInput> In(string language, string? service)
    {
        var read = InputReader.Read<LogRuleInput>(Rule!);
        return read.Refusal is { } refusal ? refusal : read.Value with { Title = Title.In(language), Runbook = Runbook.In(language), Service = service };
    }
}

/// <summary>Rules for the logs of one program, that work unchanged. Data: the files of <c>Logs/Packs</c>.</summary>
public sealed record LogPack
{
    [Setting(Required = true, Name = true)]
    public string Name { get; init; } = "";

    [Setting(Required = true)]
    public Bilingual Title { get; init; } = new();

    [Setting(Required = true)]
    public IReadOnlyList<LogPackRule> Rules { get; init; } = [];
}

/// <summary>The packs that come with the product.</summary>
public static class LogPacks
{
    private static readonly Lazy<IReadOnlyList<LogPack>> _all = new(Read);

    public static IReadOnlyList<LogPack> All => _all.Value;

    public static LogPack? Find(string name) => All.FirstOrDefault(p => p.Name == name);

    private static List<LogPack> Read()
    {
        var assembly = typeof(LogPacks).Assembly;
        var packs = new List<LogPack>();
        foreach (var resource in assembly.GetManifestResourceNames().Where(n => n.Contains(".Logs.Packs.", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            var yaml = YamlInput.Read(reader.ReadToEnd(), _ => null);
            packs.Add(InputReader.Read<LogPack>(yaml.Root!).Value);
        }
        return packs;
    }
}

/// <summary>A pack as <c>ops.yaml</c> chooses it: <c>log_packs: [{name: postfix, service: mail}]</c>.</summary>
public sealed record LogPackChoice
{
    [Setting(Required = true, Name = true, Example = "postfix")]
    public string Name { get; init; } = "";

    /// <summary>The service that has a problem when a rule of the pack fires.</summary>
    [Setting(Name = true, Example = "mail")]
    public string? Service { get; init; }

    /// <summary>Language of titles and runbooks.</summary>
    public PackLanguage Language { get; init; } = PackLanguage.Fr;

    /// <summary>Rules of the pack that are not wanted.</summary>
    [Setting(MaxLength = 50, Example = "postfix-bounced")]
    public IReadOnlyList<string> Off { get; init; } = [];
}

/// <summary>A language that packs are written in.</summary>
public enum PackLanguage
{
    Fr,
    En,
}

/// <summary>Turns <c>log_packs</c> into the log rules they stand for. A rule of the same name in <c>log_rules</c> takes the pack's place. Pure.</summary>
internal static class LogPackExpansion
{
    public const string Section = "log_packs";

    public static InputMap Expand(InputMap root, List<FieldError> errors)
    {
        if (root.Entries.LastOrDefault(e => e.Name == Section) is not { } entry) return root;
        var rules = root.Entries.LastOrDefault(e => e.Name == "log_rules");
        var written = rules?.Value as InputList;
        var names = (written?.Items ?? []).SelectMany(n => OpsFileReader.TextsOf(n, "name")).ToHashSet(StringComparer.Ordinal);
        var added = new List<InputNode>();
        if (entry.Value is InputList list)
        {
            foreach (var (index, node) in list.Items.Index())
            {
                var path = $"{Section}[{index}]";
                var read = InputReader.Read<LogPackChoice>(node, path);
                errors.AddRange(read.Refusal?.Errors ?? []);
                if (!read.IsDone) continue;
                var choice = read.Value;
                if (LogPacks.Find(choice.Name) is not { } pack)
                {
                    errors.Add(new($"{path}.name", Phrase.Of("config.no_log_pack", choice.Name, string.Join(", ", LogPacks.All.Select(p => p.Name))), node.Place));
                    continue;
                }
                foreach (var off in choice.Off.Where(o => pack.Rules.All(r => r.Name != o)))
                    errors.Add(new($"{path}.off", Phrase.Of("config.no_pack_rule", off, string.Join(", ", pack.Rules.Select(r => r.Name))), node.Place));
                foreach (var rule in pack.Rules.Where(r => !choice.Off.Contains(r.Name, StringComparer.Ordinal) && names.Add(r.Name)))
                {
                    var input = rule.In(Words.Of(choice.Language), choice.Service).Value;
                    // The line break says that it is the runbook itself and not a path.
                    added.Add(InputWriter.Write(input with { Runbook = input.Runbook + "\n" }, (_, _) => "") with { Place = node.Place });
                }
            }
        }
        else if (entry.Value is not InputScalar { Text: null })
        {
            errors.Add(new(Section, Phrase.Of("input.expected_list"), entry.Value.Place));
        }
        var all = new InputList([.. written?.Items ?? [], .. added], rules?.Value.Place ?? entry.Value.Place);
        return root with { Entries = [.. root.Entries.Where(e => e.Name != Section && e != rules), new("log_rules", all, rules?.Place ?? entry.Place)] };
    }
}
