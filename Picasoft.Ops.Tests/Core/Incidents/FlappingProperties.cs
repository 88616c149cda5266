using CsCheck;
using Picasoft.Ops.Core.Incidents;

namespace Picasoft.Ops.Tests.Core.Incidents;

/// <summary>Flapping begins with many changes and ends with few, and does not itself come and go.</summary>
public class FlappingProperties
{
    private static readonly DateTimeOffset _start = new(2026, 11, 25, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Instants of changes within four hours, in seconds.</summary>
    private static readonly Gen<List<DateTimeOffset>> _changes = Gen.Int[0, 4 * 3600].List[0, 40].Select(s => s.Select(at => _start.AddSeconds(at)).ToList());

    private static readonly Gen<DateTimeOffset> _now = Gen.Int[0, 5 * 3600].Select(at => _start.AddSeconds(at));

    [Fact]
    public void What_would_begin_to_flap_goes_on_flapping() => Gen.Select(_changes, _now).Sample((changes, now) => !Flapping.Is(false, changes, now) || Flapping.Is(true, changes, now));

    [Fact]
    public void More_changes_never_calm_it() => Gen.Select(_changes, _changes, _now, Gen.Bool).Sample((some, more, now, was) => !Flapping.Is(was, some, now) || Flapping.Is(was, some.Concat(more), now));

    [Fact]
    public void Only_the_changes_of_the_window_count_in_whatever_order() => Gen.Select(_changes, _now, Gen.Bool, Gen.Int[-5000, 5000]).Sample((changes, now, was, shift) =>
    {
        var within = changes.Where(c => c <= now && now - c < Flapping.Window).OrderDescending();
        Assert.Equal(Flapping.Is(was, within, now), Flapping.Is(was, changes, now));
        var by = TimeSpan.FromSeconds(shift);
        Assert.Equal(Flapping.Is(was, changes, now), Flapping.Is(was, changes.Select(c => c + by), now + by));
        Assert.False(Flapping.Is(was, changes, _start.AddHours(4) + Flapping.Window)); // a whole window without a change
    });

    [Fact]
    public void It_does_not_flap_between_flapping_and_not() => _changes.Sample(changes =>
    {
        var (flaps, since, begun) = (false, DateTimeOffset.MinValue, 0);
        for (var now = _start; now <= _start.AddHours(5); now += TimeSpan.FromSeconds(30))
        {
            var next = Flapping.Is(flaps, changes, now);
            if (next == flaps) continue;
            // Between calm and restless so many must have come that were not there, in either direction.
            if (next) begun++;
            var fresh = changes.Count(c => c > since && c <= now);
            if (next) Assert.True(fresh >= Flapping.Begins - Flapping.Ends, $"it begins again at {now:t} after {fresh} changes");
            (flaps, since) = (next, now);
        }
        Assert.False(flaps);
        Assert.True(begun <= changes.Count / (Flapping.Begins - Flapping.Ends) + 1);
    });
}
