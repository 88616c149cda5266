namespace Picasoft.Ops.Core.Logs.Windows;

/// <summary>Lines that came together: when the first of them did, and how many.</summary>
public sealed record Tally(DateTimeOffset At, int Count);

/// <summary>
/// How many lines came within a time, for a threshold. Lines that came within a hundredth of the time of each other are one tally, so it is small however
/// many there are, and exact where they are few. Pure.
/// </summary>
public static class CountWindow
{
    private const int Parts = 100;

    /// <summary>The window with some more lines; what is too old by its newest is gone. Lines that come late are put in their place.</summary>
    public static IReadOnlyList<Tally> Add(IReadOnlyList<Tally> window, DateTimeOffset at, int count, TimeSpan within)
    {
        var newest = window.Count > 0 && window[^1].At > at ? window[^1].At : at;
        var kept = window.Where(t => t.At > newest - within).ToList();
        if (at <= newest - within) return kept;
        var place = kept.FindLastIndex(t => t.At <= at);
        if (place >= 0 && at - kept[place].At < within / Parts) kept[place] = kept[place] with { Count = (int)Math.Min((long)kept[place].Count + count, int.MaxValue) };
        else kept.Insert(place + 1, new(at, count));
        return kept;
    }

    /// <summary>Lines in the window as of its newest.</summary>
    public static int Sum(IReadOnlyList<Tally> window) => (int)Math.Min(window.Sum(t => (long)t.Count), int.MaxValue);
}
