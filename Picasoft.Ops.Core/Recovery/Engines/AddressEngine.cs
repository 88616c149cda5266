using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Recovery.Engines;

/// <summary>The one address that keepalived moves: whoever holds it says its name there (<c>/who</c> of docker/ha's HAProxy). A machine may hold it only while its HAProxy reaches a primary (<c>/postgres</c>).</summary>
public sealed class AddressEngine : IClusterEngine
{
    /// <summary>The name under which the address itself answers.</summary>
    public const string Shared = "";

    private const string Who = "/who", MayHold = "/postgres";

    public EngineKind Kind => EngineKind.Address;

    public IReadOnlyList<string> Paths { get; } = [Who, MayHold];

    public ClusterView Read(IReadOnlyList<MemberAnswer> answers, DateTimeOffset now)
    {
        var holder = answers.FirstOrDefault(a => a.Name == Shared)?.BodyOf(Who)?.Trim();
        var machines = answers.Where(a => a.Name != Shared).ToList();
        var findings = new List<Finding>();
        if (string.IsNullOrEmpty(holder)) findings.Add(new(FindingLevel.Bad, Phrase.Of("cluster.address_lost")));
        else if (machines.TrueForAll(m => m.Name != holder)) findings.Add(new(FindingLevel.Warning, Phrase.Of("cluster.address_strange", holder)));
        foreach (var machine in machines)
        {
            if (!machine.Answers) findings.Add(new(FindingLevel.Warning, Phrase.Of("cluster.haproxy_silent", machine.Name)));
            else if (machine.StatusOf(MayHold) != 200) findings.Add(new(machine.Name == holder ? FindingLevel.Warning : FindingLevel.Note, Phrase.Of("cluster.address_may_not", machine.Name)));
        }
        if (findings.Count == 0) findings.Add(new(FindingLevel.Note, Phrase.Of("cluster.address_held", holder)));
        return new(now, [.. machines.Select(m => new MemberView(m.Name, m.Name == holder ? "holder" : m.StatusOf(MayHold) == 200 ? "backup" : "fault", null, null, null, m.Answers, m.Name == holder))], findings, []);
    }
}
