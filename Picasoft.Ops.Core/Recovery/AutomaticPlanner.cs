using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Recovery;

/// <summary>All that is known when it is decided whether a plan starts by itself for an incident.</summary>
/// <param name="OpenedAt">Since when the incident is open.</param>
/// <param name="Severity">Of the incident.</param>
/// <param name="Told">Somebody was told of it, and nothing holds telling back: it is neither silenced nor maintained.</param>
/// <param name="Locations">From where the service is seen to fail at the moment.</param>
/// <param name="Runs">Runs of this plan that started by themselves, drills apart; newest first.</param>
/// <param name="HasRun">A run for this very incident was begun, by whomever.</param>
/// <param name="Acknowledged">Numbers of incidents that a person has acknowledged or resolved.</param>
/// <param name="BusyWith">A run that holds something this plan needs; null: none.</param>
public sealed record AutomaticFacts(
    DateTimeOffset OpenedAt, Severity Severity, bool Told, IReadOnlyCollection<string> Locations, IReadOnlyList<RecoveryRun> Runs, bool HasRun, IReadOnlySet<long> Acknowledged, RecoveryRun? BusyWith);

/// <summary>Whether a plan starts by itself. Never who leads: that stays with the engines. Pure.</summary>
public static class AutomaticPlanner
{
    /// <summary>Start it; or the reason that is written onto the incident; or neither, since it is not its time (yet).</summary>
    public static (bool Start, Phrase? Refused) Decide(RecoveryPlanInput plan, AutomaticFacts facts, DateTimeOffset now)
    {
        if (plan.Automatic is not { } guards || facts.HasRun || facts.Severity < guards.Severity || !facts.Told || now - facts.OpenedAt < guards.After) return (false, null);
        if (facts.Locations.Count < guards.Locations) return (false, Phrase.Of("auto.locations", plan.Name, facts.Locations.Count, guards.Locations));
        if (facts.Runs is [{ SeenAt: null } last, ..] && !(last.IncidentNumber is { } number && facts.Acknowledged.Contains(number))) return (false, Phrase.Of("auto.locked", plan.Name, last.Id));
        if (facts.Runs.Count(r => r.StartedAt > now - guards.Within) >= guards.AtMost) return (false, Phrase.Of("auto.at_most", plan.Name, guards.AtMost, guards.Within));
        return facts.BusyWith is { } busy ? (false, Phrase.Of("auto.busy", plan.Name, busy.Plan, busy.Id)) : (true, null);
    }
}
