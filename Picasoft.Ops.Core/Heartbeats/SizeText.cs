using System.Globalization;

namespace Picasoft.Ops.Core.Heartbeats;

/// <summary>Numbers of bytes as people say them, in powers of 1000.</summary>
public static class SizeText
{
    private static readonly string[] _units = ["B", "kB", "MB", "GB", "TB", "PB"];

    /// <summary><c>1.2 GB</c>; with the point that both languages of a stored phrase can read.</summary>
    public static string Of(long bytes)
    {
        var (value, unit) = ((double)bytes, 0);
        while (value >= 1000 && unit < _units.Length - 1) (value, unit) = (value / 1000, unit + 1);
        return string.Create(CultureInfo.InvariantCulture, $"{value:0.##} {_units[unit]}");
    }
}
