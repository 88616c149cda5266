using Picasoft.Ops.Core.Probes;

namespace Picasoft.Ops.Tests.Core.Probes;

/// <summary>What a node goes on with while the database is away.</summary>
public sealed class LastClaimsTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(10);

    private readonly LastClaims _claims = new();

    [Fact]
    public void What_it_claimed_last_is_due_at_each_of_its_slots_once()
    {
        var next = ProbeSchedule.Next(1, _interval, _now);
        _claims.Add(1, _interval, next, ProbeStatus.Up);
        _claims.Settle(_now, _now.AddSeconds(2.5));
        var seen = new List<DateTimeOffset>();
        for (var second = 0; second <= 30; second++) seen.AddRange(_claims.Due(_now.AddSeconds(second), _now.AddSeconds(second + 2.5)).Select(d => d.At));
        Assert.Equal([next, next + _interval, next + 2 * _interval], seen);
    }

    [Fact]
    public void What_another_node_must_have_claimed_since_is_not_ours()
    {
        _claims.Add(1, _interval, _now.AddSeconds(2), ProbeStatus.Up);
        _claims.Add(2, _interval, _now.AddSeconds(9), ProbeStatus.Up);
        _claims.Settle(_now, _now.AddSeconds(2.5)); // both are of this round
        _claims.Settle(_now.AddSeconds(1), _now.AddSeconds(3.5)); // the first was due in this one, and not ours
        Assert.Equal([2L], _claims.Due(_now.AddSeconds(8), _now.AddSeconds(30)).Select(d => d.Id));
    }

    [Fact]
    public void After_a_minute_by_itself_it_stops()
    {
        _claims.Add(1, _interval, _now.AddSeconds(2), ProbeStatus.Up);
        _claims.Settle(_now, _now.AddSeconds(2.5));
        Assert.Single(_claims.Due(_now.AddSeconds(55), _now.AddSeconds(70)));
        Assert.Empty(_claims.Due(_now.AddSeconds(61), _now.AddSeconds(80)));
    }

    [Fact]
    public void Slots_that_went_by_while_the_database_kept_us_waiting_are_left_out()
    {
        _claims.Add(1, _interval, _now.AddSeconds(1), ProbeStatus.Up);
        _claims.Settle(_now, _now);
        var due = Assert.Single(_claims.Due(_now.AddSeconds(25), _now.AddSeconds(40)));
        Assert.Equal(ProbeSchedule.Next(1, _interval, _now.AddSeconds(25)), due.At);
    }
}
