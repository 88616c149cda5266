namespace Picasoft.Ops.Core.Probes;

/// <summary>
/// When probes are due. Slot k of a probe lies at epoch + phase + k × interval; the phase is a fraction of the interval that multiples of the
/// golden ratio spread more evenly than chance would, whatever probes are added or deleted. Pure.
/// </summary>
public static class ProbeSchedule
{
    /// <summary>Later than this is not a delay but an absence.</summary>
    public static readonly TimeSpan Late = TimeSpan.FromSeconds(2);

    /// <summary>After an absence all are checked within this, even those checked once a day.</summary>
    public static readonly TimeSpan CatchUp = TimeSpan.FromMinutes(1);

    private const double GoldenRatio = 0.6180339887498949;

    /// <summary>The first slot after an instant.</summary>
    public static DateTimeOffset Next(long id, TimeSpan interval, DateTimeOffset after)
    {
        var phase = Phase(id, interval);
        var since = after.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks - phase.Ticks;
        var slot = Math.DivRem(since, interval.Ticks, out var rest);
        if (rest < 0) slot--;
        return DateTimeOffset.UnixEpoch + phase + TimeSpan.FromTicks((slot + 1) * interval.Ticks);
    }

    /// <summary>Where in its interval a probe stands; whole microseconds, as PostgreSQL stores instants.</summary>
    public static TimeSpan Phase(long id, TimeSpan interval) => TimeSpan.FromMicroseconds(Math.Floor(id * GoldenRatio % 1 * interval.TotalMicroseconds));

    /// <summary>
    /// What to do with a check that was due at <paramref name="due"/>, seen at <paramref name="now"/> (before or after it): when to make it, and when the next is due.
    /// After an absence it is made at a slot of its own soon, not at once with all the others.
    /// </summary>
    public static (DateTimeOffset At, DateTimeOffset Next) Claim(long id, TimeSpan interval, DateTimeOffset due, DateTimeOffset now)
    {
        var at = now - due <= Late ? due : Next(id, interval < CatchUp ? interval : CatchUp, now);
        return (at, Next(id, interval, at > now ? at : now));
    }
}
