using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Alerts;

/// <summary>A silence as people write it: form and API.</summary>
public sealed class SilenceInput : IChecked
{
    /// <summary>All must match: <c>service="mail"</c>.</summary>
    [Setting(Required = true, MaxLength = MatcherParser.MaxLength, Example = "service=\"mail\"")]
    public IReadOnlyList<string> Matchers { get; init; } = [];

    /// <summary>Null: now.</summary>
    public DateTimeOffset? StartsAt { get; init; }

    /// <summary>Either this or <see cref="Duration"/>.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    [Setting(Min = "1s", Max = "365d", Example = "4h")]
    public TimeSpan? Duration { get; init; }

    /// <summary>Why: who comes next has only these words.</summary>
    [Setting(Required = true, MaxLength = 2000, Multiline = true)]
    public string Comment { get; init; } = "";

    /// <summary>The most matchers in one silence.</summary>
    public const int MaxMatchers = 50;

    public IEnumerable<FieldError> Check()
    {
        if (Matchers.Count > MaxMatchers) yield return new("matchers", Phrase.Of("input.too_many", MaxMatchers));
        if (Comment.Trim().Length == 0) yield return new("comment", Phrase.Of("input.required"));
        if (EndsAt is null && Duration is null) yield return new("duration", Phrase.Of("silence.no_end"));
        if (EndsAt is not null && Duration is not null) yield return new("duration", Phrase.Of("silence.two_ends"));
        var matchers = MatcherParser.ParseAll(Matchers);
        foreach (var error in matchers.Refusal?.Errors ?? []) yield return error;
        if (matchers.IsDone && Matchers.Count > 0 && Silencing.Matches(matchers.Value, LabelSet.Empty)) yield return new("matchers", Phrase.Of("silence.matches_all"));
    }

    /// <summary>From when to when, or what is wrong with that.</summary>
    public Outcome<(DateTimeOffset Start, DateTimeOffset End)> Span(DateTimeOffset now)
    {
        var start = StartsAt ?? now;
        if (EndsAt is null && Duration is { } length && start > DateTimeOffset.MaxValue - length) return Refusal.Invalid("startsAt", Phrase.Of("silence.too_long"));
        var end = EndsAt ?? start + Duration!.Value;
        if (end <= start) return Refusal.Invalid("endsAt", Phrase.Of("silence.end_before_start"));
        if (end <= now) return Refusal.Invalid("endsAt", Phrase.Of("silence.end_is_past"));
        return end - start > TimeSpan.FromDays(366) || end - now > TimeSpan.FromDays(2 * 366) ? Refusal.Invalid("endsAt", Phrase.Of("silence.too_long")) : (start, end);
    }
}
