using System.Globalization;

namespace Picasoft.Ops.Core.Logs.Patterns;

/// <summary>Days as the people live them who read about them: in a time zone. Pure.</summary>
public static class LogDays
{
    public static DateOnly Of(DateTimeOffset at, TimeZoneInfo zone) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, zone).DateTime);

    /// <summary>A day as <c>2026-11-25</c>; null for none.</summary>
    public static bool TryRead(string? text, out DateOnly? day)
    {
        day = DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var read) && read.Year is > 1970 and < 9000 ? read : null;
        return day is not null || string.IsNullOrEmpty(text);
    }

    /// <summary>When a day begins, in UTC. In a zone that skips midnight it begins after what is skipped.</summary>
    public static DateTimeOffset Begin(DateOnly day, TimeZoneInfo zone)
    {
        var midnight = day.ToDateTime(TimeOnly.MinValue);
        while (zone.IsInvalidTime(midnight)) midnight = midnight.AddMinutes(30);
        return new DateTimeOffset(midnight, zone.GetUtcOffset(midnight)).ToUniversalTime();
    }
}
