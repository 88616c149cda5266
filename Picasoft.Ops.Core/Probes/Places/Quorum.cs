namespace Picasoft.Ops.Core.Probes.Places;

/// <summary>What one location says.</summary>
/// <param name="Status">Unknown: it has checked, and not yet often enough to say.</param>
/// <param name="At">When it checked last.</param>
public sealed record LocationWord(string Location, ProbeStatus Status, DateTimeOffset At);

/// <summary>What several locations say together. Pure.</summary>
/// <param name="Heard">How many have a word that still counts.</param>
/// <param name="Down">How many of these say that it is down.</param>
/// <param name="Needed">How many must.</param>
public sealed record Quorum(ProbeStatus Status, int Heard, int Down, int Needed)
{
    /// <summary>A word counts at least this long: what halts a node or the store for a moment is no silence.</summary>
    private static readonly TimeSpan _moment = TimeSpan.FromSeconds(10);

    /// <summary>
    /// A word counts for three intervals: a location whose nodes are gone, or have lost their network, does not hold up the others.
    /// Of fewer words than the quorum all must agree: with one location left it decides alone, rather than nobody.
    /// While nothing is known of the probe (it is new, or was changed), those that have not said anything yet are given as long to speak.
    /// </summary>
    /// <param name="state">What is known of the probe; null: nothing yet.</param>
    /// <param name="words">One for each location that was ever heard.</param>
    public static Quorum Of(ProbeDefinition probe, ProbeState? state, IReadOnlyCollection<LocationWord> words, DateTimeOffset now)
    {
        var counts = TimeSpan.FromTicks(Math.Max((3 * probe.Interval).Ticks, _moment.Ticks));
        var heard = words.Where(w => w.Status != ProbeStatus.Unknown && now - w.At <= counts).ToList();
        if (heard.Count == 0) return new(ProbeStatus.Unknown, 0, 0, probe.Quorum ?? 1);
        var isNew = state is null || (state.Status == ProbeStatus.Unknown && now - state.Since <= counts);
        var voices = isNew ? Math.Max(heard.Count, probe.Locations.Count) : heard.Count;
        var needed = Math.Clamp(probe.Quorum ?? ((voices / 2) + 1), 1, voices);
        var down = heard.Count(w => w.Status == ProbeStatus.Down);
        var warned = heard.Count(w => w.Status is ProbeStatus.Down or ProbeStatus.Warning);
        var status = down >= needed ? ProbeStatus.Down : warned >= needed ? ProbeStatus.Warning : warned < heard.Count ? ProbeStatus.Up : ProbeStatus.Unknown;
        return new(status, heard.Count, down, needed);
    }
}
