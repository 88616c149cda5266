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
/// <param name="At">How long after paging began.</param>
public sealed record SimulatedMoment(TimeSpan At, int Step, int Round, IReadOnlyList<NoticeTarget> Targets);

/// <summary>What would become of an alert, rule by rule.</summary>
/// <param name="Labels">After the label rules.</param>
/// <param name="Pages">Somebody would be told at once.</param>
/// <param name="Told">Who, when; empty when nobody.</param>
public sealed record Simulation(LabelSet Labels, IReadOnlyList<SimulationStep> Steps, bool Pages, IReadOnlyList<SimulatedMoment> Told);

/// <summary>All that the simulator looks at.</summary>
/// <param name="Muting">At the instant that is asked for.</param>
/// <param name="TimetableOf">Of the escalation policies with these names.</param>
/// <param name="Now">The instant that is asked for: who is on call, and in which hours.</param>
public sealed record SimulationWorld(PolicyBook Policies, IReadOnlyList<OpenIncident> Open, PlanContext Context, Muting Muting, AddressBook Book, Func<IEnumerable<string>, Timetable> TimetableOf, DateTimeOffset Now);

/// <summary>Plays an alert through the same pure decisions that the pipeline makes. Pure.</summary>
public static partial class Simulator
{
    public static Simulation Run(LabelSet labels, SimulationWorld world)
    {
        var steps = new List<SimulationStep>();
        foreach (var (number, after) in world.Policies.Labels.Explain(labels))
        {
            steps.Add(new(SimulationStage.LabelRule, true, Phrase.Of("simulate.label_rule", number, after.ToString())));
            labels = after;
        }
        var taken = world.Context.Routes.Match(labels);
        foreach (var route in world.Context.Routes.All.Where(r => r.Path.Length > 0))
        {
            var isTaken = taken.Contains(route);
            var match = string.Join(", ", route.Match.Select(m => m.ToString()));
            steps.Add(new(SimulationStage.Route, isTaken, Phrase.Of(isTaken ? "simulate.route_taken" : "simulate.route", route.Path, match.Length == 0 ? "*" : match, route.Escalation)));
        }
        if (taken[0].Path.Length == 0) steps.Add(new(SimulationStage.Route, true, Phrase.Of("simulate.route_default")));
        steps.Add(new(SimulationStage.Grouping, true, Phrase.Of("simulate.grouping", Grouping.Shown(Grouping.KeyOf(taken[0], labels)))));

        var plan = IncidentPlanner.Plan(world.Open, world.Context, [new(0, labels, LabelSet.Empty, null, true, null)]);
        var opens = plan.OfType<OpenChange>().FirstOrDefault();
        steps.Add(new(SimulationStage.Incident, true, plan.Count == 0 ? Phrase.Of("simulate.nothing") : plan[0] switch
        {
            JoinChange join => Phrase.Of("simulate.joins", join.Number),
            ImpactChange impact => Phrase.Of("simulate.impact", impact.Number, impact.Service),
            _ => Phrase.Of("simulate.opens"),
        }));
        foreach (var absorb in plan.OfType<AbsorbChange>()) steps.Add(new(SimulationStage.Incident, true, Phrase.Of("simulate.absorbs", absorb.From)));
        foreach (var flap in plan.OfType<FlapChange>()) steps.Add(new(SimulationStage.Incident, true, Phrase.Of("timeline.flapping", flap.Changes, Flapping.Window)));

        var mutes = world.Muting.Of(labels);
        steps.AddRange(mutes.Select(m => new SimulationStep(SimulationStage.Mute, true, m.Words)));
        if (mutes.Count == 0) steps.Add(new(SimulationStage.Mute, false, Phrase.Of("simulate.not_muted")));
        if (opens is not null && taken[0].GroupWait > TimeSpan.Zero) steps.Add(new(SimulationStage.Wait, true, Phrase.Of("simulate.waits", taken[0].GroupWait)));

        var timetable = world.TimetableOf(taken.Select(r => r.Escalation).Distinct(StringComparer.Ordinal));
        var begins = world.Now + taken[0].GroupWait;
        var moments = opens is null || mutes.Count > 0 ? [] : Told(timetable, world.Book, begins, taken[0].GroupWait);
        var pages = moments.Count > 0 && moments[0].Targets.Count > 0;
        steps.Add(new(SimulationStage.Verdict, pages, pages ? Phrase.Of("simulate.pages", string.Join(", ", moments[0].Targets.Select(t => $"{t.Recipient} ({t.ChannelName})")))
            : opens is null ? Phrase.Of("simulate.known") : mutes.Count > 0 ? Phrase.Of("notice.held", mutes[0].Words) : NoticePlanner.Nobody(world.Book, timetable.Moments[0], begins)));
        return new(labels, steps, pages, moments);
    }

    /// <summary>The moments as they would come: one that reaches nobody does not hold up those after it.</summary>
    private static List<SimulatedMoment> Told(Timetable timetable, AddressBook book, DateTimeOffset begins, TimeSpan wait)
    {
        var told = new List<SimulatedMoment>();
        var moments = timetable.Moments;
        var at = TimeSpan.Zero;
        for (var next = 0; next < moments.Count && told.Count < 50; next++)
        {
            var first = next;
            while (next < moments.Count && book.Find(moments[next].Notify, begins + at).Count == 0) next++;
            if (next == moments.Count) next = first; // nobody is left to be told now: the next moment may find somebody
            told.Add(new(at + wait, moments[next].Step, moments[next].Round, book.Find(moments[next].Notify, begins + at)));
            if (next + 1 < moments.Count) at += moments[next + 1].At - moments[next].At;
        }
        return told;
    }

    /// <summary>Reads labels as people write them: <c>name=value</c>, one on a line or several with commas; quotes and braces may stand.</summary>
    public static Outcome<LabelSet> ReadLabels(string text)
    {
        var errors = new List<FieldError>();
        var labels = new List<KeyValuePair<string, string>>();
        var parts = LabelPart().Matches(text.Trim().TrimStart('{').TrimEnd('}')).Select(m => m.Value.Trim()).Where(p => p.Length > 0);
        foreach (var (index, part) in parts.Index())
        {
            var read = MatcherParser.Parse(part, string.Create(CultureInfo.InvariantCulture, $"labels[{index}]"));
            if (read.Refusal is { } refusal) errors.AddRange(refusal.Errors);
            else if (read.Value.Kind != MatchKind.Equal) errors.Add(new("labels", Phrase.Of("simulate.not_a_label", part)));
            else labels.Add(new(read.Value.Name, read.Value.Value));
        }
        if (errors.Count == 0 && labels.Count == 0) errors.Add(new("labels", Phrase.Of("input.required")));
        return errors.Count > 0 ? Refusal.Invalid(errors) : LabelSet.Of(labels);
    }

    /// <summary>Labels as <see cref="ReadLabels"/> reads them, one on a line.</summary>
    public static string WriteLabels(LabelSet labels) => string.Join('\n', labels.Select(l => $"{l.Key}={(IsPlain().IsMatch(l.Value) ? l.Value : Quoted(l.Value))}"));

    private static string Quoted(string value) =>
        $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";

    /// <summary>What stands between commas and ends of lines; within quotes these are part of the value.</summary>
    [GeneratedRegex(@"(?>""(?:\\.|[^""\\])*""|[^,\n])+", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex LabelPart();

    [GeneratedRegex(@"^[\w.:/@%+-]([\w.:/@%+ -]*[\w.:/@%+-])?\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex IsPlain();
}
