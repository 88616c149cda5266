using System.Text.RegularExpressions;

namespace Picasoft.Ops.Core.Logs.Patterns;

/// <summary>The rule that a kind of line begins as, when somebody wants to be told of it. Pure.</summary>
public static partial class PatternRules
{
    private const int MaxWords = 3;

    /// <summary>Named after the program and the first words, found wherever its fixed words stand in this order.</summary>
    public static LogRuleInput Of(LearntPattern kind)
    {
        var words = Word().Matches($"{kind.App} {kind.Text}").Select(m => m.Value.ToLowerInvariant()).Distinct(StringComparer.Ordinal).Take(MaxWords + 1);
        var name = string.Join('-', words);
        return new()
        {
            Name = name.Length > 60 ? name[..60] : name,
            Title = kind.Text.Length > 200 ? kind.Text[..199] + "…" : kind.Text,
            Match = Pattern.Parse(0, kind.Key).ToExpression(),
            Source = new() { App = kind.App.Length > 0 ? [kind.App] : [] },
        };
    }

    // What a name may hold; holes are no words.
    [GeneratedRegex("[A-Za-z][A-Za-z0-9]{1,19}", RegexOptions.NonBacktracking)]
    private static partial Regex Word();
}
