using System.Globalization;

namespace Picasoft.Ops.Core.Heartbeats;

/// <summary>Numbers of bytes as people say them, in powers of 1000.</summary>
public static class SizeText
{
    private static readonly string[] _units = ["B", "kB", "MB", "GB", "TB", "PB"];
    private static readonly string[] _french = ["o", "ko", "Mo", "Go", "To", "Po"];

    /// <summary><c>1.2 GB</c>; in French <c>1,2 Go</c>.</summary>
    /// <param name="culture">Null: with the point and the units that both languages of a stored phrase can read.</param>
    public static string Of(long bytes, CultureInfo? culture = null)
    {
        var units = culture?.TwoLetterISOLanguageName == "fr" ? _french : _units;
        var (value, unit) = ((double)bytes, 0);
        while (value >= 1000 && unit < units.Length - 1) (value, unit) = (value / 1000, unit + 1);
        return string.Create(culture ?? CultureInfo.InvariantCulture, $"{value:0.##} {units[unit]}");
    }
}
