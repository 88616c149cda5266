using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Recovery.Engines;

/// <summary>Something of which exactly one may be active, such as Etherpad: whoever answers 200 is.</summary>
public sealed class ActiveEngine : IClusterEngine
{
    public EngineKind Kind => EngineKind.Active;

    public IReadOnlyList<string> Paths { get; } = [""];

    public ClusterView Read(IReadOnlyList<MemberAnswer> answers, DateTimeOffset now)
    {
        var active = answers.Where(a => a.StatusOf("") is >= 200 and < 300).Select(a => a.Name).ToList();
        List<Finding> findings = active.Count switch
        {
            0 => [new(FindingLevel.Bad, Phrase.Of("cluster.none_active"))],
            1 => [],
            _ => [new(FindingLevel.Bad, Phrase.Of("cluster.two_active", string.Join(", ", active)))],
        };
        return new(now, [.. answers.Select(a => new MemberView(a.Name, active.Contains(a.Name) ? "active" : "standby", null, null, null, a.Answers || active.Count > 0, active.Contains(a.Name)))], findings, []);
    }
}
