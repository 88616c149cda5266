using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Alerts.Routing;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Escalations;

/// <summary>Plays an alert through the same pure decisions that the pipeline makes, and says what each came to. Pure.</summary>
public static partial class Simulator
{
    public static Simulation Run(LabelSet labels, SimulationWorld world)
    {
        var steps = new List<SimulationStep>();
        foreach (var (number, match, applies, after) in world.Policies.Labels.Walk(labels))
        {
            steps.Add(new(SimulationStage.LabelRule, applies, applies ? Phrase.Of("simulate.label_rule", number, after.ToString()) : Phrase.Of("simulate.label_rule_not", number, Text(match))));
            labels = after;
        }
        var taken = world.Context.Routes.Match(labels);
        steps.AddRange(Routes(world.Context.Routes, taken));
        steps.Add(new(SimulationStage.Grouping, true, Phrase.Of("simulate.grouping", Grouping.Shown(Grouping.KeyOf(taken[0], labels)))));

        var plan = IncidentPlanner.Plan(world.Open, world.Context, [new(0, labels, LabelSet.Empty, null, true, null)]);
        var writer = new PlanWriter(world.Incidents, world.Now);
        writer.Write(plan);
        steps.AddRange(plan.Select(change => Said(change, world)).OfType<Phrase>().Select(words => new SimulationStep(SimulationStage.Incident, true, words)));
        var mutes = world.Muting.Of(labels);
        steps.AddRange(mutes.Select(m => new SimulationStep(SimulationStage.Mute, true, m.Words)));
        steps.AddRange(Idle(labels, mutes, world));
        if (mutes.Count == 0) steps.Add(new(SimulationStage.Mute, false, Phrase.Of("simulate.not_muted")));

        // What the alert makes of its incident is decided like the real thing, entry for entry. The first message comes after the wait.
        var incident = writer.Homes[0];
        var wait = writer.Opened.Count > 0 ? taken[0].GroupWait : TimeSpan.Zero;
        if (wait > TimeSpan.Zero) steps.Add(new(SimulationStage.Wait, true, Phrase.Of("simulate.waits", wait)));
        IReadOnlyList<LabelSet> active = [.. world.Active[incident.Number], .. plan.OfType<AbsorbChange>().SelectMany(a => world.Active[a.From]), labels];
        var facts = new NoticeFacts(TimelineKind.Decision, incident, active, world.Muting, world.TimetableOf(incident.Escalations), world.Book, [], world.Now + wait);
        var notices = writer.Entries.Where(e => e.Entry.Pending && ReferenceEquals(e.Incident, incident)).Select(e => NoticePlanner.Plan(facts with { Kind = e.Entry.Kind })).ToList();
        // It may be the first alert that nothing holds, of an incident that owes somebody a message.
        if (incident.Held && NoticePlanner.Recheck(facts) is { } owed) notices.Add(owed);
        var notice = notices.Find(n => n.Decision == NoticeDecision.Told) ?? notices.Find(n => n.Pages);
        var told = notice is { IsHeld: false } ? Told(facts.Timetable, notice.Moment, world.Book, incident.Severity, world.Now, wait) : [];
        var pages = told.Count > 0 && told[0].Targets.Count > 0;
        steps.Add(new(SimulationStage.Verdict, pages, pages ? Verdict(told[0]) : notice switch
        {
            null => Phrase.Of("simulate.known"),
            { IsHeld: true } when mutes.Count > 0 => Phrase.Of("notice.held", mutes[0].Words),
            { Decision: NoticeDecision.GroupWait } => Phrase.Of("notice.waits", notice.Until),
            _ => notice.Words ?? NoticePlanner.Nobody(world.Book, facts.Timetable.Moments[0], facts.Now),
        }));
        return new(labels, steps, pages, told);
    }

    private static IEnumerable<SimulationStep> Routes(RouteTree routes, IReadOnlyList<Route> taken)
    {
        foreach (var route in routes.All.Where(r => r.Path.Length > 0))
        {
            var isTaken = taken.Contains(route);
            yield return new(SimulationStage.Route, isTaken, Phrase.Of(isTaken ? "simulate.route_taken" : "simulate.route", route.Path, Text(route.Match), route.Escalation));
        }
        if (taken[0].Path.Length == 0) yield return new(SimulationStage.Route, true, Phrase.Of("simulate.route_default"));
    }

    private static Phrase? Said(IncidentChange change, SimulationWorld world) => change switch
    {
        OpenChange => Phrase.Of("simulate.opens"),
        JoinChange join => Phrase.Of(world.Incidents.Any(i => i.Number == join.Number && i.ToldAt is null) ? "simulate.joins_untold" : "simulate.joins", join.Number),
        ImpactChange impact => Phrase.Of("simulate.impact", impact.Number, impact.Service),
        AbsorbChange absorb => Phrase.Of("simulate.absorbs", absorb.From),
        FlapChange flap => Phrase.Of("timeline.flapping", flap.Changes, Flapping.Window),
        SeverityChange worse => Phrase.Of("simulate.worse", worse.Number, worse.To),
        ReopenChange again => Phrase.Of("simulate.reopens", again.Number),
        _ => null,
    };

    /// <summary>Rules and windows that do not hold it back, and why not.</summary>
    private static IEnumerable<SimulationStep> Idle(LabelSet labels, IReadOnlyList<Mute> mutes, SimulationWorld world)
    {
        foreach (var rule in world.Policies.Inhibitions.Where(r => !mutes.Any(m => m.Kind == MuteKind.Inhibition && m.Name == $"{r.Number}")))
            yield return new(SimulationStage.Mute, false, Silencing.Matches(rule.Target, labels) ? Phrase.Of("simulate.inhibit_idle", rule.Number, Text(rule.Source)) : Phrase.Of("simulate.inhibit_not", rule.Number, Text(rule.Target)));
        foreach (var window in world.Policies.Maintenances.Where(w => !mutes.Any(m => m.Kind == MuteKind.Maintenance && m.Name == w.Name)))
            yield return new(SimulationStage.Mute, false, !window.Covers(labels) ? Phrase.Of("simulate.window_not", window.Name)
                : window.NextAfter(world.Now) is { } next ? Phrase.Of("simulate.window_closed", window.Name, next) : Phrase.Of("simulate.window_over", window.Name));
    }

    /// <summary>The moments as they would come: one that reaches nobody does not hold up those after it.</summary>
    private static List<SimulatedMoment> Told(Timetable timetable, int from, AddressBook book, Severity severity, DateTimeOffset now, TimeSpan wait)
    {
        var told = new List<SimulatedMoment>();
        var moments = timetable.Moments;
        var at = wait;
        for (var next = from; next < moments.Count && told.Count < 50; next++)
        {
            var first = next;
            while (next < moments.Count && book.Find(moments[next].Notify, now + at).Count == 0) next++;
            if (next == moments.Count) next = first; // nobody is left to be told now: the next moment may find somebody
            told.Add(new(at, moments[next].Step, moments[next].Round, [.. book.Find(moments[next].Notify, now + at).Select(t => t with { WaitsUntil = NoticePlanner.Waits(t, severity, now + at) })]));
            if (next + 1 < moments.Count) at += moments[next + 1].At - moments[next].At;
        }
        return told;
    }

    private static Phrase Verdict(SimulatedMoment first)
    {
        var atOnce = first.Targets.Where(t => t.WaitsUntil is null).ToList();
        return atOnce.Count > 0 ? Phrase.Of("simulate.pages", Names(atOnce)) : Phrase.Of("simulate.later", Names(first.Targets), first.Targets.Min(t => t.WaitsUntil));

        static string Names(IEnumerable<NoticeTarget> targets) => string.Join(", ", targets.Select(t => $"{t.Recipient} ({t.ChannelName})"));
    }

    private static string Text(IReadOnlyList<Matcher> match) => match.Count == 0 ? "*" : string.Join(", ", match.Select(m => m.ToString()));
}
