using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Configuration;

/// <summary>What a good <c>ops.yaml</c> says.</summary>
/// <param name="Items">All its things, in the order of the sections.</param>
public sealed record OpsFile(IReadOnlyList<FileItem> Items)
{
    /// <summary>
    /// The channels, schedules and people that steps of escalations name and the file does not describe: somebody may have made them in the page, so whether they are there
    /// is known only where there is a store.
    /// </summary>
    public IEnumerable<(FileItem Item, string Field, string Kind, string Name)> NamedElsewhere()
    {
        var here = Items.Select(i => (i.Kind, i.Name)).ToHashSet();
        return Items.Where(i => i.Input is EscalationInput).SelectMany(i => PolicyShape.NamedBy(i.Input).Where(n => !here.Contains((n.Kind, n.Name))).Select(n => (i, InputReader.Join(i.Path, n.Field), n.Kind, n.Name)));
    }
}

/// <summary>The root of <c>ops.yaml</c>; the sections that are read stand in <see cref="Sections"/>.</summary>
internal sealed record OpsFileInput : IChecked
{
    [Setting(Required = true, Example = "1")]
    public int? Version { get; init; }

    [Rest]
    public IReadOnlyDictionary<string, InputNode> Sections { get; init; } = new Dictionary<string, InputNode>(StringComparer.Ordinal);

    public IEnumerable<FieldError> Check()
    {
        if (Version != 1) yield return new("version", Phrase.Of("config.version"));
    }
}
