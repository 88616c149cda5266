using System.Globalization;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Recovery;

/// <summary>Writes onto an incident that a run for it began, and what came of it: what was tried, and whether it helped, is found there next time.</summary>
internal static class RunStory
{
    /// <summary>Within the caller's transaction, before it saves.</summary>
    public static async Task TellAsync(OpsDbContext db, RecoveryRun run, bool wasOver, bool isNew, DateTimeOffset now, CancellationToken cancel)
    {
        if (run.IncidentNumber is not { } number || run.DryRun) return;
        // An exercise is marked so, and nobody learns from it what helped.
        if (run.Drill && (isNew || run.IsOver && !wasOver))
            db.Timeline.Add(PlanWriter.Entry(TimelineKind.Note, isNew ? Phrase.Of("story.drill_started", run.Plan, run.Id, run.StartedBy) : Phrase.Of("story.drill_" + Words.Of(run.State), run.Plan, run.Id, run.Took ?? TimeSpan.Zero), new RunData(run.Id), pending: false, now, number));
        else if (isNew) db.Timeline.Add(PlanWriter.Entry(TimelineKind.Note, Phrase.Of(run.Automatic ? "story.started_itself" : "story.started", run.Plan, run.Id, run.StartedBy), new RunData(run.Id), pending: false, now, number));
        else if (run.IsOver && !wasOver)
        {
            var entry = PlanWriter.Entry(TimelineKind.Action, Phrase.Of("story." + Words.Of(run.State), run.Plan, run.Id, run.Took ?? TimeSpan.Zero), new RecoveryActionData(null, Output(run), run.State == RunState.Done) { Plan = run.Plan, Run = run.Id }, pending: false, now, number);
            if (!run.Automatic) entry.By = run.StartedBy;
            db.Timeline.Add(entry);
        }
        else return;
        await ChangeSignal.PublishAsync(db, IncidentActions.Topic, number, cancel);
    }

    private static string Output(RecoveryRun run) => string.Join('\n', run.Records.Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Step + 1}. {run.Definition.Way[r.Step].Title}: {Words.Of(r.State)} ({r.By}){(r.Words is { } words ? " " + words.In(CultureInfo.InvariantCulture) : "")}")));

    /// <summary>Leads from a timeline to the run.</summary>
    private sealed record RunData(long Run);
}
