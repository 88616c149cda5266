using System.Globalization;

namespace Picasoft.Ops.Core.OnCall;

/// <summary>People who take turns without end, on the clock of a wall. Every instant is in exactly one turn. Pure.</summary>
public sealed class Rotation
{
    private static readonly DateOnly _monday = new(2024, 1, 1);

    private readonly IReadOnlyList<string> _people;
    private readonly WallClock _clock;
    private readonly DateTime _anchor;
    private readonly TimeSpan _every;

    public Rotation(RotationInput input, WallClock clock)
    {
        _people = input.People;
        _clock = clock;
        _every = input.Every < TimeSpan.FromMinutes(1) ? TimeSpan.FromMinutes(1) : input.Every;
        var handoff = Handoff.Parse(input.Handoff) ?? new(null, TimeOnly.MinValue);
        var day = DateOnly.TryParseExact(input.StartsOn, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var first) ? first : _monday;
        // A turn of whole weeks begins on its day; one of some days or hours may begin on any.
        if (handoff.Day is { } weekday && _every.Ticks % TimeSpan.FromDays(7).Ticks == 0) day = day.AddDays((((int)weekday - ((int)day.DayOfWeek + 6) % 7) + 7) % 7);
        _anchor = day.ToDateTime(handoff.Time);
    }

    /// <summary>The turns that touch an interval, whole, in order.</summary>
    public IEnumerable<(Span Span, string Person)> Turns(DateTimeOffset from, DateTimeOffset to)
    {
        if (_people.Count == 0) yield break;
        for (var n = IndexAt(from); ; n++)
        {
            var span = new Span(Begin(n), Begin(n + 1));
            if (span.Start >= to) yield break;
            // A turn that lies wholly in the hour that the clock jumps over does not take place.
            if (span.Start < span.End) yield return (span, _people[(int)((n % _people.Count + _people.Count) % _people.Count)]);
        }
    }

    private DateTimeOffset Begin(long n) => _clock.Instant(_anchor + TimeSpan.FromTicks(_every.Ticks * n));

    private long IndexAt(DateTimeOffset at)
    {
        var n = (long)Math.Floor((double)(_clock.Local(at) - _anchor).Ticks / _every.Ticks) + 2;
        while (Begin(n) > at) n--;
        return n;
    }
}
