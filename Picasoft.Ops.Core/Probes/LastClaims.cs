namespace Picasoft.Ops.Core.Probes;

/// <summary>
/// What this node claimed and nobody has claimed since. While the database is away the node goes on with that by itself: a failover of the database
/// must not make it blind, and what breaks with the database is told as soon as it is back. What the checks find waits in <see cref="ProbeResultIntake"/>.
/// Pure; not safe for several threads.
/// </summary>
public sealed class LastClaims
{
    /// <summary>For so long after the last claim. What one node believes by itself is worth less with time, and so much fits into memory.</summary>
    public static readonly TimeSpan Alone = TimeSpan.FromMinutes(1);

    private readonly Dictionary<long, Claim> _claims = [];
    private DateTimeOffset _claimedAt = DateTimeOffset.MinValue;
    private long _round;

    /// <param name="next">Its next slot, claimed by nobody yet.</param>
    public void Add(long id, TimeSpan interval, DateTimeOffset next, ProbeStatus status) => _claims[id] = new(interval, next, status, _round);

    /// <summary>A round that began at <paramref name="now"/> has claimed all that was due until <paramref name="until"/>: what of it was not ours is somebody else's by now.</summary>
    public void Settle(DateTimeOffset now, DateTimeOffset until)
    {
        foreach (var (id, claim) in _claims)
            if (claim.Round != _round && claim.Next <= until) _claims.Remove(id);
        (_claimedAt, _round) = (now, _round + 1);
    }

    /// <summary>What is due until <paramref name="until"/>, each once; slots that went by are left out.</summary>
    public IReadOnlyList<(long Id, DateTimeOffset At, ProbeStatus Status)> Due(DateTimeOffset now, DateTimeOffset until)
    {
        if (now - _claimedAt > Alone) return [];
        var due = new List<(long, DateTimeOffset, ProbeStatus)>();
        foreach (var (id, claim) in _claims)
        {
            var at = claim.Next >= now ? claim.Next : ProbeSchedule.Next(id, claim.Interval, now);
            if (at > until) continue;
            due.Add((id, at, claim.Status));
        }
        foreach (var (id, at, _) in due) _claims[id] = _claims[id] with { Next = ProbeSchedule.Next(id, _claims[id].Interval, at) };
        return due;
    }

    private readonly record struct Claim(TimeSpan Interval, DateTimeOffset Next, ProbeStatus Status, long Round);
}
