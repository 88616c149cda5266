using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Recovery;

namespace Picasoft.Ops.Core.Configuration;

/// <summary>What a good <c>ops.yaml</c> says.</summary>
/// <param name="Items">All its things, in the order of the sections.</param>
public sealed record OpsFile(IReadOnlyList<FileItem> Items)
{
    /// <summary>
    /// What steps of escalations and recovery plans, rotations, and people's <c>through</c> name and the file does not describe: somebody may have made it in the page, so whether it is there
    /// is known only where there is a store.
    /// </summary>
    public IEnumerable<(FileItem Item, string Field, string Kind, string Name)> NamedElsewhere()
    {
        var here = Items.Select(i => (i.Kind, i.Name)).ToHashSet();
        return Items.SelectMany(i => NamedBy(i.Input).Where(n => !here.Contains((n.Kind, n.Name))).Select(n => (i, InputReader.Join(i.Path, n.Field), n.Kind, n.Name)));
    }

    private static IEnumerable<(string Field, string Kind, string Name)> NamedBy(object input) => input switch
    {
        EscalationInput => PolicyShape.NamedBy(input),
        ScheduleInput schedule => schedule.NamedPeople().Select(p => (p.Field, "person", p.Name)),
        RecoveryPlanInput plan => plan.NamedClusters().Select(c => (c.Field, "cluster", c.Name)),
        FilePersonInput person => person.Through.Select((name, i) => ($"through[{i}]", "channel", name)),
        _ => [],
    };
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
