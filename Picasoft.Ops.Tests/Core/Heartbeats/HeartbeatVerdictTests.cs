using System.Globalization;
using CsCheck;
using Picasoft.Ops.Core.Heartbeats;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Tests.Core.Heartbeats;

public class HeartbeatVerdictTests
{
    private static readonly DateTimeOffset _created = Utc("2026-11-01T00:00:00Z");

    private static readonly HeartbeatRules _daily = Rules(new() { Period = TimeSpan.FromDays(1), Grace = TimeSpan.FromHours(1) });

    private static readonly HeartbeatRules _paris = Rules(new() { Schedule = "0 3 * * *", TimeZone = "Europe/Paris", Grace = TimeSpan.FromHours(2) });

    [Theory]
    [InlineData("2026-11-01T23:59:59Z", HeartbeatStatus.New)]
    [InlineData("2026-11-02T00:59:59Z", HeartbeatStatus.New)]
    [InlineData("2026-11-02T01:00:00Z", HeartbeatStatus.Down)]
    public void What_was_never_seen_has_its_grace_from_its_creation(string now, HeartbeatStatus status)
    {
        var verdict = HeartbeatVerdict.Of(_daily, new(_created, null, null, []), Utc(now));
        Assert.Equal((status, status == HeartbeatStatus.Down ? "heartbeat.never" : null), (verdict.Status, verdict.Reason?.Key));
    }

    [Theory]
    [InlineData("2026-11-11T11:59:59Z", HeartbeatStatus.Up)]
    [InlineData("2026-11-11T12:00:00Z", HeartbeatStatus.Late)]
    [InlineData("2026-11-11T12:59:59Z", HeartbeatStatus.Late)]
    [InlineData("2026-11-11T13:00:00Z", HeartbeatStatus.Down)]
    [InlineData("2027-11-11T13:00:00Z", HeartbeatStatus.Down)]
    public void Silence_is_first_late_then_down(string now, HeartbeatStatus status) =>
        Assert.Equal(status, HeartbeatVerdict.Of(_daily, Heard("2026-11-10T12:00:00Z"), Utc(now)).Status);

    [Theory]
    // In winter three in Paris is two in UTC, in summer one; in the night of 2026-03-29 the clock jumps from two to three.
    [InlineData("2026-11-10T02:10:00Z", "2026-11-11T02:00:00Z")]
    [InlineData("2026-07-10T01:10:00Z", "2026-07-11T01:00:00Z")]
    [InlineData("2026-03-28T02:10:00Z", "2026-03-29T01:00:00Z")]
    [InlineData("2026-10-24T01:10:00Z", "2026-10-25T02:00:00Z")]
    public void A_schedule_runs_on_the_clock_of_its_zone(string last, string expected)
    {
        var verdict = HeartbeatVerdict.Of(_paris, Heard(last), Utc(last));
        Assert.Equal(Utc(expected), verdict.ExpectedAt);
        Assert.Equal(HeartbeatStatus.Late, HeartbeatVerdict.Of(_paris, Heard(last), Utc(expected).AddHours(2).AddTicks(-1)).Status);
        Assert.Equal(HeartbeatStatus.Down, HeartbeatVerdict.Of(_paris, Heard(last), Utc(expected).AddHours(2)).Status);
    }

    [Fact]
    public void In_the_night_an_hour_comes_twice_one_ping_is_enough()
    {
        // 2026-10-25: half past two comes at 00:30 and 01:30 UTC.
        var twice = Rules(new() { Schedule = "30 2 * * *", TimeZone = "Europe/Paris", Grace = TimeSpan.FromMinutes(10) });
        Assert.Equal(HeartbeatStatus.Up, HeartbeatVerdict.Of(twice, Heard("2026-10-25T00:31:00Z"), Utc("2026-10-25T20:00:00Z")).Status);
    }

    [Fact]
    public void A_run_that_does_not_finish_within_the_grace_is_down_whatever_is_expected()
    {
        var begun = Heard("2026-11-10T12:00:00Z") with { Runs = [new(null, Utc("2026-11-10T13:00:00Z"))] };
        Assert.Equal(HeartbeatStatus.Up, HeartbeatVerdict.Of(_daily, begun, Utc("2026-11-10T13:59:59Z")).Status);
        var verdict = HeartbeatVerdict.Of(_daily, begun, Utc("2026-11-10T14:00:00Z"));
        Assert.Equal((HeartbeatStatus.Down, "heartbeat.overrun"), (verdict.Status, verdict.Reason?.Key));
    }

    [Fact]
    public void A_failure_stays_until_a_success()
    {
        var failed = Heard("2026-11-10T12:00:00Z") with { Failure = Phrase.Of("heartbeat.failed_exit", 3) };
        var verdict = HeartbeatVerdict.Of(_daily, failed, Utc("2026-11-20T12:00:00Z"));
        Assert.Equal((HeartbeatStatus.Down, "heartbeat.failed_exit", null), (verdict.Status, verdict.Reason?.Key, verdict.NextAt));
    }

    [Fact]
    public void What_is_paused_expects_nothing()
    {
        var verdict = HeartbeatVerdict.Of(_daily with { Enabled = false }, Heard("2020-01-01T00:00:00Z"), _created);
        Assert.Equal(new(HeartbeatStatus.Paused, null, null, null), verdict);
    }

    [Fact]
    public void What_the_schedule_never_reaches_is_never_expected() =>
        Assert.Equal((HeartbeatStatus.New, null), HeartbeatVerdict.Of(Rules(new() { Schedule = "0 0 30 2 *", Grace = TimeSpan.FromHours(1) }), new(_created, null, null, []), _created.AddYears(50)) is var v ? (v.Status, v.NextAt) : default);

    private static readonly Gen<HeartbeatRules> _rules = Gen.Select(Gen.Int[0, 59], Gen.Int[0, 23], Gen.Int[1, 600], Gen.Int[0, 3]).Select((minute, hour, grace, kind) => Rules(new()
    {
        Period = kind == 0 ? TimeSpan.FromMinutes((hour * 60) + minute + 1) : null,
        Schedule = kind switch { 0 => null, 1 => $"{minute} {hour} * * *", 2 => $"{minute} {hour} * * 1", _ => $"*/{(minute % 20) + 1} * * * *" },
        TimeZone = hour % 2 == 0 ? "Europe/Paris" : "America/New_York",
        Grace = TimeSpan.FromMinutes(grace),
    }));

    private static readonly Gen<HeartbeatFacts> _facts = Gen.Select(Gen.Int[0, 525_600], Gen.Int[-1, 3000], Gen.Int[0, 9], Gen.Int[0, 3000].List[0, 3]).Select((began, last, failed, runs) => new HeartbeatFacts(
        _created.AddMinutes(began), last < 0 ? null : _created.AddMinutes(began + last), last >= 0 && failed == 0 ? Phrase.Of("heartbeat.failed") : null, [.. runs.Order().Select(r => new PingRun(null, _created.AddMinutes(began + Math.Max(last, 0) + r)))]));

    /// <summary>The instant it names is the next at which the status changes: nothing has to look in between.</summary>
    [Fact]
    public void The_status_changes_exactly_when_it_says() => Gen.Select(_rules, _facts, Gen.Double[0, 1]).Sample((rules, facts, share) =>
    {
        var now = facts.LastAt ?? facts.BeganAt;
        for (var step = 0; step < 5; step++)
        {
            var verdict = HeartbeatVerdict.Of(rules, facts, now);
            if (verdict.NextAt is not { } next)
            {
                Assert.Equal(verdict.Status, HeartbeatVerdict.Of(rules, facts, now.AddYears(1)).Status);
                return;
            }
            Assert.True(next > now);
            Assert.Equal(verdict.Status, HeartbeatVerdict.Of(rules, facts, now + ((next - TimeSpan.FromTicks(1) - now) * share)).Status);
            Assert.NotEqual(verdict.Status, HeartbeatVerdict.Of(rules, facts, next).Status);
            now = next;
        }
        Assert.Fail("It never comes to rest.");
    });

    [Fact]
    public void Once_down_only_a_ping_helps() => Gen.Select(_rules, _facts, Gen.Int[0, 100_000], Gen.Int[0, 100_000]).Sample((rules, facts, first, more) =>
    {
        var now = facts.BeganAt.AddMinutes(first);
        if (HeartbeatVerdict.Of(rules, facts, now).Status == HeartbeatStatus.Down) Assert.Equal(HeartbeatStatus.Down, HeartbeatVerdict.Of(rules, facts, now.AddMinutes(more)).Status);
    });

    private static HeartbeatRules Rules(Heartbeat heartbeat) => HeartbeatRules.Of(heartbeat);

    private static HeartbeatFacts Heard(string last) => new(_created, Utc(last), null, []);

    private static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
