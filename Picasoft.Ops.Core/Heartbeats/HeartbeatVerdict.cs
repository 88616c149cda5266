using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Heartbeats;

/// <summary>What is known about a heartbeat.</summary>
public enum HeartbeatStatus
{
    /// <summary>Not heard of yet, and not due yet.</summary>
    New,
    Up,
    /// <summary>Due, and within its grace.</summary>
    Late,
    /// <summary>Silent for too long, failed, or running for too long: an alert is open.</summary>
    Down,
    Paused,
}

/// <summary>A run that began.</summary>
/// <param name="Rid">Its id, if it gave one.</param>
public sealed record PingRun(Guid? Rid, DateTimeOffset At);

/// <summary>When a sign of life is expected. Pure.</summary>
/// <param name="Period">Between two; or</param>
/// <param name="Schedule">at these instants, each with <paramref name="Grace"/> as its length.</param>
/// <param name="Grace">How late one may be, and how long a run may take.</param>
/// <param name="MaxAge">How old the last success may be, whatever is expected.</param>
public sealed record HeartbeatRules(TimeSpan? Period, Recurrence? Schedule, TimeSpan Grace, bool Enabled, TimeSpan? MaxAge = null)
{
    public static HeartbeatRules Of(Heartbeat heartbeat) => new(heartbeat.Period, heartbeat.Schedule is { } schedule ? Recurrence.Parse(schedule, heartbeat.TimeZone, heartbeat.Grace).Value : null, heartbeat.Grace, heartbeat.Enabled, heartbeat.Backup?.MaxAge);

    /// <summary>When the next one is expected after one at <paramref name="last"/>; null: never.</summary>
    public DateTimeOffset? ExpectedAfter(DateTimeOffset last) => Schedule is { } schedule ? schedule.NextAfter(last) : last + Period;
}

/// <summary>What was heard.</summary>
/// <param name="BeganAt">When it was created or resumed.</param>
/// <param name="LastAt">The last success or failure; null: none.</param>
/// <param name="Failure">What that failure said; null: it was a success.</param>
/// <param name="Runs">Begun and not finished, oldest first.</param>
public sealed record HeartbeatFacts(DateTimeOffset BeganAt, DateTimeOffset? LastAt, Phrase? Failure, IReadOnlyList<PingRun> Runs);

/// <summary>Where a heartbeat stands at an instant, and why. Pure.</summary>
/// <param name="Reason">Why it is down.</param>
/// <param name="ExpectedAt">When the next sign of life is expected; null: not at all.</param>
/// <param name="NextAt">When the status changes if nothing more is heard; null: never.</param>
public sealed record HeartbeatVerdict(HeartbeatStatus Status, Phrase? Reason, DateTimeOffset? ExpectedAt, DateTimeOffset? NextAt)
{
    public static HeartbeatVerdict Of(HeartbeatRules rules, HeartbeatFacts facts, DateTimeOffset now)
    {
        if (!rules.Enabled) return new(HeartbeatStatus.Paused, null, null, null);
        var expected = rules.ExpectedAfter(facts.LastAt ?? facts.BeganAt);
        if (facts.LastAt is not null && facts.Failure is { } failure) return new(HeartbeatStatus.Down, failure, expected, null);

        var overrun = facts.Runs.Count > 0 ? facts.Runs[0].At + rules.Grace : (DateTimeOffset?)null;
        var missed = expected + rules.Grace;
        var old = facts.LastAt + rules.MaxAge;
        if (overrun <= now && (missed is null || overrun <= missed) && (old is null || overrun <= old)) return new(HeartbeatStatus.Down, Phrase.Of("heartbeat.overrun", facts.Runs[0].At, rules.Grace), expected, null);
        if (old <= now && (missed is null || old <= missed)) return new(HeartbeatStatus.Down, Phrase.Of("heartbeat.backup_old", facts.LastAt, rules.MaxAge), expected, null);
        if (missed <= now) return new(HeartbeatStatus.Down, facts.LastAt is { } last ? Phrase.Of("heartbeat.missed", last, expected) : Phrase.Of("heartbeat.never", expected), expected, null);

        var down = Earliest(overrun, Earliest(missed, old));
        if (facts.LastAt is null) return new(HeartbeatStatus.New, null, expected, down);
        return expected <= now ? new(HeartbeatStatus.Late, null, expected, down) : new(HeartbeatStatus.Up, null, expected, Earliest(expected, down));
    }

    private static DateTimeOffset? Earliest(DateTimeOffset? a, DateTimeOffset? b) => a is null ? b : b is null || a < b ? a : b;
}
