using System.Globalization;

namespace Picasoft.Ops.Core.Probes;

/// <summary>Says measured values as people read them. Pure.</summary>
public static class Units
{
    private static readonly string[] _bytes = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

    /// <param name="unit">See <see cref="Measurement"/>; nanoseconds to days, and bytes with their powers, are brought to a readable size.</param>
    /// <param name="culture">Whose decimal sign; the current one if null.</param>
    public static string Text(double value, string? unit, CultureInfo? culture = null)
    {
        culture ??= CultureInfo.CurrentCulture;
        return unit switch
        {
            "s" or "ms" or "us" or "ns" => Seconds(value * (unit switch { "s" => 1, "ms" => 1e-3, "us" => 1e-6, _ => 1e-9 }), culture),
            null or "" or "c" => Number(value, culture),
            "%" => Join(Number(value, culture), "%", culture),
            _ when Scale(unit) is { } scale => Bytes(value * scale, culture),
            _ => Join(Number(value, culture), unit, culture),
        };
    }

    /// <summary>How many bytes a unit of perfdata is; null when it is not one of bytes. <c>KB MB GB TB</c> are of plugins that count in 1024, as Debian's do.</summary>
    public static double? Scale(string? unit) => unit?.ToUpperInvariant() switch
    {
        "B" => 1,
        "KB" or "KIB" => 1024,
        "MB" or "MIB" => 1024.0 * 1024,
        "GB" or "GIB" => 1024.0 * 1024 * 1024,
        "TB" or "TIB" => 1024.0 * 1024 * 1024 * 1024,
        _ => null,
    };

    private static string Seconds(double seconds, CultureInfo culture) => Math.Abs(seconds) switch
    {
        0 => Join("0", "s", culture),
        < 1e-3 => Join(Number(seconds * 1e6, culture), "µs", culture),
        < 1 => Join(Number(seconds * 1e3, culture), "ms", culture),
        < 120 => Join(Number(seconds, culture), "s", culture),
        < 7200 => Join(Number(seconds / 60, culture), "min", culture),
        < 172_800 => Join(Number(seconds / 3600, culture), "h", culture),
        _ => Join(Number(seconds / 86_400, culture), culture.TwoLetterISOLanguageName == "fr" ? "j" : "d", culture),
    };

    private static string Bytes(double bytes, CultureInfo culture)
    {
        var power = 0;
        for (; Math.Abs(bytes) >= 1024 && power < _bytes.Length - 1; power++) bytes /= 1024;
        var unit = culture.TwoLetterISOLanguageName == "fr" ? _bytes[power].Replace('B', 'o') : _bytes[power];
        return Join(Number(bytes, culture), unit, culture);
    }

    // Three digits that count: more is noise, and does not fit.
    private static string Number(double value, CultureInfo culture) => Math.Abs(value) switch
    {
        0 => "0",
        >= 1e15 or < 1e-3 => value.ToString("0.##E+0", culture),
        >= 100 => Math.Round(value).ToString("#,0", culture),
        >= 10 => value.ToString("0.#", culture),
        >= 1 => value.ToString("0.##", culture),
        _ => value.ToString("0.###", culture),
    };

    private static string Join(string number, string unit, CultureInfo culture) => culture.TwoLetterISOLanguageName == "fr" || unit != "%" ? $"{number}\u00a0{unit}" : number + unit;
}
