using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Escalations;

/// <summary>Until when somebody's message waits. Pure.</summary>
public static class QuietHours
{
    /// <summary>The end of the hours that it is now; null: it is told at once.</summary>
    public static DateTimeOffset? Until(QuietInput? quiet, Severity severity, DateTimeOffset now) =>
        quiet is null || severity >= quiet.Below ? null
        : WallClock.Of(quiet.TimeZone).Windows([new() { From = quiet.From, To = quiet.To }], now, now.AddTicks(1)).Where(w => w.Contains(now)).Select(w => (DateTimeOffset?)w.End).FirstOrDefault();
}
