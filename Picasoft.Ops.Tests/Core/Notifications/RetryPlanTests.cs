using CsCheck;
using Picasoft.Ops.Core.Notifications;

namespace Picasoft.Ops.Tests.Core.Notifications;

public sealed class RetryPlanTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 22, 17, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Pauses_grow_from_seconds_to_minutes() =>
        Assert.Equal([5, 15, 30, 60, 120, 300, 600, 600, 600], Enumerable.Range(1, 9).Select(n => (RetryPlan.Next(n, _now, _now, null, 0.5)!.Value - _now).TotalSeconds));

    [Fact]
    public void A_channel_can_ask_for_more_patience_but_not_for_less()
    {
        Assert.Equal(_now.AddMinutes(5), RetryPlan.Next(1, _now, _now, TimeSpan.FromMinutes(5), 0.5));
        Assert.Equal(_now.AddMinutes(10), RetryPlan.Next(9, _now, _now, TimeSpan.FromMinutes(5), 0.5));
    }

    [Fact]
    public void After_a_day_it_is_given_up()
    {
        Assert.NotNull(RetryPlan.Next(100, _now.AddHours(-23), _now, null, 0.5));
        Assert.Null(RetryPlan.Next(100, _now.AddHours(-23.9), _now, null, 0.5));
    }

    [Fact]
    public void Every_pause_is_spread_but_never_gone() => Gen.Select(Gen.Int[1, 1000], Gen.Double[0, 1]).Sample((attempts, dice) =>
    {
        var plain = RetryPlan.Next(attempts, _now, _now, null, 0.5)!.Value - _now;
        var spread = RetryPlan.Next(attempts, _now, _now, null, dice)!.Value - _now;
        Assert.InRange(spread / plain, 0.79, 1.21);
    });
}
