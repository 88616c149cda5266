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
/// A label that is absent counts as empty. Regular expressions are those of Go (<see cref="GoPattern"/>), anchored at both ends, and run on .NET's
/// non-backtracking engine, so no pattern can take more than linear time.
/// </summary>
public sealed class Matcher : IEquatable<Matcher>
{
    private readonly Regex? _regex;

    /// <exception cref="PatternException">The regular expression is not one that runs in linear time, or not one at all.</exception>
    public Matcher(string name, MatchKind kind, string value)
    {
        (Name, Kind, Value) = (name, kind, value);
        if (kind is not (MatchKind.Regex or MatchKind.NotRegex)) return;
        var pattern = GoPattern.ToDotNet(value);
        try
        {
            _ = new Regex(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)); // alone: "a)(b" is right only within our brackets
            _regex = new($@"\A(?:{pattern})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception e) when (e is RegexParseException or NotSupportedException)
        {
            throw new PatternException((e as RegexParseException)?.Error.ToString() ?? e.Message, PatternFault.Of(e, isAsWritten: false), e);
        }
    }

    public string Name { get; }

    public MatchKind Kind { get; }

    public string Value { get; }

    public bool Matches(LabelSet labels) => Matches(labels[Name]);

    /// <summary>Whether it matches this value of its label.</summary>
    public bool Matches(ReadOnlySpan<char> value) => Kind switch
    {
        MatchKind.Equal => value.SequenceEqual(Value),
        MatchKind.NotEqual => !value.SequenceEqual(Value),
        MatchKind.Regex => _regex!.IsMatch(value),
        _ => !_regex!.IsMatch(value),
    };

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
        return MatcherParser.IsClassicName(Name) ? $"{Name}{op}{Quoted(Value)}" : $"{Quoted(Name)}{op}{Quoted(Value)}";
    }

    private static string Quoted(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";
}
