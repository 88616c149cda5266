using Picasoft.Ops.Core.OnCall;

namespace Picasoft.Ops.Core.Escalations;

/// <summary>What is told once a day, at an hour on somebody's clock. Pure.</summary>
public sealed record DigestHour(TimeOnly At, string TimeZone)
{
    /// <summary>The next time it is that hour, after an instant.</summary>
    public DateTimeOffset After(DateTimeOffset now)
    {
        var clock = WallClock.Of(TimeZone);
        var today = DateOnly.FromDateTime(clock.Local(now));
        return clock.Instant(today.ToDateTime(At)) is var next && next > now ? next : clock.Instant(today.AddDays(1).ToDateTime(At));
    }
}
