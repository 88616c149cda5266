namespace Picasoft.Ops.Core.Recovery.Engines;

/// <summary>Reads one kind of cluster. Only ever reads: who leads is decided by the engine itself.</summary>
public interface IClusterEngine
{
    EngineKind Kind { get; }

    /// <summary>Paths that each member is asked for.</summary>
    IReadOnlyList<string> Paths { get; }

    /// <summary>What the answers mean. Pure.</summary>
    ClusterView Read(IReadOnlyList<MemberAnswer> answers, DateTimeOffset now);
}
