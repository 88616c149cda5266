namespace Picasoft.Ops.Core.Incidents;

/// <summary>
/// Whether something comes and goes too often to be told each time. Two thresholds (hysteresis), as in Nagios, so that it does not flap between flapping and not:
/// it begins with many changes in a window, and ends when there were few for as long. Pure.
/// </summary>
public static class Flapping
{
    /// <summary>Changes are counted over this time.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(30);

    /// <summary>So many beginnings and ends within the window, and it flaps: three times down and up.</summary>
    public const int Begins = 6;

    /// <summary>No more than this within the window, and it is calm again.</summary>
    public const int Ends = 2;

    /// <summary>Changes within the window before an instant.</summary>
    public static int Count(IEnumerable<DateTimeOffset> changes, DateTimeOffset now) => changes.Count(at => at > now - Window && at <= now);

    /// <summary>Whether it flaps now, given whether it did.</summary>
    public static bool Is(bool was, IEnumerable<DateTimeOffset> changes, DateTimeOffset now) => Count(changes, now) is var count && (was ? count > Ends : count >= Begins);
}
