using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Recovery;

/// <summary>How bad a finding is.</summary>
public enum FindingLevel
{
    /// <summary>Says why things are as they are.</summary>
    Note,
    /// <summary>It works, and would not survive the next failure as it should.</summary>
    Warning,
    /// <summary>It does not work, or must not be.</summary>
    Bad,
}

/// <summary>One thing that the engines' own reports say.</summary>
public sealed record Finding(FindingLevel Level, Phrase Words);

/// <summary>One machine of a cluster.</summary>
/// <param name="Role">In the engine's own words: <c>leader</c>, <c>sync_standby</c>.</param>
/// <param name="State">Likewise: <c>running</c>, <c>streaming</c>.</param>
/// <param name="Lag">Bytes behind the leader; null: not said.</param>
/// <param name="Answers">It was asked, and answered.</param>
public sealed record MemberView(string Name, string? Role, string? State, long? Timeline, long? Lag, bool Answers, bool Leads);

/// <summary>One server behind HAProxy, as one machine's HAProxy sees it.</summary>
/// <param name="Status">In HAProxy's words: <c>UP</c>, <c>DOWN</c>, <c>DRAIN</c>, <c>MAINT</c>.</param>
/// <param name="Since">How long it has been so.</param>
/// <param name="Check">What its last check said; null: nothing.</param>
public sealed record BackendView(string Member, string Proxy, string Server, string Status, TimeSpan? Since, string? Check)
{
    public bool IsUp => Status.StartsWith("UP", StringComparison.Ordinal);

    public bool IsDown => Status.StartsWith("DOWN", StringComparison.Ordinal);
}

/// <summary>Something that the engine remembers.</summary>
public sealed record EngineEvent(DateTimeOffset At, string Leader, long Timeline, string Reason);

/// <summary>A cluster at one instant, read from what its members said. Stored as it is.</summary>
public sealed record ClusterView(DateTimeOffset At, IReadOnlyList<MemberView> Members, IReadOnlyList<Finding> Findings, IReadOnlyList<EngineEvent> History)
{
    /// <summary>Of HAProxy; of others empty.</summary>
    public IReadOnlyList<BackendView> Backends { get; init; } = [];

    /// <summary>Who leads, or is active; null: nobody, or more than one.</summary>
    public string? Leader => Members.Where(m => m.Leads).Take(2).ToList() is [var only] ? only.Name : null;

    public FindingLevel Worst => Findings.Select(f => f.Level).DefaultIfEmpty(FindingLevel.Note).Max();
}

/// <summary>What one member said when it was asked, by path; a status of 0: nothing.</summary>
public sealed record MemberAnswer(string Name, IReadOnlyDictionary<string, (int Status, string Body)> Said)
{
    public int StatusOf(string path) => Said.TryGetValue(path, out var said) ? said.Status : 0;

    public string? BodyOf(string path) => Said.TryGetValue(path, out var said) && said.Status == 200 ? said.Body : null;

    public bool Answers => Said.Values.Any(s => s.Status != 0);
}
