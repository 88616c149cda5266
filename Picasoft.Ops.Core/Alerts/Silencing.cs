using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Alerts;

/// <summary>Which silences mute what, at one instant. Pure; matchers are parsed once.</summary>
public sealed class Silencing
{
    private readonly IReadOnlyList<(Silence Silence, IReadOnlyList<Matcher> Matchers)> _active;

    /// <param name="silences">Any; only those active at <paramref name="now"/> count. One whose matchers cannot be read mutes nothing: rather one page too many.</param>
    public Silencing(IEnumerable<Silence> silences, DateTimeOffset now) => _active =
        [.. silences.Where(s => s.StateAt(now) == SilenceState.Active).Select(s => (s, Matchers: MatcherParser.ParseAll(s.Matchers))).Where(s => s.Matchers.IsDone && s.Matchers.Value.Count > 0).Select(s => (s.s, s.Matchers.Value))];

    /// <summary>No silence is active.</summary>
    public bool IsEmpty => _active.Count == 0;

    /// <summary>The silences that mute an alert with these labels.</summary>
    public IEnumerable<Silence> Muting(LabelSet labels) => _active.Where(s => Matches(s.Matchers, labels)).Select(s => s.Silence);

    /// <summary>Whether all matchers match.</summary>
    public static bool Matches(IEnumerable<Matcher> matchers, LabelSet labels) => matchers.All(m => m.Matches(labels));
}
