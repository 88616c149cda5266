namespace Picasoft.Ops.Tests.Support;

/// <summary>A clock that goes on and can be put forward: for a program that must go on by itself, and would not under one that stands still.</summary>
public sealed class ForwardClock : TimeProvider
{
    private TimeSpan _ahead;

    public void Advance(TimeSpan by) => _ahead += by;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _ahead;
}
