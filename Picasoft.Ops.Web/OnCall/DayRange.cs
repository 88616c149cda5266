using System.Globalization;

namespace Picasoft.Ops.Web.OnCall;

/// <summary>Days from one to another in words, without saying twice what both share. Pure.</summary>
public static class DayRange
{
    /// <param name="first">The first day.</param>
    /// <param name="last">The last day, not before the first.</param>
    /// <param name="culture">Whose names of months: <c>23–29 Nov 2026</c>, <c>30 nov. – 6 déc. 2026</c>.</param>
    public static string Of(DateOnly first, DateOnly last, CultureInfo culture) =>
        first.Year != last.Year ? $"{first.ToString("d MMM yyyy", culture)} – {last.ToString("d MMM yyyy", culture)}"
        : first.Month != last.Month ? $"{first.ToString("d MMM", culture)} – {last.ToString("d MMM yyyy", culture)}"
        : first == last ? first.ToString("d MMM yyyy", culture)
        : $"{first.Day}–{last.ToString("d MMM yyyy", culture)}";
}
