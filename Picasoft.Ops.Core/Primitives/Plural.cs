using System.Globalization;

namespace Picasoft.Ops.Core.Primitives;

/// <summary>
/// The form of a word that goes with a number: in a text <c>{0} {0:line|lines}</c> says "1 line" and "2 lines".
/// The rules are those of <see href="https://cldr.unicode.org/index/cldr-spec/plural-rules">CLDR</see> for English and French, whose nought and one and a half are singular.
/// </summary>
public static class Plural
{
    /// <param name="forms">One and several, with a bar between.</param>
    /// <param name="number">A number or its invariant text; what is neither ("99+") is several.</param>
    public static string Of(string forms, object? number, CultureInfo culture)
    {
        var bar = forms.IndexOf('|', StringComparison.Ordinal);
        var isOne = decimal.TryParse(Convert.ToString(number, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture, out var count)
            && (culture.TwoLetterISOLanguageName == "fr" ? Math.Abs(count) < 2 : count == 1);
        return isOne ? forms[..bar] : forms[(bar + 1)..];
    }
}
