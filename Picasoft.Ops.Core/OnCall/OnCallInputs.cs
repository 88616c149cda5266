using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.OnCall;

/// <summary>An override or a shift as people write it: <c>{"schedule": "tech", "person": "sacha", "startsAt": "2026-11-26T19:00:00Z", "endsAt": "2026-11-27T07:00:00Z"}</c>.</summary>
public sealed record OnCallChangeInput : IChecked
{
    /// <summary>Longest override.</summary>
    private static readonly TimeSpan _longest = TimeSpan.FromDays(92);

    [Setting(Required = true, Name = true, Example = "tech")]
    public string Schedule { get; init; } = "";

    [Setting(Required = true, MaxLength = 100, Example = "sacha")]
    public string Person { get; init; } = "";

    /// <summary>Null: now.</summary>
    public DateTimeOffset? StartsAt { get; init; }

    public DateTimeOffset? EndsAt { get; init; }

    /// <summary>Instead of <see cref="EndsAt"/>.</summary>
    [Setting(Min = "1m", Max = "92d")]
    public TimeSpan? Duration { get; init; }

    public OnCallChangeKind Kind { get; init; } = OnCallChangeKind.Override;

    [Setting(MaxLength = 2000)]
    public string? Note { get; init; }

    public IEnumerable<FieldError> Check()
    {
        if (EndsAt is null && Duration is null) yield return new("ends_at", Phrase.Of("input.required"));
        if (EndsAt is not null && Duration is not null) yield return new("duration", Phrase.Of("silence.two_ends"));
        if (StartsAt is { } start && EndsAt is { } end && end <= start) yield return new("ends_at", Phrase.Of("silence.end_before_start"));
        if (StartsAt is { } from && EndsAt - from > _longest) yield return new("ends_at", Phrase.Of("on_call.too_long", _longest));
    }
}

/// <summary>A swap as people ask for it.</summary>
public sealed record SwapInput : IChecked
{
    [Setting(Required = true, Name = true, Example = "tech")]
    public string Schedule { get; init; } = "";

    /// <summary>Who is asked.</summary>
    [Setting(Required = true, MaxLength = 100, Example = "sacha")]
    public string Asked { get; init; } = "";

    /// <summary>Who asks; null: whoever sends this.</summary>
    [Setting(MaxLength = 100)]
    public string? Asker { get; init; }

    [Setting(Required = true)]
    public DateTimeOffset? StartsAt { get; init; }

    [Setting(Required = true)]
    public DateTimeOffset? EndsAt { get; init; }

    public DateTimeOffset? ReturnStartsAt { get; init; }

    public DateTimeOffset? ReturnEndsAt { get; init; }

    [Setting(MaxLength = 2000)]
    public string? Note { get; init; }

    public IEnumerable<FieldError> Check()
    {
        if (EndsAt <= StartsAt) yield return new("ends_at", Phrase.Of("silence.end_before_start"));
        if (ReturnStartsAt is null != ReturnEndsAt is null) yield return new(ReturnStartsAt is null ? "return_starts_at" : "return_ends_at", Phrase.Of("input.required"));
        else if (ReturnEndsAt <= ReturnStartsAt) yield return new("return_ends_at", Phrase.Of("silence.end_before_start"));
    }
}

/// <summary>A hand-over note as people write it.</summary>
public sealed record HandoverInput
{
    [Setting(Required = true, Name = true, Example = "tech")]
    public string Schedule { get; init; } = "";

    [Setting(Required = true, MaxLength = 20_000, Multiline = true)]
    public string Text { get; init; } = "";
}
