using System.Globalization;
using Microsoft.Extensions.Localization;

namespace Picasoft.Ops.Web.Ui;

/// <summary>How long ago, in the words that <c>time-ago.js</c> uses too: one unit, rounded down, so that both sides say the same.</summary>
public static class Ago
{
    /// <summary>"4 min ago", "il y a 4 min"; "just now" within five seconds.</summary>
    public static string Text(DateTimeOffset at, DateTimeOffset now, IStringLocalizer<UiTexts> texts)
    {
        var length = now - at;
        if (length.Duration() < TimeSpan.FromSeconds(5)) return texts["ago.now"];
        return texts[length > TimeSpan.Zero ? "ago.past" : "ago.future", Length(length.Duration(), CultureInfo.CurrentUICulture)];
    }

    /// <summary>One unit, rounded down: <c>59 s</c>, <c>4 min</c>, <c>23 h</c>, <c>12 d</c> (<c>12 j</c>).</summary>
    public static string Length(TimeSpan length, CultureInfo culture) => length switch
    {
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)length.TotalSeconds} s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)length.TotalMinutes} min"),
        { TotalDays: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{(int)length.TotalHours} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)length.TotalDays} {(culture.TwoLetterISOLanguageName == "fr" ? "j" : "d")}"),
    };

    /// <summary>For the <c>datetime</c> attribute: UTC, to the second.</summary>
    public static string Machine(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
