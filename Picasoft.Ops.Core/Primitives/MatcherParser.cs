using System.Text;

namespace Picasoft.Ops.Core.Primitives;

/// <summary>Reads matchers as Alertmanager's users write them: <c>name="value"</c>, quotes optional, <c>= != =~ !~</c>, a list within braces.</summary>
public static class MatcherParser
{
    /// <summary>The longest matcher accepted, in characters.</summary>
    public const int MaxLength = 4096;

    /// <summary>One matcher. On failure the phrase says what is wrong.</summary>
    public static Outcome<Matcher> Parse(string? text, string field = "matchers")
    {
        var input = (text ?? "").Trim();
        if (input.Length == 0) return Refusal.Invalid(field, Phrase.Of("matcher.empty"));
        if (input.Length > MaxLength) return Refusal.Invalid(field, Phrase.Of("input.too_long", MaxLength));
        var end = input.AsSpan().IndexOfAny('=', '!');
        if (end <= 0) return Refusal.Invalid(field, Phrase.Of("matcher.no_operator", input));
        var name = Unquoted(input[..end].Trim());
        if (name is null || name.Length == 0 || (!IsLabelName(name) && !input.StartsWith('"')))
            return Refusal.Invalid(field, Phrase.Of("matcher.bad_name", input[..end].Trim()));
        var (kind, length) = input[end..] switch
        {
            ['=', '~', ..] => (MatchKind.Regex, 2),
            ['!', '~', ..] => (MatchKind.NotRegex, 2),
            ['!', '=', ..] => (MatchKind.NotEqual, 2),
            ['=', ..] => (MatchKind.Equal, 1),
            _ => (default, 0),
        };
        if (length == 0) return Refusal.Invalid(field, Phrase.Of("matcher.no_operator", input));
        var value = Unquoted(input[(end + length)..].Trim());
        if (value is null) return Refusal.Invalid(field, Phrase.Of("matcher.bad_quotes", input));
        try
        {
            return new Matcher(name, kind, value);
        }
        catch (ArgumentException e)
        {
            return Refusal.Invalid(field, Phrase.Of("matcher.bad_regex", value, e.Message));
        }
    }

    /// <summary>Several, each in its own text; every error is reported.</summary>
    public static Outcome<IReadOnlyList<Matcher>> ParseAll(IEnumerable<string> texts, string field = "matchers")
    {
        var matchers = new List<Matcher>();
        var errors = new List<FieldError>();
        foreach (var (index, text) in texts.Index())
        {
            var one = Parse(text, $"{field}[{index}]");
            if (one.Refusal is { } refusal) errors.AddRange(refusal.Errors);
            else matchers.Add(one.Value);
        }
        return errors.Count > 0 ? Refusal.Invalid(errors) : matchers;
    }

    private static bool IsLabelName(string name) =>
        name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or ':') && !char.IsAsciiDigit(name[0]);

    private static string? Unquoted(string text)
    {
        if (!text.StartsWith('"')) return text.Contains('"', StringComparison.Ordinal) ? null : text;
        if (text.Length < 2 || !text.EndsWith('"')) return null;
        var value = new StringBuilder(text.Length);
        for (var i = 1; i < text.Length - 1; i++)
        {
            if (text[i] == '"') return null;
            if (text[i] != '\\') { value.Append(text[i]); continue; }
            if (++i >= text.Length - 1) return null;
            switch (text[i])
            {
                case 'n': value.Append('\n'); break;
                case '"' or '\\': value.Append(text[i]); break;
                default: value.Append('\\').Append(text[i]); break;
            }
        }
        return value.ToString();
    }
}
