using System.Text.Json;

namespace Picasoft.Ops.Core.Primitives;

/// <summary>
/// The small chart of a warning, carried by its alert as an annotation, so that it still shows what was seen when the values themselves are gone.
/// Whoever sends alerts may send one: what is not well formed is no picture.
/// </summary>
/// <param name="Values">Evenly spaced from <paramref name="From"/> to <paramref name="Now"/>.</param>
/// <param name="Limit">Where it is bad.</param>
/// <param name="Reached">When the line will reach the limit.</param>
/// <param name="Unit">As of a measurement.</param>
public sealed record TrendPicture(IReadOnlyList<double> Values, DateTimeOffset From, DateTimeOffset Now, double? Limit, DateTimeOffset? Reached, string? Unit)
{
    public const string Annotation = "ops_chart";

    private const int MaxValues = 200;

    public override string ToString() => JsonSerializer.Serialize(this with { Values = Thin(Values) }, OpsJson.Api);

    /// <summary>Null: it is none.</summary>
    public static TrendPicture? Parse(string text)
    {
        if (text.Length is 0 or > 10_000) return null;
        try
        {
            return JsonSerializer.Deserialize<TrendPicture>(text, OpsJson.Api) is { Values: { Count: > 1 and <= MaxValues } values } picture && values.All(double.IsFinite) && picture.Now > picture.From
                && picture.Limit is null or { } and not double.NaN && (picture.Reached is not { } reached || reached >= picture.Now && reached - picture.Now < TimeSpan.FromDays(4000)) && picture.Unit is null or { Length: <= 16 } ? picture : null;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return null;
        }
    }

    // Six digits are more than a picture shows.
    private static double[] Thin(IReadOnlyList<double> values)
    {
        var step = (values.Count + MaxValues - 1) / MaxValues;
        return [.. values.Where((_, i) => i % Math.Max(1, step) == 0).Select(v => v == 0 || !double.IsFinite(v) ? 0 : double.Parse(v.ToString("G6", System.Globalization.CultureInfo.InvariantCulture), System.Globalization.CultureInfo.InvariantCulture))];
    }
}
