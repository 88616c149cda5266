namespace Picasoft.Ops.Core.Probes.Places;

/// <summary>What one location says.</summary>
/// <param name="At">When it checked last.</param>
public sealed record LocationWord(string Location, ProbeStatus Status, DateTimeOffset At);

/// <summary>What several locations say together. Pure.</summary>
/// <param name="Heard">How many have a word that still counts.</param>
/// <param name="Down">How many of these say that it is down.</param>
/// <param name="Needed">How many must.</param>
public sealed record Quorum(ProbeStatus Status, int Heard, int Down, int Needed)
{
    /// <summary>
    /// A word counts for three intervals: a location whose nodes are gone, or have lost their network, does not hold up the others.
    /// Of fewer words than the quorum all must agree: with one location left it decides alone, rather than nobody.
    /// </summary>
    /// <param name="words">One for each location that was ever heard.</param>
    /// <param name="quorum">How many must say so; null: more than half of those heard.</param>
    /// <param name="interval">Between two checks.</param>
    public static Quorum Of(IReadOnlyCollection<LocationWord> words, int? quorum, TimeSpan interval, DateTimeOffset now)
    {
        var heard = words.Where(w => w.Status != ProbeStatus.Unknown && now - w.At <= 3 * interval).ToList();
        if (heard.Count == 0) return new(ProbeStatus.Unknown, 0, 0, quorum ?? 1);
        var needed = Math.Clamp(quorum ?? ((heard.Count / 2) + 1), 1, heard.Count);
        var down = heard.Count(w => w.Status == ProbeStatus.Down);
        var warned = heard.Count(w => w.Status is ProbeStatus.Down or ProbeStatus.Warning);
        return new(down >= needed ? ProbeStatus.Down : warned >= needed ? ProbeStatus.Warning : ProbeStatus.Up, heard.Count, down, needed);
    }
}
