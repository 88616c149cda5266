using CsCheck;
using Picasoft.Ops.Core.Probes;

namespace Picasoft.Ops.Tests.Core.Probes;

public sealed class ProbeScheduleTests
{
    private static readonly Gen<TimeSpan> _interval = Gen.Int[1, 86_400].Select(s => TimeSpan.FromSeconds(s));
    private static readonly Gen<DateTimeOffset> _instant = Gen.Long[0, 3_000_000_000_000_000].Select(us => DateTimeOffset.UnixEpoch.AddMicroseconds(us));
    private static readonly Gen<long> _id = Gen.Long[1, 10_000_000];

    [Fact]
    public void The_next_slot_is_after_now_and_within_one_interval() =>
        Gen.Select(_id, _interval, _instant).Sample((id, interval, now) =>
        {
            var next = ProbeSchedule.Next(id, interval, now);
            Assert.True(next > now && next <= now + interval);
        });

    [Fact]
    public void Slots_lie_exactly_one_interval_apart() =>
        Gen.Select(_id, _interval, _instant).Sample((id, interval, now) =>
        {
            var next = ProbeSchedule.Next(id, interval, now);
            Assert.Equal(next + interval, ProbeSchedule.Next(id, interval, next));
        });

    [Theory]
    [InlineData(1, 1000)]
    [InlineData(1, 5000)]
    [InlineData(120_417, 5000)]
    public void The_busiest_second_has_hardly_more_than_its_share(int firstId, int count)
    {
        var interval = TimeSpan.FromSeconds(10);
        var busiest = Enumerable.Range(firstId, count).GroupBy(id => (int)ProbeSchedule.Phase(id, interval).TotalSeconds).Max(g => g.Count());
        Assert.InRange(busiest, 1, count / 10 * 1.1);
    }

    [Fact]
    public void A_check_that_is_a_little_late_is_made_at_once()
    {
        var interval = TimeSpan.FromSeconds(30);
        var due = ProbeSchedule.Next(7, interval, DateTimeOffset.UnixEpoch.AddDays(20_000));
        var (at, next) = ProbeSchedule.Claim(7, interval, due, due + TimeSpan.FromSeconds(1));
        Assert.Equal((due, due + interval), (at, next));
    }

    [Fact]
    public void A_check_claimed_ahead_keeps_its_instant()
    {
        var interval = TimeSpan.FromSeconds(1);
        var due = ProbeSchedule.Next(7, interval, DateTimeOffset.UnixEpoch.AddDays(20_000));
        var (at, next) = ProbeSchedule.Claim(7, interval, due, due - TimeSpan.FromSeconds(2));
        Assert.Equal((due, due + interval), (at, next));
    }

    [Fact]
    public void After_an_absence_all_are_checked_within_one_interval_or_a_minute_and_not_at_once()
    {
        var now = DateTimeOffset.UnixEpoch.AddDays(20_000);
        foreach (var interval in new[] { TimeSpan.FromSeconds(10), TimeSpan.FromDays(1) })
        {
            var limit = interval < ProbeSchedule.CatchUp ? interval : ProbeSchedule.CatchUp;
            var at = Enumerable.Range(1, 1000).Select(id => ProbeSchedule.Claim(id, interval, now.AddDays(-3), now)).ToList();
            Assert.All(at, c => Assert.InRange(c.At, now, now + limit));
            Assert.All(at, c => Assert.InRange(c.Next, c.At, c.At + interval));
            Assert.InRange(at.GroupBy(c => (int)((c.At - now) / limit * 10)).Max(g => g.Count()), 1, 115);
        }
    }
}
