using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Configuration.Import;

/// <summary>What could not be carried over, or was guessed.</summary>
/// <param name="Where">In the words of the foreign file.</param>
/// <param name="Why">What happened to it.</param>
public sealed record ImportNote(string Where, Phrase Why)
{
    public override string ToString() => Where.Length == 0 ? Why.In() : $"{Where}: {Why.In()}";
}

/// <summary>A foreign configuration as ours.</summary>
/// <param name="Yaml">An <c>ops.yaml</c>; in the place of each secret stands a variable.</param>
/// <param name="Notes">What could not be carried over.</param>
/// <param name="Secrets">The values of those variables.</param>
public sealed record Imported(string Yaml, IReadOnlyList<ImportNote> Notes, IReadOnlyDictionary<string, string> Secrets);

/// <summary>What the foreign text does not say itself.</summary>
/// <param name="Host">The machine that it is about; null: none is said.</param>
/// <param name="Project">Of a compose file: the name of its folder.</param>
/// <param name="Variables">Of a compose file: what <c>${NAME}</c> stands for.</param>
/// <param name="Files">Of a compose file: the text of another, by its path from the first; null: others may not be read.</param>
/// <param name="Engine">Where containers were read from, if it is not the Engine of this machine.</param>
public sealed record ImportHints(string? Host = null, string? Project = null, Func<string, string?>? Variables = null, Func<string, string?>? Files = null, string? Engine = null);

/// <summary>An <c>ops.yaml</c> while it is written: names are unique, secrets stand apart.</summary>
internal sealed class ImportDraft
{
    private readonly Dictionary<string, string> _secrets = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public List<InputNode> Hosts { get; } = [];
    public List<InputNode> Services { get; } = [];
    public List<InputNode> Probes { get; } = [];
    public List<InputNode> Heartbeats { get; } = [];
    public List<ImportNote> Notes { get; } = [];

    public void Note(string where, string key, params object?[] args) => Notes.Add(new(where, Phrase.Of(key, args)));

    /// <summary>The wanted name, or with a number behind it.</summary>
    public string Unique(string kind, string wanted)
    {
        var name = wanted;
        for (var n = 2; !_names.Add($"{kind}:{name}"); n++) name = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{wanted}-{n}");
        return name;
    }

    /// <summary>A service of that name, made at its first use.</summary>
    public string Service(string text)
    {
        var name = ImportNodes.NameOf(text, "service");
        if (_names.Add($"service:{name}")) Services.Add(name == text ? ImportNodes.Map(("name", ImportNodes.Plain(name))) : ImportNodes.Map(("name", ImportNodes.Plain(name)), ("title", ImportNodes.Foreign(text.Trim()))));
        return name;
    }

    /// <summary>A variable that stands for a secret.</summary>
    public InputScalar Secret(string owner, string field, string value)
    {
        var plain = string.Concat($"{owner}_{field}".ToUpperInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
        if (char.IsAsciiDigit(plain[0])) plain = "_" + plain;
        var name = plain;
        for (var n = 2; !_secrets.TryAdd(name, value) && _secrets[name] != value; n++) name = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{plain}_{n}");
        return ImportNodes.Quoted($"${{{name}}}");
    }

    public Imported Done() => new(
        (_secrets.Count == 0 ? "" : "# Secrets are not written. Set these variables (or each one's _FILE) before you apply this:\n" + string.Concat(_secrets.Keys.Order(StringComparer.Ordinal).Select(n => $"#   {n}\n")))
        + YamlOutput.Write(new([new("version", ImportNodes.Plain("1"), null), .. ImportNodes.Section("hosts", Hosts), .. ImportNodes.Section("services", Services), .. ImportNodes.Section("probes", Probes), .. ImportNodes.Section("heartbeats", Heartbeats)], null)),
        Notes, _secrets);
}
