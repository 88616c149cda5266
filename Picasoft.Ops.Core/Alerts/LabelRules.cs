using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Alerts;

/// <summary>A label rule as people write it: alerts that match get these labels, before anything else looks at them. An empty value takes a label away.</summary>
public sealed record LabelRuleInput : IChecked
{
    [Setting(Required = true, MaxLength = MatcherParser.MaxLength, Example = "job=\"node\"")]
    public IReadOnlyList<string> Match { get; init; } = [];

    [Setting(Required = true, MaxLength = 50)]
    public IReadOnlyDictionary<string, string> Set { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public IEnumerable<FieldError> Check() => MatcherParser.ParseAll(Match, "match").Refusal?.Errors ?? [];
}

/// <summary>
/// Renames and adds labels, rule after rule; each sees what those before it made. Routing, grouping, silences and so on see the outcome; the alert itself keeps what its
/// source sent, so that its identity and what other products read of it stay theirs. Pure.
/// </summary>
public sealed class LabelRules(IReadOnlyList<LabelRuleInput> rules)
{
    private readonly IReadOnlyList<(int Number, IReadOnlyList<Matcher> Match, IReadOnlyDictionary<string, string> Set)> _rules =
        [.. rules.Select((r, i) => (i + 1, MatcherParser.ParseAll(r.Match).Value, r.Set))];

    public bool IsEmpty => _rules.Count == 0;

    public LabelSet Apply(LabelSet labels) => IsEmpty ? labels : Explain(labels).LastOrDefault().After ?? labels;

    /// <summary>The rules that match, in order, and what each makes of the labels.</summary>
    public IEnumerable<(int Number, LabelSet After)> Explain(LabelSet labels) => Walk(labels).Where(r => r.Applies).Select(r => (r.Number, r.After));

    /// <summary>Every rule, in order: whether it matches what those before it made, and what it makes of that.</summary>
    public IEnumerable<(int Number, IReadOnlyList<Matcher> Match, bool Applies, LabelSet After)> Walk(LabelSet labels)
    {
        foreach (var (number, match, set) in _rules)
        {
            var applies = Silencing.Matches(match, labels);
            if (applies) labels = LabelSet.Of(labels.Concat(set)); // the last one counts, an empty value drops
            yield return (number, match, applies, labels);
        }
    }
}
