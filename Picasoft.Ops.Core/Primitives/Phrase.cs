using System.Globalization;
using System.Resources;
using System.Text.Json;

namespace Picasoft.Ops.Core.Primitives;

/// <summary>
/// A sentence of the product that is stored, and said later in the reader's language: a key of a <c>Phrases.resx</c> and its values.
/// Each folder of Core has its own <c>Phrases.resx</c> and <c>Phrases.fr.resx</c>; all are searched.
/// In the resource <c>{0}</c> is the value as it stands, <c>{0:at}</c> an instant, <c>{0:for}</c> a length of time, <c>{0:phrase}</c> another phrase, <c>{0:severity}</c> and <c>{0:state}</c> a severity and the state of an incident, <c>{0:line|lines}</c> the form of a word that goes with a number.
/// </summary>
/// <param name="Key">A key, such as <c>probe.refused</c>.</param>
/// <param name="Args">Values, invariant text: numbers as such, instants in ISO 8601, lengths of time as <see cref="TimeSpan"/> "c".</param>
public sealed record Phrase(string Key, IReadOnlyList<string> Args)
{
    private const string Suffix = ".Phrases.resources";

    private static readonly ResourceManager[] _books =
        [.. typeof(Phrase).Assembly.GetManifestResourceNames().Where(n => n.EndsWith(Suffix, StringComparison.Ordinal)).Select(n => new ResourceManager(n[..^".resources".Length], typeof(Phrase).Assembly))];

    /// <summary>Makes a phrase; the values are turned into invariant text.</summary>
    public static Phrase Of(string key, params object?[] args) => new(key, [.. args.Select(Invariant)]);

    /// <summary>The sentence in <paramref name="culture"/> (the current one if null). A key that does not exist shows itself and its values: never nothing.</summary>
    public string In(CultureInfo? culture = null, TimeZoneInfo? zone = null)
    {
        culture ??= CultureInfo.CurrentUICulture;
        var format = _books.Select(b => b.GetString(Key, culture)).FirstOrDefault(f => f is not null);
        if (format is null) return Args.Count == 0 ? Key : $"{Key}: {string.Join(", ", Args)}";
        return string.Format(new Formatter(culture, zone ?? TimeZoneInfo.Utc), format, [.. Args]);
    }

    /// <summary>An instant that nobody takes for another one: the month by its name where days and months change places, and whose clock it is when it is nobody's.</summary>
    public static string Instant(DateTimeOffset at, CultureInfo culture, TimeZoneInfo? zone = null) =>
        TimeZoneInfo.ConvertTime(at, zone ?? TimeZoneInfo.Utc).ToString(culture.TwoLetterISOLanguageName == "fr" ? "dd/MM/yyyy HH:mm" : "d MMM yyyy HH:mm", culture) + (zone is null || zone.HasSameRules(TimeZoneInfo.Utc) ? "\u00a0UTC" : "");

    /// <summary>A day that nobody takes for another one: 11/12 is read in two ways.</summary>
    public static string Day(DateOnly day, CultureInfo culture) => day.ToString(culture.TwoLetterISOLanguageName == "fr" ? "dd/MM/yyyy" : "d MMM yyyy", culture);

    /// <summary>The instants that it names, those of the phrases within it too.</summary>
    public IEnumerable<DateTimeOffset> Instants() => Args.SelectMany(a =>
        DateTimeOffset.TryParseExact(a, "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var at) ? [at]
        : a.StartsWith("{\"", StringComparison.Ordinal) && Within(a) is { Args: not null } inner ? inner.Instants() : []);

    /// <summary>The sentence in the current interface culture.</summary>
    public override string ToString() => In();

    public bool Equals(Phrase? other) => other is not null && Key == other.Key && Args.SequenceEqual(other.Args, StringComparer.Ordinal);

    public override int GetHashCode() => HashCode.Combine(Key, Args.Count);

    // What people wrote may look like one.
    private static Phrase? Within(string text)
    {
        try { return JsonSerializer.Deserialize<Phrase>(text); }
        catch (JsonException) { return null; }
    }

    private static string Invariant(object? value) => value switch
    {
        null => "",
        string text => text,
        DateTimeOffset at => at.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture),
        TimeSpan length => length.ToString("c", CultureInfo.InvariantCulture),
        Phrase phrase => JsonSerializer.Serialize(phrase),
        Enum word => Words.Of(word),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private sealed class Formatter(CultureInfo culture, TimeZoneInfo zone) : IFormatProvider, ICustomFormatter
    {
        public object? GetFormat(Type? formatType) => formatType == typeof(ICustomFormatter) ? this : culture.GetFormat(formatType!);

        public string Format(string? format, object? arg, IFormatProvider? formatProvider) => (format, arg as string ?? "") switch
        {
            ("at", var text) when DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var at) =>
                Instant(at, culture, zone),
            ("for", var text) when TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var length) => DurationText.Rough(length, culture),
            ("phrase", var text) when text.StartsWith("{\"", StringComparison.Ordinal) && Within(text) is { Args: not null } inner => inner.In(culture, zone),
            ("severity" or "state", var text) => new Phrase($"{format}.{text}", []).In(culture),
            (not null, var text) when format.Contains('|', StringComparison.Ordinal) => Plural.Of(format, text, culture),
            (_, var text) => text,
        };
    }
}
