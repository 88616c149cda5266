using Picasoft.Ops.Core.Alerts.Routing;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Escalations;

/// <summary>An escalation policy as people write it: <c>{name: default, steps: [{notify: [channel:tech-chat]}, {after: 15m, notify: [person:sacha]}], repeat: 3}</c>.</summary>
public sealed record EscalationInput : IChecked
{
    [Setting(Required = true, Name = true, Example = "default")]
    public string Name { get; init; } = "";

    [Setting(Required = true, MaxLength = 20)]
    public IReadOnlyList<EscalationStepInput> Steps { get; init; } = [];

    /// <summary>How many times all steps are gone through again while nobody acknowledges.</summary>
    [Setting(Min = "0", Max = "100")]
    public int Repeat { get; init; }

    /// <summary>Whose clock the hours of its steps are read on.</summary>
    [Setting(MaxLength = 64, Example = "Europe/Paris")]
    public string TimeZone { get; init; } = "Europe/Paris";

    /// <summary>What it tells waits for this hour, and comes as one message a day with counts; null: at once.</summary>
    [Setting(MaxLength = 5, Example = "08:00")]
    public string? Digest { get; init; }

    public IEnumerable<FieldError> Check()
    {
        if (!string.IsNullOrEmpty(Digest) && Handoff.Clock(Digest) is null) yield return new("digest", Phrase.Of("schedule.bad_clock", Digest));
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out _)) yield return new("time_zone", Phrase.Of("recurrence.bad_zone", TimeZone));
        // Two variants of one step, by day and by night, begin at the same time.
        foreach (var (index, step) in Steps.Index())
            if (index > 0 && step.After == TimeSpan.Zero && step.Only.Count == 0 && step.Except.Count == 0) yield return new($"steps[{index}].after", Phrase.Of("escalation.no_delay"));
    }
}

/// <summary>One step of a policy.</summary>
public sealed record EscalationStepInput : IChecked
{
    /// <summary>How long after the step before it.</summary>
    [Setting(Min = "0s", Max = "7d", Example = "15m")]
    public TimeSpan After { get; init; }

    /// <summary>Who is told: <c>schedule:tech</c> (whoever is on call at that instant), <c>channel:tech-chat</c>, <c>person:sacha</c>, <c>everybody</c>, or <c>nobody</c>.</summary>
    [Setting(Required = true, MaxLength = 100)]
    public IReadOnlyList<string> Notify { get; init; } = [];

    /// <summary>They are told in these hours only; none: at any time.</summary>
    [Setting(MaxLength = 20)]
    public IReadOnlyList<HoursInput> Only { get; init; } = [];

    /// <summary>They are not told in these hours.</summary>
    [Setting(MaxLength = 20)]
    public IReadOnlyList<HoursInput> Except { get; init; } = [];

    public IEnumerable<FieldError> Check()
    {
        foreach (var (index, who) in Notify.Index())
            if (NotifyTarget.Parse(who) is null) yield return new($"notify[{index}]", Phrase.Of("escalation.bad_target", who));
    }
}

/// <summary>Whom a step names.</summary>
/// <param name="Kind"><c>schedule</c>, <c>channel</c>, <c>person</c>, <c>everybody</c> or <c>nobody</c>.</param>
/// <param name="Name">Which; "" for everybody and nobody.</param>
/// <param name="Hours">When they may be told; null: at any time.</param>
/// <param name="Digest">They hear of it then, with all else of the day; null: at once.</param>
public sealed record NotifyTarget(string Kind, string Name, StepHours? Hours = null, DigestHour? Digest = null)
{
    public const string Everybody = "everybody";

    /// <summary>What is only to be looked at: nobody is told, on purpose. Alertmanager's receiver without a way out.</summary>
    public const string Nobody = "nobody";
    public const string Channel = "channel";
    public const string Person = "person";
    public const string Schedule = "schedule";

    public static NotifyTarget? Parse(string text)
    {
        if (text is Everybody or Nobody) return new(text, "");
        return text.Split(':', 2) is [(Channel or Person or Schedule) and var kind, { Length: > 0 } name] ? new(kind, name) : null;
    }
}

/// <summary>When a step counts. Pure.</summary>
public sealed class StepHours
{
    private readonly EscalationStepInput _step;
    private readonly WallClock _clock;

    private StepHours(EscalationStepInput step, WallClock clock) => (_step, _clock) = (step, clock);

    public static StepHours? Of(EscalationStepInput step, string timeZone) => step.Only.Count + step.Except.Count == 0 ? null : new(step, WallClock.Of(timeZone));

    public bool Allows(DateTimeOffset at) =>
        (_step.Only.Count == 0 || _clock.Windows(_step.Only, at, at.AddTicks(1)).Any()) && !_clock.Windows(_step.Except, at, at.AddTicks(1)).Any();
}

/// <summary>One moment of an escalation.</summary>
/// <param name="At">How long after paging began.</param>
/// <param name="Step">Which step, from 1.</param>
/// <param name="Round">Which time through, from 1.</param>
/// <param name="Notify">Who is told then.</param>
public sealed record EscalationMoment(TimeSpan At, int Step, int Round, IReadOnlyList<NotifyTarget> Notify);

/// <summary>When whom, while nobody acknowledges. Pure.</summary>
public sealed class Timetable
{
    private Timetable(IReadOnlyList<EscalationMoment> moments) => Moments = moments;

    /// <summary>In order of time; at least one, the first at 0.</summary>
    public IReadOnlyList<EscalationMoment> Moments { get; }

    /// <summary>Everybody at once, and no more: what holds where no policy is written.</summary>
    public static Timetable Everybody { get; } = new([new(TimeSpan.Zero, 1, 1, [new(NotifyTarget.Everybody, "")])]);

    /// <summary>Of one or more policies that an incident follows at the same time; moments that fall together are one.</summary>
    public static Timetable Of(IEnumerable<EscalationInput> policies)
    {
        var moments = policies.SelectMany(MomentsOf).GroupBy(m => m.At).OrderBy(g => g.Key).Take(500)
            .Select(g => g.First() with { Notify = [.. g.SelectMany(m => m.Notify).Distinct()] }).ToList();
        return moments.Count == 0 ? Everybody : new(moments);
    }

    /// <summary>Of the policies with these names; one that is gone tells nobody by itself, and where none is left everybody is told.</summary>
    /// <param name="written">The policies as they were written, by name.</param>
    public static Timetable Of(IEnumerable<string> names, IReadOnlyDictionary<string, string> written) =>
        Of(names.DefaultIfEmpty(Route.DefaultEscalation).Where(written.ContainsKey).Select(n => Json.Parse<EscalationInput>(written[n]))); // one declared by hand took no route

    private static IEnumerable<EscalationMoment> MomentsOf(EscalationInput policy)
    {
        var at = TimeSpan.Zero;
        var digest = policy.Digest is { Length: > 0 } hour && Handoff.Clock(hour) is { } clock ? new DigestHour(clock, policy.TimeZone) : null;
        // The pause before all begins again is that before the last step.
        var pause = policy.Steps.Count > 1 ? policy.Steps[^1].After : TimeSpan.FromMinutes(15);
        for (var round = 0; round <= policy.Repeat; round++)
        {
            if (round > 0) at += pause;
            foreach (var (index, step) in policy.Steps.Index())
            {
                if (index > 0) at += step.After;
                var hours = StepHours.Of(step, policy.TimeZone);
                yield return new(at, index + 1, round + 1, [.. step.Notify.Select(NotifyTarget.Parse).OfType<NotifyTarget>().Select(t => t with { Hours = hours, Digest = digest })]);
            }
        }
    }
}
