using System.Globalization;
using System.Text.Json.Serialization;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.OnCall;

/// <summary>A day of the week, as people write it.</summary>
public enum Weekday
{
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// <summary>
/// Who is on call, as people write it: <c>{name: tech, time_zone: Europe/Paris, rotation: {people: [camille, sacha], every: 7d, handoff: "Monday 18:00"}}</c>.
/// One rotation, or several layers of which a later one takes over from those before it; or none, when people write themselves in.
/// </summary>
public sealed record ScheduleInput : IChecked
{
    [Setting(Required = true, Name = true, Example = "tech")]
    public string Name { get; init; } = "";

    [Setting(MaxLength = 100)]
    public string? Title { get; init; }

    /// <summary>Whose clock hand-off times and hours are read on.</summary>
    [Setting(Required = true, MaxLength = 64, Example = "Europe/Paris")]
    public string TimeZone { get; init; } = "Europe/Paris";

    /// <summary>The only layer, in the short form.</summary>
    public RotationInput? Rotation { get; init; }

    [Setting(MaxLength = 10)]
    public IReadOnlyList<LayerInput> Layers { get; init; } = [];

    /// <summary>Hours in which nobody is promised: a gap there is no reason to warn.</summary>
    [Setting(MaxLength = 20)]
    public IReadOnlyList<HoursInput> BestEffort { get; init; } = [];

    /// <summary>How long before a gap people are warned of it.</summary>
    [Setting(Min = "0s", Max = "60d")]
    public TimeSpan WarnAhead { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Whoever's turn begins gets a message: until when, what was handed over, what goes on.</summary>
    public bool Announce { get; init; } = true;

    [JsonIgnore]
    public string Shown => Title is { Length: > 0 } title ? title : Name;

    public IEnumerable<FieldError> Check()
    {
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out _)) yield return new("time_zone", Phrase.Of("recurrence.bad_zone", TimeZone));
        if (Rotation is not null && Layers.Count > 0) yield return new("rotation", Phrase.Of("schedule.rotation_or_layers"));
    }

    /// <summary>The layers, whichever way they were written.</summary>
    internal IReadOnlyList<LayerInput> AllLayers => Rotation is null ? Layers : [new() { Rotation = Rotation }];

    /// <summary>Everybody who takes turns, and where they are written.</summary>
    internal IEnumerable<(string Field, string Name)> NamedPeople() => Rotation is { } only
        ? only.People.Select((name, i) => ($"rotation.people[{i}]", name))
        : Layers.SelectMany((layer, l) => layer.Rotation.People.Select((name, i) => ($"layers[{l}].rotation.people[{i}]", name)));
}

/// <summary>One layer: a rotation, and when it counts.</summary>
public sealed record LayerInput
{
    [Setting(MaxLength = 100)]
    public string? Name { get; init; }

    [Setting(Required = true)]
    public RotationInput Rotation { get; init; } = new();

    /// <summary>Its people are on call in these hours only; none: always.</summary>
    [Setting(MaxLength = 20)]
    public IReadOnlyList<HoursInput> Only { get; init; } = [];
}

/// <summary>People who take turns.</summary>
public sealed record RotationInput : IChecked
{
    [Setting(Required = true, MaxLength = 100)]
    public IReadOnlyList<string> People { get; init; } = [];

    /// <summary>How long a turn is, on the wall clock: a day is a day also when it has 23 hours.</summary>
    [Setting(Min = "1h", Max = "366d", Example = "7d")]
    public TimeSpan Every { get; init; } = TimeSpan.FromDays(7);

    /// <summary><c>Monday 18:00</c>, or <c>18:00</c> for turns of some days or hours.</summary>
    [Setting(MaxLength = 40, Example = "Monday 18:00", Weekday = true)]
    public string Handoff { get; init; } = "Monday 09:00";

    /// <summary>The day on which the first of the list begins, such as <c>2026-11-23</c>; null: the first Monday of 2024.</summary>
    [Setting(MaxLength = 10, Example = "2024-01-01")]
    public string? StartsOn { get; init; }

    public IEnumerable<FieldError> Check()
    {
        var handoff = OnCall.Handoff.Parse(Handoff);
        if (handoff is null) yield return new("handoff", Phrase.Of("schedule.bad_handoff", Handoff));
        if (Every.Ticks % TimeSpan.TicksPerMinute != 0) yield return new("every", Phrase.Of("schedule.whole_minutes"));
        DateOnly day = default;
        if (StartsOn is { Length: > 0 } && !DateOnly.TryParseExact(StartsOn, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day)) yield return new("starts_on", Phrase.Of("schedule.bad_day", StartsOn));
    }
}

/// <summary>Hours of some days.</summary>
public sealed record HoursInput : IChecked
{
    /// <summary>On which days they begin; none: on every day.</summary>
    [Setting(MaxLength = 7)]
    public IReadOnlyList<Weekday> Days { get; init; } = [];

    [Setting(Required = true, MaxLength = 5, Example = "08:00")]
    public string From { get; init; } = "00:00";

    /// <summary>At or before <see cref="From"/>: on the next day.</summary>
    [Setting(Required = true, MaxLength = 5, Example = "22:00")]
    public string To { get; init; } = "00:00";

    public IEnumerable<FieldError> Check()
    {
        if (Handoff.Clock(From) is null) yield return new("from", Phrase.Of("schedule.bad_clock", From));
        if (Handoff.Clock(To) is null) yield return new("to", Phrase.Of("schedule.bad_clock", To));
    }
}

/// <summary>When one takes over from another.</summary>
/// <param name="Day">On which day of the week; null: on any.</param>
public sealed record Handoff(Weekday? Day, TimeOnly Time)
{
    private static readonly string[] _french = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];

    /// <summary>Reads <c>Monday 18:00</c>, <c>lundi 18:00</c> or <c>18:00</c>; null when it is none of these.</summary>
    public static Handoff? Parse(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (words.Length is 0 or > 2 || Clock(words[^1]) is not { } time) return null;
        if (words.Length == 1) return new(null, time);
        if (Words.TryParse<Weekday>(words[0], out var day)) return new(day, time);
        var index = Array.FindIndex(_french, d => d.Equals(words[0], StringComparison.OrdinalIgnoreCase));
        return index < 0 ? null : new((Weekday)index, time);
    }

    /// <summary>The same in the words of a language; what is none of these stays as it is. The invariant one is what is kept.</summary>
    public static string In(string text, CultureInfo culture) => Parse(text) is { Day: { } day }
        ? $"{culture.DateTimeFormat.GetDayName((DayOfWeek)(((int)day + 1) % 7))} {text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[^1]}"
        : text;

    /// <summary>Reads <c>08:00</c> and <c>8:00</c>; <c>24:00</c> is midnight.</summary>
    internal static TimeOnly? Clock(string text) =>
        text == "24:00" ? TimeOnly.MinValue : TimeOnly.TryParseExact(text, ["HH:mm", "H:mm"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time : null;
}
