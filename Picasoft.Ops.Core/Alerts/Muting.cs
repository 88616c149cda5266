using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Alerts;

/// <summary>Why an alert pages nobody now.</summary>
public enum MuteKind
{
    Silence,
    Maintenance,
    Inhibition,
}

/// <summary>One reason why an alert pages nobody now.</summary>
/// <param name="Name">The silence's number, the window's name, the rule's number.</param>
/// <param name="Until">When it ends, as far as is known.</param>
/// <param name="Words">For the timeline.</param>
public sealed record Mute(MuteKind Kind, string Name, DateTimeOffset? Until, Phrase Words);

/// <summary>All that holds paging back, at one instant: silences, maintenance windows, inhibition. Pure.</summary>
public sealed class Muting(Silencing silences, IReadOnlyList<Maintenance> windows, Inhibiting inhibiting, DateTimeOffset now)
{
    private readonly IReadOnlyList<(Maintenance Window, DateTimeOffset Until)> _open = [.. windows.Select(w => (w, End: w.EndAt(now))).Where(w => w.End is not null).Select(w => (w.w, w.End!.Value))];

    /// <summary>Nothing is held back.</summary>
    public bool IsEmpty => silences.IsEmpty && _open.Count == 0 && inhibiting.IsEmpty;

    /// <summary>Every reason, the one that lasts longest first.</summary>
    public IReadOnlyList<Mute> Of(LabelSet labels)
    {
        var found = silences.Muting(labels).Select(s => new Mute(MuteKind.Silence, $"#{s.Id}", s.EndsAt, Phrase.Of("mute.silence", s.Id, s.EndsAt)))
            .Concat(_open.Where(w => w.Window.Covers(labels)).Select(w => new Mute(MuteKind.Maintenance, w.Window.Name, w.Until, Phrase.Of("mute.maintenance", w.Window.Name, w.Until)))).ToList();
        if (inhibiting.Of(labels) is var (rule, source)) found.Add(new(MuteKind.Inhibition, $"{rule.Number}", null, Phrase.Of("mute.inhibition", AlertWords.NameOf(source), rule.Number)));
        return [.. found.OrderByDescending(m => m.Until ?? DateTimeOffset.MaxValue)];
    }

    /// <summary>
    /// What holds an incident back: every alert that goes on is muted. Of those the one that ends first, because then paging begins.
    /// Null when an alert is free, or when there is none (declared by hand).
    /// </summary>
    public Mute? Holding(IEnumerable<LabelSet> active)
    {
        Mute? first = null;
        foreach (var labels in active)
        {
            var longest = Of(labels);
            if (longest.Count == 0) return null;
            if (first is null || (longest[0].Until ?? DateTimeOffset.MaxValue) < (first.Until ?? DateTimeOffset.MaxValue)) first = longest[0];
        }
        return first;
    }
}
