using System.Globalization;

namespace Picasoft.Ops.Core.Primitives;

/// <summary>A cron expression of five fields as people say it: <c>0 4 * * 1</c> is every Monday at 04:00. One that words would make longer stays as it is written. Pure.</summary>
public static class ScheduleText
{
    public static string Of(string schedule, CultureInfo? culture = null)
    {
        culture ??= CultureInfo.CurrentUICulture;
        string Say(string key, params object?[] args) => Phrase.Of("schedule." + key, args).In(culture);
        if (schedule.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is not [var minute, var hour, var day, "*", var weekday]) return Say("cron", schedule);
        if (Numbers(minute) is not [var past]) return (hour, day, weekday) is ("*", "*", "*") && (minute == "*" ? 1 : Step(minute)) is { } apart ? Say("minutes", apart) : Say("cron", schedule);
        var at = Numbers(hour) is { } hours ? string.Join(", ", hours.Select(h => string.Create(CultureInfo.InvariantCulture, $"{h:00}:{past:00}"))) : null;
        return (at, hour, day, weekday) switch
        {
            (null, "*", "*", "*") => Say("hourly", past),
            (null, _, _, _) => Say("cron", schedule),
            (_, _, "*", "*") => Say("daily", at),
            (_, _, "*", "1-5") => Say("from_to", culture.DateTimeFormat.GetDayName(DayOfWeek.Monday), culture.DateTimeFormat.GetDayName(DayOfWeek.Friday), at),
            (_, _, "*", _) when Numbers(weekday) is { } days => Say("weekly", string.Join(", ", days.Select(d => culture.DateTimeFormat.GetDayName((DayOfWeek)(d % 7)))), at),
            (_, _, _, "*") when Numbers(day) is { } days => Say("monthly", string.Join(", ", days), at),
            _ => Say("cron", schedule),
        };
    }

    private static int? Step(string field) => field.StartsWith("*/", StringComparison.Ordinal) && int.TryParse(field.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var step) && 60 % step == 0 ? step : null;

    private static int[]? Numbers(string field)
    {
        var parts = field.Split(',');
        return Array.TrueForAll(parts, p => int.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out _)) ? Array.ConvertAll(parts, p => int.Parse(p, CultureInfo.InvariantCulture)) : null;
    }
}
