using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Alerts;

/// <summary>A maintenance window as people write it: once (<c>starts_at</c>, <c>ends_at</c>), or again and again (<c>schedule</c>, <c>time_zone</c>, <c>duration</c>).</summary>
public sealed record MaintenanceInput : IChecked
{
    [Setting(Required = true, Name = true, Example = "tuesday-updates")]
    public string Name { get; init; } = "";

    /// <summary>All must match: what pages nobody meanwhile.</summary>
    [Setting(Required = true, MaxLength = MatcherParser.MaxLength, Example = "host=\"bob\"")]
    public IReadOnlyList<string> Match { get; init; } = [];

    /// <summary>Cron: minute, hour, day, month, weekday.</summary>
    [Setting(MaxLength = 100, Example = "0 5 * * 2")]
    public string? Schedule { get; init; }

    [Setting(MaxLength = 64, Example = "UTC")]
    public string? TimeZone { get; init; }

    [Setting(Min = "1m", Max = "31d", Example = "1h")]
    public TimeSpan? Duration { get; init; }

    public DateTimeOffset? StartsAt { get; init; }

    public DateTimeOffset? EndsAt { get; init; }

    [Setting(MaxLength = 2000, Multiline = true)]
    public string? Comment { get; init; }

    public IEnumerable<FieldError> Check()
    {
        foreach (var error in MatcherParser.ParseAll(Match, "match").Refusal?.Errors ?? []) yield return error;
        if (Schedule is { } schedule)
        {
            if (StartsAt is not null || EndsAt is not null) yield return new("schedule", Phrase.Of("maintenance.both"));
            if (Duration is null) yield return new("duration", Phrase.Of("input.required"));
            else foreach (var error in Recurrence.Parse(schedule, TimeZone, Duration.Value).Refusal?.Errors ?? []) yield return error;
        }
        else if (StartsAt is null || (EndsAt is null && Duration is null)) yield return new("schedule", Phrase.Of("maintenance.neither"));
        else if (EndsAt is not null && Duration is not null) yield return new("duration", Phrase.Of("silence.two_ends"));
        else if (EndsAt <= StartsAt) yield return new("ends_at", Phrase.Of("silence.end_before_start"));
    }
}

/// <summary>A maintenance window, ready to judge. Pure.</summary>
public sealed class Maintenance
{
    private readonly IReadOnlyList<Matcher> _match;
    private readonly Recurrence? _recurrence;
    private readonly (DateTimeOffset Start, DateTimeOffset End) _once;

    public Maintenance(MaintenanceInput input)
    {
        Name = input.Name;
        _match = MatcherParser.ParseAll(input.Match).Value;
        if (input.Schedule is { } schedule) _recurrence = Recurrence.Parse(schedule, input.TimeZone, input.Duration ?? TimeSpan.Zero).Value;
        else _once = (input.StartsAt ?? DateTimeOffset.MinValue, input.EndsAt ?? (input.StartsAt ?? DateTimeOffset.MinValue) + (input.Duration ?? TimeSpan.Zero));
    }

    public string Name { get; }

    /// <summary>Until when it goes on; null when it does not at this instant.</summary>
    public DateTimeOffset? EndAt(DateTimeOffset now) => _recurrence is { } again ? again.EndAt(now) : _once.Start <= now && now < _once.End ? _once.End : null;

    /// <summary>So far off that nobody plans it: it goes on until somebody ends it.</summary>
    public static bool IsEndless(DateTimeOffset end, DateTimeOffset now) => end - now > TimeSpan.FromDays(3650);

    /// <summary>The window that is open at this instant; null: none.</summary>
    public (DateTimeOffset Start, DateTimeOffset End)? At(DateTimeOffset now) => EndAt(now) is { } end ? (_recurrence is { } again ? end - again.Length : _once.Start, end) : null;

    /// <summary>When it begins next; null: never again.</summary>
    public DateTimeOffset? NextAfter(DateTimeOffset now) => _recurrence is { } again ? again.NextAfter(now) : _once.Start > now ? _once.Start : null;

    /// <summary>Those that are still to begin, at most <paramref name="count"/>.</summary>
    public IEnumerable<(DateTimeOffset Start, DateTimeOffset End)> After(DateTimeOffset now, int count) => _recurrence is { } again ? again.After(now, count) : _once.Start > now ? [_once] : [];

    /// <summary>Its one window; null: it comes again and again.</summary>
    public (DateTimeOffset Start, DateTimeOffset End)? Once => _recurrence is null ? _once : null;

    /// <summary>On whose clock it is written; null: once, at an instant that is everybody's.</summary>
    public TimeZoneInfo? Zone => _recurrence?.Zone;

    public bool Covers(LabelSet labels) => Silencing.Matches(_match, labels);
}
