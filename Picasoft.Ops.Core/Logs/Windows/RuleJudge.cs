using Picasoft.Ops.Core.Logs.Matching;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Logs.Windows;

/// <summary>When the lines of a rule are an alert. One function for what came, one for what did not. Pure.</summary>
public static class RuleJudge
{
    /// <summary>Something that happened once, and something that is missing, are looked at within a day, if nothing else is said.</summary>
    private static readonly TimeSpan _aDay = TimeSpan.FromDays(1);

    /// <summary>Lines came.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="createdAt">Since when it looks.</param>
    /// <param name="state">What it remembered; null: this key is new.</param>
    /// <param name="events">In the order of their instants.</param>
    public static RuleVerdict Heard(LogRuleInput rule, DateTimeOffset createdAt, RuleState? state, IReadOnlyList<RuleEvent> events, DateTimeOffset now)
    {
        var next = state ?? RuleState.New;
        // The alert may have ended by its time since.
        if (next.EndsAt <= now) next = next with { Firing = false, EndsAt = null };
        var (wasFiring, turn, since, count) = (next.Firing, RuleTurn.None, now, 0);
        foreach (var e in events)
        {
            if (e.Role == LogRole.End)
            {
                next = next with { Firing = false, EndsAt = null, Window = [], WaitingSince = null };
                continue;
            }
            if (e.Role == LogRole.Follow)
            {
                next = next with { Firing = false, EndsAt = null, WaitingSince = null };
                continue;
            }
            next = next with { LastAt = next.LastAt > e.At ? next.LastAt : e.At };
            if (rule.AbsentFor is not null) next = next with { Firing = false, EndsAt = null };
            else if (rule.FollowedBy is not null) next = next with { WaitingSince = next.WaitingSince ?? e.At };
            else if (rule.FirstSeen is { } first)
            {
                if (state is not null || next.Firing || e.At < createdAt + first.Learn) continue;
                (next, turn, since, count) = (Fire(next, rule, e.At, now, _aDay), RuleTurn.Begin, e.At, e.Count);
            }
            else if (rule.Unusual is null)
            {
                var threshold = rule.Threshold ?? new();
                next = next with { Window = CountWindow.Add(next.Window, e.At, e.Count, threshold.Within) };
                if (CountWindow.Sum(next.Window) < threshold.Count) continue;
                (since, count) = (next.Window[0].At, CountWindow.Sum(next.Window));
                (next, turn) = (Fire(next, rule, e.At, now, Longer(LogRuleInput.DefaultResolve, threshold.Within)), RuleTurn.Begin);
            }
        }
        if (!next.Firing) turn = wasFiring ? RuleTurn.End : RuleTurn.None;
        return new(next, turn, since, count);
    }

    /// <summary>Time passed, and what should have come did not.</summary>
    public static RuleVerdict Waited(LogRuleInput rule, DateTimeOffset createdAt, RuleState? state, DateTimeOffset now)
    {
        var next = state ?? RuleState.New;
        if (next.EndsAt <= now) next = next with { Firing = false, EndsAt = null };
        if (!next.Firing && rule.AbsentFor is { } absent && Later(next.LastAt, createdAt) is var last && now - last >= absent)
            return new(next with { Firing = true, EndsAt = null }, RuleTurn.Begin, last, 0);
        if (!next.Firing && rule.FollowedBy is { } follow && next.WaitingSince is { } waiting && now - waiting >= follow.Within)
            return new(Fire(next, rule, now, now, _aDay) with { WaitingSince = null }, RuleTurn.Begin, waiting, 0);
        return new(next, RuleTurn.None, now, 0);
    }

    /// <summary>When <see cref="Waited"/> may have something to say; null: never.</summary>
    public static DateTimeOffset? DueAt(LogRuleInput rule, DateTimeOffset createdAt, RuleState? state) =>
        state?.Firing == true ? null
        : rule.AbsentFor is { } absent ? Later(state?.LastAt, createdAt) + absent
        : rule.FollowedBy is { } follow && state?.WaitingSince is { } waiting ? waiting + follow.Within : null;

    /// <summary>More lines in this hour than is usual.</summary>
    /// <param name="unusual">What counts as such.</param>
    /// <param name="lines">The rule's lines in this hour so far, and all lines of its source.</param>
    /// <param name="past">The same of the same hour in past weeks, as far as there was anybody to listen.</param>
    /// <returns>The number or share that would be usual, if this is not; null: it is, or nobody knows.</returns>
    public static double? Usual(UnusualInput unusual, (long Matched, long All) lines, IReadOnlyList<(long Matched, long All)> past)
    {
        if (past.Count == 0 || lines.Matched < unusual.AtLeast) return null;
        if (!unusual.Share)
        {
            var mean = past.Average(p => p.Matched);
            return lines.Matched > unusual.Times * mean ? mean : null;
        }
        var all = past.Sum(p => p.All);
        if (all == 0 || lines.All == 0) return null;
        var share = (double)past.Sum(p => p.Matched) / all;
        return (double)lines.Matched / lines.All > unusual.Times * share ? share : null;
    }

    /// <summary>When an alert ends by itself, counted from its last cause; null: only a line ends it.</summary>
    internal static TimeSpan? EndsAfter(LogRuleInput rule, TimeSpan usual) => rule.Resolve is { } resolve && (resolve.After is not null || !string.IsNullOrEmpty(resolve.Match)) ? resolve.After : usual;

    // Counted from now: a line that waited with its sender is news all the same.
    private static RuleState Fire(RuleState state, LogRuleInput rule, DateTimeOffset at, DateTimeOffset now, TimeSpan usual) =>
        state with { Firing = true, EndsAt = EndsAfter(rule, usual) is { } after ? (at > now ? at : now) + after : null };

    private static DateTimeOffset Later(DateTimeOffset? a, DateTimeOffset b) => a > b ? a.Value : b;

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
