namespace Picasoft.Ops.Core.OnCall;

/// <summary>Why somebody is on call.</summary>
public enum ShiftSource
{
    /// <summary>Their turn in a rotation.</summary>
    Rotation,
    /// <summary>They wrote themselves in.</summary>
    Shift,
    /// <summary>Somebody stands in for whoever it would have been.</summary>
    Override,
}

/// <summary>Somebody is on call.</summary>
/// <param name="Layer">Which layer, from 1; 0: none, it was written in by hand.</param>
/// <param name="ChangeId">The <see cref="OnCallChange"/> it comes from.</param>
public sealed record Shift(string Person, Span Span, ShiftSource Source, int Layer, long? ChangeId)
{
    public DateTimeOffset Start => Span.Start;

    public DateTimeOffset End => Span.End;
}

/// <summary>Nobody is on call, and somebody should be.</summary>
/// <param name="End">Null: as far as <see cref="OnCallCalendar.Ahead"/> nobody comes after it.</param>
public sealed record Gap(DateTimeOffset Start, DateTimeOffset? End)
{
    public bool Touches(Span span) => Start < span.End && (End is not { } end || end > span.Start);
}

/// <summary>
/// Who is on call when, of one schedule: its rotations, and what people changed by hand. An override stands in for everything else (of several the last written);
/// a shift that somebody wrote in comes before the rotations; of the layers the last one that has somebody counts. Pure.
/// </summary>
public sealed class OnCallCalendar
{
    /// <summary>Longest interval that is asked for at once.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(400);

    /// <summary>So far around an instant a shift is looked at: one that ends there goes on.</summary>
    public static readonly TimeSpan Around = TimeSpan.FromDays(31);

    /// <summary>So far beyond an interval the end of a gap is looked for.</summary>
    public static readonly TimeSpan Ahead = TimeSpan.FromDays(62);

    private readonly IReadOnlyList<OnCallChange> _changes;
    private readonly IReadOnlyList<(Rotation Rotation, IReadOnlyList<HoursInput> Only)> _layers;

    public OnCallCalendar(ScheduleInput schedule, IEnumerable<OnCallChange> changes)
    {
        Schedule = schedule;
        Clock = WallClock.Of(schedule.TimeZone);
        _layers = [.. schedule.AllLayers.Select(l => (new Rotation(l.Rotation, Clock), l.Only))];
        _changes = [.. changes.Where(c => c.Schedule == schedule.Name).OrderBy(c => c.Id)];
    }

    public ScheduleInput Schedule { get; }

    public WallClock Clock { get; }

    /// <summary>Everybody a rotation names.</summary>
    public IReadOnlyList<string> People => [.. Schedule.AllLayers.SelectMany(l => l.Rotation.People).Distinct(StringComparer.Ordinal)];

    /// <summary>Who is on call at an instant, with the whole shift as far as it is looked at; nobody: a gap.</summary>
    public IReadOnlyList<Shift> At(DateTimeOffset at) => [.. Shifts(at - Around, at + Around).Where(s => s.Span.Contains(at))];

    /// <summary>All shifts that touch an interval, cut to it, in order of their beginning.</summary>
    public IReadOnlyList<Shift> Shifts(DateTimeOffset from, DateTimeOffset to)
    {
        var done = new List<Shift>();
        var open = new List<Shift>();
        foreach (var (span, owners) in Segments(from, to))
        {
            var next = new List<Shift>();
            foreach (var owner in owners)
            {
                var known = open.Find(o => o.Person == owner.Person && o.Source == owner.Source && o.Layer == owner.Layer && o.ChangeId == owner.ChangeId && o.End == span.Start);
                // Two turns of one person after each other are one shift; the end of a rotation of one is nothing to hand over.
                next.Add(known is null ? owner : known with { Span = new(known.Start, span.End) });
            }
            done.AddRange(open.Where(o => !next.Exists(n => n.Start == o.Start && n.Person == o.Person && n.ChangeId == o.ChangeId && n.Layer == o.Layer)));
            open = next;
        }
        done.AddRange(open);
        return [.. done.OrderBy(s => s.Start).ThenBy(s => s.Person, StringComparer.Ordinal)];
    }

    /// <summary>When nobody is on call and somebody should be: what touches an interval, each from where it begins in it to its own end.</summary>
    public IReadOnlyList<Gap> Gaps(DateTimeOffset from, DateTimeOffset to)
    {
        var gaps = new List<Span>();
        var horizon = to + Ahead;
        var excused = Clock.Windows(Schedule.BestEffort, from, horizon).ToList();
        foreach (var (span, owners) in Segments(from, horizon))
        {
            if (owners.Count > 0 || excused.Exists(e => e.Contains(span.Start))) continue;
            if (gaps.Count > 0 && gaps[^1].End == span.Start) gaps[^1] = new(gaps[^1].Start, span.End);
            else if (span.Start < to) gaps.Add(span);
            else break;
        }
        return [.. gaps.Select(g => new Gap(g.Start, g.End < horizon ? g.End : null))];
    }

    /// <summary>Whether nobody is promised at an instant.</summary>
    public bool IsBestEffort(DateTimeOffset at) => Clock.Windows(Schedule.BestEffort, at, at.AddTicks(1)).Any();

    /// <summary>The interval, cut wherever something begins or ends, and who is on call in each part.</summary>
    private IEnumerable<(Span Span, IReadOnlyList<Shift> Owners)> Segments(DateTimeOffset from, DateTimeOffset to)
    {
        if (to <= from) yield break;
        var whole = new Span(from, to);
        var changes = _changes.Where(c => c.Span.Touches(whole)).ToList();
        var layers = _layers.Select(l => (Turns: l.Rotation.Turns(from, to).ToList(), Only: l.Only.Count == 0 ? null : Clock.Windows(l.Only, from, to).ToList())).ToList();
        var cuts = changes.Select(c => c.Span)
            .Concat(layers.SelectMany(l => l.Turns.Select(t => t.Span).Concat(l.Only ?? [])))
            .Concat(Clock.Windows(Schedule.BestEffort, from, to))
            .SelectMany(s => new[] { s.Start, s.End }).Where(c => c > from && c < to).Append(from).Append(to).Distinct().Order().ToList();
        var places = new int[layers.Count];
        for (var i = 0; i + 1 < cuts.Count; i++)
        {
            var span = new Span(cuts[i], cuts[i + 1]);
            yield return (span, Owners(span, changes, layers, places));
        }
    }

    private static IReadOnlyList<Shift> Owners(Span span, List<OnCallChange> changes, List<(List<(Span Span, string Person)> Turns, List<Span>? Only)> layers, int[] places)
    {
        var written = changes.Where(c => c.Span.Contains(span.Start)).ToList();
        if (written.FindLast(c => c.Kind == OnCallChangeKind.Override) is { } stand) return [new(stand.Person, span, ShiftSource.Override, 0, stand.Id)];
        if (written.Count > 0) return [.. written.DistinctBy(c => c.Person, StringComparer.Ordinal).Select(c => new Shift(c.Person, span, ShiftSource.Shift, 0, c.Id))];
        for (var layer = layers.Count - 1; layer >= 0; layer--)
        {
            var (turns, only) = layers[layer];
            if (only is not null && !only.Exists(o => o.Contains(span.Start))) continue;
            while (places[layer] < turns.Count && turns[places[layer]].Span.End <= span.Start) places[layer]++;
            if (places[layer] < turns.Count && turns[places[layer]].Span.Contains(span.Start)) return [new(turns[places[layer]].Person, span, ShiftSource.Rotation, layer + 1, null)];
        }
        return [];
    }
}
