using System.Globalization;
using System.Text.RegularExpressions;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Alerts.Routing;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Escalations;

/// <summary>An alert that is only imagined, as people write it: <c>{"labels": {"alertname": "HostDown", "host": "bob"}, "at": "2026-11-24T04:10:00Z"}</c>.</summary>
public sealed record SimulateInput : IChecked
{
    [Setting(Required = true, MaxLength = 100)]
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Null: now.</summary>
    public DateTimeOffset? At { get; init; }

    public IEnumerable<FieldError> Check()
    {
        if (Labels.Count > 0 && LabelSet.Of(Labels).Count == 0) yield return new("labels", Phrase.Of("input.required"));
    }
}

/// <summary>Where in the pipeline a step stands.</summary>
public enum SimulationStage
{
    LabelRule,
    Route,
    Grouping,
    Incident,
    Mute,
    Wait,
    Verdict,
}

/// <summary>One rule that was looked at.</summary>
/// <param name="Applies">It matched, or decided something.</param>
public sealed record SimulationStep(SimulationStage Stage, bool Applies, Phrase Words);

/// <summary>Who would be told when, while nobody acknowledges.</summary>
/// <param name="At">How long after the alert came.</param>
/// <param name="Targets">Whom; <see cref="NoticeTarget.WaitsUntil"/> says who hears of it later only.</param>
public sealed record SimulatedMoment(TimeSpan At, int Step, int Round, IReadOnlyList<NoticeTarget> Targets);

/// <summary>What would become of an alert, rule by rule.</summary>
/// <param name="Labels">After the label rules.</param>
/// <param name="Pages">Somebody would be told, without a silence or the like having to end first.</param>
/// <param name="Told">Who, when; empty when nobody.</param>
public sealed record Simulation(LabelSet Labels, IReadOnlyList<SimulationStep> Steps, bool Pages, IReadOnlyList<SimulatedMoment> Told);

/// <summary>All that the simulator looks at.</summary>
/// <param name="Muting">At the instant that is asked for.</param>
/// <param name="TimetableOf">Of the escalation policies with these names.</param>
/// <param name="Now">The instant that is asked for: who is on call, and in which hours.</param>
public sealed record SimulationWorld(PolicyBook Policies, IReadOnlyList<OpenIncident> Open, PlanContext Context, Muting Muting, AddressBook Book, Func<IEnumerable<string>, Timetable> TimetableOf, DateTimeOffset Now)
{
    /// <summary>The same incidents as <see cref="Open"/>, read for this: what the alert would do is done to them.</summary>
    public IReadOnlyList<Incident> Incidents { get; init; } = [];

    /// <summary>The labels of their alerts that go on, as many as a judgement needs.</summary>
    public ILookup<long, LabelSet> Active { get; init; } = Array.Empty<LabelSet>().ToLookup(_ => 0L);
}
