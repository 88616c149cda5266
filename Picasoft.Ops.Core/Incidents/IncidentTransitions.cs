using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Incidents;

/// <summary>Where an incident stands.</summary>
public enum IncidentState
{
    /// <summary>Somebody must look.</summary>
    Open,
    /// <summary>Somebody has it.</summary>
    Acknowledged,
    /// <summary>Users no longer suffer; the cause is not mended yet.</summary>
    Mitigated,
    /// <summary>Over.</summary>
    Resolved,
}

/// <summary>What can happen to an incident's state.</summary>
public enum IncidentAction
{
    /// <summary>A human takes it.</summary>
    Acknowledge,
    /// <summary>Its acknowledgement ran out.</summary>
    ExpireAcknowledgement,
    /// <summary>A human says that users no longer suffer.</summary>
    Mitigate,
    /// <summary>A human says it is over.</summary>
    Resolve,
    /// <summary>All its alerts have ended.</summary>
    AlertsEnded,
    /// <summary>A human says it is not over after all.</summary>
    Reopen,
    /// <summary>It began again.</summary>
    AlertAgain,
    /// <summary>A human asks for the next step of the escalation now.</summary>
    Escalate,
}

/// <summary>The states and what moves between them: one row per (state, action). What is not here is refused, with a sentence.</summary>
public static class IncidentTransitions
{
    private static readonly Dictionary<(IncidentState State, IncidentAction Action), IncidentState> _table = new()
    {
        [(IncidentState.Open, IncidentAction.Acknowledge)] = IncidentState.Acknowledged,
        [(IncidentState.Open, IncidentAction.Mitigate)] = IncidentState.Mitigated,
        [(IncidentState.Open, IncidentAction.Resolve)] = IncidentState.Resolved,
        [(IncidentState.Open, IncidentAction.AlertsEnded)] = IncidentState.Resolved,
        [(IncidentState.Open, IncidentAction.AlertAgain)] = IncidentState.Open,
        [(IncidentState.Open, IncidentAction.Escalate)] = IncidentState.Open,

        [(IncidentState.Acknowledged, IncidentAction.ExpireAcknowledgement)] = IncidentState.Open,
        [(IncidentState.Acknowledged, IncidentAction.Mitigate)] = IncidentState.Mitigated,
        [(IncidentState.Acknowledged, IncidentAction.Resolve)] = IncidentState.Resolved,
        [(IncidentState.Acknowledged, IncidentAction.AlertsEnded)] = IncidentState.Resolved,
        [(IncidentState.Acknowledged, IncidentAction.AlertAgain)] = IncidentState.Acknowledged,
        [(IncidentState.Acknowledged, IncidentAction.Reopen)] = IncidentState.Open,
        [(IncidentState.Acknowledged, IncidentAction.Escalate)] = IncidentState.Acknowledged,

        [(IncidentState.Mitigated, IncidentAction.Resolve)] = IncidentState.Resolved,
        [(IncidentState.Mitigated, IncidentAction.AlertsEnded)] = IncidentState.Resolved,
        [(IncidentState.Mitigated, IncidentAction.AlertAgain)] = IncidentState.Open,
        [(IncidentState.Mitigated, IncidentAction.Reopen)] = IncidentState.Open,
        [(IncidentState.Mitigated, IncidentAction.Escalate)] = IncidentState.Mitigated,

        [(IncidentState.Resolved, IncidentAction.Reopen)] = IncidentState.Open,
        [(IncidentState.Resolved, IncidentAction.AlertAgain)] = IncidentState.Open,
    };

    /// <summary>The state after the action, or a conflict that says why not (<c>incident.refused.{state}.{action}</c>).</summary>
    public static Outcome<IncidentState> After(IncidentState state, IncidentAction action) =>
        _table.TryGetValue((state, action), out var next) ? next : Refusal.Conflict(Phrase.Of($"incident.refused.{Words.Of(state)}.{Words.Of(action)}"));

    /// <summary>Whether the action would be taken: for buttons.</summary>
    public static bool Allows(IncidentState state, IncidentAction action) => _table.ContainsKey((state, action));
}
