using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Alerts;

/// <summary>An inhibition as people write it: while an alert that matches the source goes on, those that match the target page nobody, if the named labels are equal. Alertmanager's.</summary>
public sealed record InhibitInput : IChecked
{
    [Setting(Required = true, MaxLength = MatcherParser.MaxLength, Example = "alertname=\"host_down\"")]
    public IReadOnlyList<string> SourceMatch { get; init; } = [];

    [Setting(Required = true, MaxLength = MatcherParser.MaxLength, Example = "severity=\"low\"")]
    public IReadOnlyList<string> TargetMatch { get; init; } = [];

    /// <summary>Labels that must be the same in both; one that both lack is the same.</summary>
    [Setting(MaxLength = 100)]
    public IReadOnlyList<string> Equal { get; init; } = [];

    public IEnumerable<FieldError> Check() =>
        (MatcherParser.ParseAll(SourceMatch, "source_match").Refusal?.Errors ?? []).Concat(MatcherParser.ParseAll(TargetMatch, "target_match").Refusal?.Errors ?? []);
}

/// <summary>An inhibition, ready to judge.</summary>
/// <param name="Number">Where it stands, as people count.</param>
public sealed record InhibitRule(int Number, IReadOnlyList<Matcher> Source, IReadOnlyList<Matcher> Target, IReadOnlyList<string> Equal)
{
    public static InhibitRule Of(InhibitInput input, int number) =>
        new(number, MatcherParser.ParseAll(input.SourceMatch).Value, MatcherParser.ParseAll(input.TargetMatch).Value, input.Equal);
}

/// <summary>Which alert holds which one back, at one instant. Pure; as many steps as there are rules for each question, however many alerts go on.</summary>
public sealed class Inhibiting
{
    private readonly List<(InhibitRule Rule, Dictionary<string, List<LabelSet>> Sources)> _rules;

    /// <param name="active">The labels of the alerts that go on; only sources are kept.</param>
    public Inhibiting(IReadOnlyList<InhibitRule> rules, IEnumerable<LabelSet> active)
    {
        _rules = [.. rules.Select(r => (r, new Dictionary<string, List<LabelSet>>(StringComparer.Ordinal)))];
        if (_rules.Count == 0) return;
        foreach (var labels in active)
        {
            foreach (var (rule, sources) in _rules)
            {
                if (!Silencing.Matches(rule.Source, labels)) continue;
                var key = KeyOf(rule, labels);
                if (!sources.TryGetValue(key, out var same)) sources.Add(key, same = []);
                // Two tell as much as a thousand: one may be the target itself, or be a target of the same rule.
                if (same.Count < 2 || !Silencing.Matches(rule.Target, labels)) same.Add(labels);
            }
        }
    }

    /// <summary>No alert that goes on holds back others.</summary>
    public bool IsEmpty => _rules.TrueForAll(r => r.Sources.Count == 0);

    /// <summary>
    /// The rule and the alert that hold one back; null when none does. An alert that is both source and target of a rule is not held back by another such one
    /// (else two alerts would hold back each other): Alertmanager's rule.
    /// </summary>
    public (InhibitRule Rule, LabelSet Source)? Of(LabelSet labels)
    {
        foreach (var (rule, sources) in _rules)
        {
            if (sources.Count == 0 || !Silencing.Matches(rule.Target, labels) || !sources.TryGetValue(KeyOf(rule, labels), out var same)) continue;
            var isSource = Silencing.Matches(rule.Source, labels);
            if (same.Find(s => !isSource || !Silencing.Matches(rule.Target, s)) is { } source) return (rule, source);
        }
        return null;
    }

    private static string KeyOf(InhibitRule rule, LabelSet labels) => string.Join('\u0001', rule.Equal.Select(name => labels[name]));
}
