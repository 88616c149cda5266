using System.Globalization;
using Microsoft.Extensions.Localization;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Web.Ui;

/// <summary>How long ago, or from now, in the words that <c>time-ago.js</c> uses too, rounded down, so that both sides say the same.</summary>
public static class Ago
{
    /// <summary>"4 min ago", "il y a 4 min"; "just now" within five seconds.</summary>
    public static string Text(DateTimeOffset at, DateTimeOffset now, IStringLocalizer<UiTexts> texts)
    {
        var length = now - at;
        if (length.Duration() < TimeSpan.FromSeconds(5)) return texts["ago.now"];
        return length > TimeSpan.Zero ? texts["ago.past", Length(length, CultureInfo.CurrentUICulture)] : texts["ago.future", Ahead(-length, CultureInfo.CurrentUICulture)];
    }

    /// <summary>One unit, rounded down: <c>59 s</c>, <c>4 min</c>, <c>23 h</c>, <c>12 d</c> (<c>12 j</c>).</summary>
    public static string Length(TimeSpan length, CultureInfo culture) => length switch
    {
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)length.TotalSeconds} s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)length.TotalMinutes} min"),
        { TotalDays: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{(int)length.TotalHours} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)length.TotalDays} {(culture.TwoLetterISOLanguageName == "fr" ? "j" : "d")}"),
    };

    /// <summary>Two units, as people plan by it: of what ends in 1 h 59 min, <c>1 h</c> is half. <c>59 s</c>, <c>4 min</c>, <c>1 h 59 min</c>, <c>12 d</c>.</summary>
    public static string Ahead(TimeSpan length, CultureInfo culture) =>
        length < TimeSpan.FromMinutes(1) ? Length(length, culture) : DurationText.Rough(TimeSpan.FromMinutes(Math.Floor(length.TotalMinutes)), culture);

    /// <summary>For the <c>datetime</c> attribute: UTC, to the second.</summary>
    public static string Machine(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
