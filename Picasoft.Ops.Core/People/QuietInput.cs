using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.People;

/// <summary>
/// Hours in which somebody wants to hear of grave things only: <c>{from: "22:00", to: "07:00", below: high}</c>. What is milder waits for their end and comes as one message.
/// From an hour to the same hour is the whole day: a daily digest of what is mild.
/// </summary>
public sealed record QuietInput : IChecked
{
    [Setting(Required = true, MaxLength = 5, Example = "22:00")]
    public string From { get; init; } = "22:00";

    /// <summary>At or before <see cref="From"/>: on the next day.</summary>
    [Setting(Required = true, MaxLength = 5, Example = "07:00")]
    public string To { get; init; } = "07:00";

    /// <summary>What is milder than this waits.</summary>
    public Severity Below { get; init; } = Severity.High;

    [Setting(MaxLength = 64, Example = "Europe/Paris")]
    public string TimeZone { get; init; } = "Europe/Paris";

    /// <summary>Where somebody lives, as far as it is known: the time zone of their quiet hours.</summary>
    /// <param name="otherwise">Of those who have none.</param>
    public static TimeZoneInfo ZoneOf(QuietInput? quiet, TimeZoneInfo otherwise) => quiet is not null && TimeZoneInfo.TryFindSystemTimeZoneById(quiet.TimeZone, out var zone) ? zone : otherwise;

    public IEnumerable<FieldError> Check()
    {
        foreach (var (field, text) in new[] { ("from", From), ("to", To) })
            if (!TimeOnly.TryParseExact(text, ["HH:mm", "H:mm"], System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.None, out _)) yield return new(field, Phrase.Of("person.bad_clock", text));
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out _)) yield return new("time_zone", Phrase.Of("recurrence.bad_zone", TimeZone));
    }
}
