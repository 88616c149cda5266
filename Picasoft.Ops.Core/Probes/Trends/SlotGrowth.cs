namespace Picasoft.Ops.Core.Probes.Trends;

/// <summary>A replication slot that holds back more and more: nobody reads it, and it fills the disk of its server. Pure.</summary>
/// <param name="From">Bytes at the beginning.</param>
/// <param name="To">Bytes now.</param>
/// <param name="Over">How long it has grown.</param>
public sealed record SlotGrowth(double From, double To, TimeSpan Over)
{
    private const int MinHours = 6;
    private const double LeastBytes = 256.0 * 1024 * 1024;

    /// <summary>A slot that is read falls back to little again and again; one that is not only grows.</summary>
    /// <param name="hours">Least value of each hour, oldest first.</param>
    public static SlotGrowth? Of(IReadOnlyList<(DateTimeOffset Hour, double Least)> hours)
    {
        if (hours.Count < MinHours) return null;
        var begin = hours.Count - 1;
        while (begin > 0 && hours[begin - 1].Least <= hours[begin].Least) begin--;
        var grown = hours.Count - begin;
        return grown >= MinHours && hours[^1].Least - hours[begin].Least >= LeastBytes ? new(hours[begin].Least, hours[^1].Least, hours[^1].Hour - hours[begin].Hour) : null;
    }
}
