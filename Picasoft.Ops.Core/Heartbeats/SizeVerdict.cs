namespace Picasoft.Ops.Core.Heartbeats;

/// <summary>How a backup's size is, compared with those before it.</summary>
public enum SizeJudgement
{
    /// <summary>Too few before it to say.</summary>
    Unknown,
    Usual,
    Small,
    Large,
}

/// <summary>
/// Compares a size with its own history: the modified z-score of Iglewicz and Hoaglin (1993), from the median and the median absolute deviation,
/// so that one odd backup among many does not spoil the measure; of logarithms, since backups grow and shrink by shares. Pure.
/// </summary>
/// <param name="Median">The usual size, in bytes.</param>
public sealed record SizeVerdict(SizeJudgement Judgement, long Median)
{
    /// <summary>Sizes that are compared with, the newest.</summary>
    public const int Window = 15;

    /// <summary>With fewer nothing is said.</summary>
    public const int Least = 5;

    /// <summary>Their threshold.</summary>
    public const double Threshold = 3.5;

    /// <summary>What changes by less than this share is not odd, however alike the backups before were.</summary>
    public const double Tolerance = 0.25;

    private const double Consistency = 0.6745; // makes the deviation comparable with the standard deviation of normal data

    /// <param name="size">Bytes.</param>
    /// <param name="before">The sizes before it, in any order.</param>
    public static SizeVerdict Of(long size, IReadOnlyList<long> before)
    {
        if (before.Count < Least) return new(SizeJudgement.Unknown, before.Count == 0 ? 0 : (long)Middle([.. before.Select(b => (double)b)]));
        var logs = before.Select(Log).ToArray();
        var middle = Middle(logs);
        var usual = (long)Math.Round(Math.Exp(middle) - 1);
        var deviation = Middle([.. logs.Select(l => Math.Abs(l - middle))]);
        var distance = Log(size) - middle;
        var score = deviation == 0 ? double.PositiveInfinity : Consistency * Math.Abs(distance) / deviation;
        var isOdd = score > Threshold && Math.Abs(distance) > -Math.Log(1 - Tolerance);
        return new(!isOdd ? SizeJudgement.Usual : distance < 0 ? SizeJudgement.Small : SizeJudgement.Large, usual);
    }

    private static double Log(long size) => Math.Log(size + 1.0);

    private static double Middle(double[] values)
    {
        Array.Sort(values);
        return values.Length % 2 == 1 ? values[values.Length / 2] : (values[(values.Length / 2) - 1] + values[values.Length / 2]) / 2;
    }
}
