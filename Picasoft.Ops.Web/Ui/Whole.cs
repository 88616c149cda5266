using System.Globalization;

namespace Picasoft.Ops.Web.Ui;

/// <summary>A number in the address of a page: <c>12</c> or <c>#12</c>. One that is none is left out: the page shows what it would without, rather than an error.</summary>
public static class Whole
{
    public static long? Of(string? text) => long.TryParse(text?.TrimStart('#'), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
}
