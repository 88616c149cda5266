using System.Text.RegularExpressions;

namespace Picasoft.Ops.Core.Primitives;

/// <summary>How a matcher compares.</summary>
public enum MatchKind
{
    Equal,
    NotEqual,
    Regex,
    NotRegex,
}

/// <summary>
/// One condition on a label, as in Alertmanager: <c>service="mail"</c>, <c>severity=~"critical|high"</c>.
/// A label that is absent counts as empty. Regular expressions are anchored at both ends and run on .NET's
/// non-backtracking engine, so no pattern can take more than linear time.
/// </summary>
public sealed class Matcher : IEquatable<Matcher>
{
    private readonly Regex? _regex;

    /// <exception cref="ArgumentException">The regular expression is not one that runs in linear time, or not one at all.</exception>
    public Matcher(string name, MatchKind kind, string value)
    {
        (Name, Kind, Value) = (name, kind, value);
        if (kind is MatchKind.Regex or MatchKind.NotRegex) _regex = Linear($"^(?:{value})$");
    }

    public string Name { get; }

    public MatchKind Kind { get; }

    public string Value { get; }

    public bool Matches(LabelSet labels)
    {
        var value = labels[Name];
        return Kind switch
        {
            MatchKind.Equal => string.Equals(value, Value, StringComparison.Ordinal),
            MatchKind.NotEqual => !string.Equals(value, Value, StringComparison.Ordinal),
            MatchKind.Regex => _regex!.IsMatch(value),
            _ => !_regex!.IsMatch(value),
        };
    }

    /// <summary>A regular expression without backtracking: user text, so it must not be able to hang the product (ReDoS).</summary>
    /// <exception cref="ArgumentException">Not a regular expression, or one with look-around or back-references.</exception>
    public static Regex Linear(string pattern)
    {
        try
        {
            return new(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline);
        }
        catch (NotSupportedException e)
        {
            throw new ArgumentException(e.Message, nameof(pattern), e);
        }
    }

    public bool Equals(Matcher? other) => other is not null && Kind == other.Kind && Name == other.Name && Value == other.Value;

    public override bool Equals(object? obj) => Equals(obj as Matcher);

    public override int GetHashCode() => HashCode.Combine(Name, Kind, Value);

    /// <summary>The form that <see cref="MatcherParser"/> reads back.</summary>
    public override string ToString()
    {
        var op = Kind switch { MatchKind.Equal => "=", MatchKind.NotEqual => "!=", MatchKind.Regex => "=~", _ => "!~" };
        return $"{Name}{op}\"{Value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";
    }
}
