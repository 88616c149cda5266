namespace Picasoft.Ops.Core.Probes.Trends;

/// <summary>
/// A straight line through points that a few wild ones do not move: the median of the slopes between all pairs
/// (H. Theil, "A rank-invariant method of linear and polynomial regression analysis", 1950; P. K. Sen, "Estimates of the regression coefficient
/// based on Kendall's tau", JASA 63, 1968). Up to 29 % of the points may be wrong. Pure.
/// </summary>
/// <param name="Slope">Per unit of x.</param>
/// <param name="Intercept">At x = 0.</param>
/// <param name="Tau">Kendall's tau: +1 every later point is higher, 0 no direction, −1 every one lower.</param>
/// <param name="Spread">Median distance of the points from the line.</param>
public sealed record TheilSen(double Slope, double Intercept, double Tau, double Spread)
{
    /// <summary>Two points or more, with different x.</summary>
    public static TheilSen? Through(IReadOnlyList<(double X, double Y)> points)
    {
        var slopes = new List<double>(points.Count * (points.Count - 1) / 2);
        var (up, down) = (0, 0);
        for (var i = 0; i < points.Count; i++)
            for (var j = i + 1; j < points.Count; j++)
            {
                var (dx, dy) = (points[j].X - points[i].X, points[j].Y - points[i].Y);
                if (dx == 0) continue;
                slopes.Add(dy / dx);
                if (dy * dx > 0) up++;
                else if (dy * dx < 0) down++;
            }
        if (slopes.Count == 0) return null;
        var slope = Median(slopes);
        var intercept = Median([.. points.Select(p => p.Y - (slope * p.X))]);
        return new(slope, intercept, (double)(up - down) / slopes.Count, Median([.. points.Select(p => Math.Abs(p.Y - (slope * p.X) - intercept))]));
    }

    public double At(double x) => (Slope * x) + Intercept;

    public static double Median(List<double> values)
    {
        if (values.Count == 0) return double.NaN;
        values.Sort();
        var middle = values.Count / 2;
        return values.Count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
