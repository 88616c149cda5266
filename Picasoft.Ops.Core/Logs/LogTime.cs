using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Picasoft.Ops.Core.Logs;

/// <summary>What a sender's time stamp means: RFC 3339, RFC 3164's <c>Nov 25 17:04:05</c>, or nanoseconds, microseconds or seconds since 1970. Pure.</summary>
public static class LogTime
{
    /// <summary>A clock that is ahead of ours by more is wrong: its lines count as of when they came.</summary>
    public static readonly TimeSpan MaxAhead = TimeSpan.FromMinutes(2);

    /// <summary>A line may have waited this long with its sender; older, its clock is wrong, or it is no news.</summary>
    public static readonly TimeSpan MaxBehind = TimeSpan.FromDays(2);

    private static readonly string[] _months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

    /// <summary>When the line was written, as far as its sender can be believed; else when it was received.</summary>
    /// <param name="zone">Where stamps without a zone are from.</param>
    public static DateTimeOffset Of(ReadOnlySpan<byte> stamp, DateTimeOffset received, TimeZoneInfo zone) =>
        TryParse(stamp, received, zone, out var at) && at <= received + MaxAhead && at >= received - MaxBehind ? at : received;

    /// <summary>The hour that was the same by the clock on the wall some weeks before: summer time moves what people do. Lines are counted by hours of UTC; of a zone that moves by half an hour it is the one in which that hour begins.</summary>
    public static DateTimeOffset SameHour(DateTimeOffset hour, int weeks, TimeZoneInfo zone)
    {
        var written = TimeZoneInfo.ConvertTime(hour, zone).DateTime.AddDays(-7 * weeks);
        var at = new DateTimeOffset(written, zone.GetUtcOffset(written)).ToUniversalTime();
        return at.AddTicks(-(at.Ticks % TimeSpan.TicksPerHour));
    }

    /// <summary>Whether the sender's clock cannot be right.</summary>
    public static bool IsWrong(ReadOnlySpan<byte> stamp, DateTimeOffset received, TimeZoneInfo zone) =>
        TryParse(stamp, received, zone, out var at) && (at > received + MaxAhead || at < received - MaxBehind);

    public static bool TryParse(ReadOnlySpan<byte> stamp, DateTimeOffset now, TimeZoneInfo zone, out DateTimeOffset at)
    {
        at = default;
        if (stamp.Length is < 9 or > 40) return false;
        if (stamp.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0) return Epoch(stamp, out at);
        if (char.IsAsciiLetter((char)stamp[0])) return Classic(stamp, now, zone, out at);
        if (!DateTimeOffset.TryParse(Encoding.ASCII.GetString(stamp), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out at)) return false;
        return true;
    }

    private static bool Epoch(ReadOnlySpan<byte> digits, out DateTimeOffset at)
    {
        at = default;
        if (!Utf8Parser.TryParse(digits, out long number, out var used) || used != digits.Length) return false;
        var ticks = digits.Length switch { >= 18 => number / 100, >= 15 => number * 10, >= 12 => number * TimeSpan.TicksPerMillisecond, _ => number * TimeSpan.TicksPerSecond };
        if (ticks is < 0 or > 2_500_000_000_000_000_000L) return false;
        at = DateTimeOffset.UnixEpoch.AddTicks(ticks);
        return true;
    }

    // No year and no zone: the year that brings it nearest to now, so that New Year's Eve is right from both sides.
    private static bool Classic(ReadOnlySpan<byte> stamp, DateTimeOffset now, TimeZoneInfo zone, out DateTimeOffset at)
    {
        at = default;
        if (stamp.Length < 15) return false;
        var name = Encoding.ASCII.GetString(stamp[..3]);
        var month = Array.IndexOf(_months, name) + 1;
        if (month == 0 || !Two(stamp[4..6], out var day) || !Two(stamp[7..9], out var hour) || !Two(stamp[10..12], out var minute) || !Two(stamp[13..15], out var second)) return false;
        if (hour > 23 || minute > 59 || second > 60) return false;
        var local = TimeZoneInfo.ConvertTime(now, zone);
        var best = TimeSpan.MaxValue;
        for (var year = local.Year - 1; year <= local.Year + 1; year++)
        {
            if (day < 1 || day > DateTime.DaysInMonth(year, month)) continue;
            var written = new DateTime(year, month, day, hour, minute, Math.Min(second, 59), DateTimeKind.Unspecified);
            var guess = new DateTimeOffset(written, zone.GetUtcOffset(written)).ToUniversalTime();
            if ((guess - now).Duration() is var off && off >= best) continue;
            (best, at) = (off, guess);
        }
        return best < TimeSpan.MaxValue;
    }

    private static bool Two(ReadOnlySpan<byte> digits, out int number)
    {
        number = 0;
        foreach (var digit in digits)
        {
            if (digit == ' ') continue;
            if (digit is < (byte)'0' or > (byte)'9') return false;
            number = number * 10 + digit - '0';
        }
        return true;
    }
}
