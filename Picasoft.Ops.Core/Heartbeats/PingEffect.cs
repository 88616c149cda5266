using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Heartbeats;

/// <summary>What a ping changes: Healthchecks' rules for runs. Pure.</summary>
/// <param name="Duration">How long the run took that it ended.</param>
public sealed record PingEffect(HeartbeatFacts Facts, TimeSpan? Duration)
{
    /// <summary>Most runs remembered at once; the oldest decide, so those are kept.</summary>
    public const int MaxRuns = 20;

    /// <param name="facts">What was known.</param>
    /// <param name="kind">What the ping said.</param>
    /// <param name="exit">With which status the run ended.</param>
    /// <param name="rid">Which run it speaks of.</param>
    public static PingEffect Of(HeartbeatFacts facts, PingKind kind, int? exit, Guid? rid, DateTimeOffset now)
    {
        switch (kind)
        {
            case PingKind.Start:
                // The same run announced twice began once.
                if (facts.Runs.Any(r => rid is not null && r.Rid == rid) || facts.Runs.Count >= MaxRuns) return new(facts, null);
                return new(facts with { Runs = [.. facts.Runs, new(rid, now)] }, null);
            case PingKind.Success or PingKind.Fail:
                var mine = facts.Runs.LastOrDefault(r => r.Rid == rid);
                // A success without a run id, and any failure, end whatever was running; another run's success does not.
                var runs = kind == PingKind.Fail || rid is null ? [] : facts.Runs.Where(r => r != mine).ToList();
                var failure = kind == PingKind.Success ? null : exit is { } status ? Phrase.Of("heartbeat.failed_exit", status) : Phrase.Of("heartbeat.failed");
                return new(new(facts.BeganAt, now, failure, runs), mine is null || now < mine.At ? null : now - mine.At);
            default:
                return new(facts, null);
        }
    }
}
