using System.Globalization;
using System.Text;

namespace Picasoft.Ops.Core.Primitives;

/// <summary>Lengths of time as people write them: <c>500ms 30s 5m 24h 7d</c>, also joined (<c>1h30m</c>).</summary>
public static class DurationText
{
    private static readonly (string Unit, TimeSpan Length)[] _units =
        [("d", TimeSpan.FromDays(1)), ("h", TimeSpan.FromHours(1)), ("m", TimeSpan.FromMinutes(1)), ("s", TimeSpan.FromSeconds(1)), ("ms", TimeSpan.FromMilliseconds(1))];

    /// <summary>Reads <c>500ms</c>, <c>30s</c>, <c>1h30m</c>, <c>0s</c>. A bare number is refused: seconds or minutes? At most 3,650 days.</summary>
    public static bool TryParse(string? text, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        var rest = (text ?? "").AsSpan().Trim();
        if (rest.IsEmpty) return false;
        double total = 0;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept("0123456789.");
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return false;
            rest = rest[digits..];
            var letters = rest.IndexOfAny("0123456789.");
            var unit = (letters < 0 ? rest : rest[..letters]).ToString();
            rest = letters < 0 ? [] : rest[letters..];
            var match = Array.Find(_units, u => u.Unit == unit);
            if (match.Unit is null) return false;
            total += number * match.Length.TotalMilliseconds;
        }
        if (total > TimeSpan.FromDays(3650).TotalMilliseconds) return false;
        value = TimeSpan.FromMilliseconds(Math.Round(total));
        return true;
    }

    /// <summary>The shortest exact form: <c>90s</c> → <c>1m30s</c>.</summary>
    public static string Exact(TimeSpan value)
    {
        if (value == TimeSpan.Zero) return "0s";
        var text = new StringBuilder();
        if (value < TimeSpan.Zero) text.Append('-');
        var rest = value.Duration();
        foreach (var (unit, length) in _units)
        {
            var count = rest.Ticks / length.Ticks;
            if (count == 0) continue;
            text.Append(CultureInfo.InvariantCulture, $"{count}{unit}");
            rest -= length * count;
        }
        return text.Length == 0 ? "0s" : text.ToString();
    }

    /// <summary>As <see cref="Exact"/> in the units of a language: French counts days in <c>j</c>; what is no length of time stays as it is. The invariant one is what <see cref="TryParse"/> reads.</summary>
    public static string In(string text, CultureInfo culture)
    {
        var plain = string.Concat(text.Where(c => !char.IsWhiteSpace(c))).Replace('j', 'd');
        return !TryParse(plain, out _) ? text : Day(culture) is var day && day == "d" ? plain : plain.Replace("d", day, StringComparison.Ordinal);
    }

    private static string Day(CultureInfo culture) => culture.TwoLetterISOLanguageName == "fr" ? "j" : "d";

    /// <summary>What a human says: two units at most, <c>2 h 5 min</c>, <c>340 ms</c>. The same short units serve French and English, days apart.</summary>
    public static string Rough(TimeSpan value, CultureInfo? culture = null)
    {
        culture ??= CultureInfo.CurrentUICulture;
        var v = value.Duration();
        return v switch
        {
            { Ticks: 0 } => "0 s",
            { TotalSeconds: < 1 } => string.Create(culture, $"{v.TotalMilliseconds:0} ms"),
            { TotalSeconds: < 10 } => string.Create(culture, $"{v.TotalSeconds:0.#} s"),
            { TotalSeconds: < 60 } => string.Create(culture, $"{Math.Floor(v.TotalSeconds)} s"),
            { TotalMinutes: < 60 } => Two(v.Minutes, "min", v.Seconds, "s"),
            { TotalHours: < 24 } => Two(v.Hours, "h", v.Minutes, "min"),
            _ => Two((int)v.TotalDays, Day(culture), v.Hours, "h"),
        };

        string Two(int big, string bigUnit, int small, string smallUnit) =>
            small == 0 || big >= 10 ? string.Create(culture, $"{big} {bigUnit}") : string.Create(culture, $"{big} {bigUnit} {small} {smallUnit}");
    }
}
