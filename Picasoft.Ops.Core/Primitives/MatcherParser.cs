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
        var end = NameEnd(input);
        if (end <= 0) return Refusal.Invalid(field, Phrase.Of("matcher.no_operator", input));
        var isQuoted = input[0] == '"';
        var name = isQuoted ? Unquoted(input[..end].TrimEnd()) : input[..end].TrimEnd();
        if (name is null || name.Length == 0 || (!isQuoted && !IsBareName(name)))
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
        var written = input[(end + length)..].Trim();
        if (Unquoted(written) is not { } value) return Refusal.Invalid(field, Phrase.Of("matcher.bad_quotes", written));
        try
        {
            return new Matcher(name, kind, value);
        }
        catch (PatternException e)
        {
            return Refusal.Invalid(field, Phrase.Of("matcher.bad_regex", value, e.Why, e.Message)); // the last in the words that Alertmanager's clients know
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

    /// <summary>A name that needs no quotes in any version of Alertmanager.</summary>
    public static bool IsClassicName(string name) =>
        name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or ':') && !char.IsAsciiDigit(name[0]);

    // Since Alertmanager 0.27 a name may be anything; what is reserved or blank needs quotes.
    private static bool IsBareName(string name) => IsClassicName(name) || (name.Any(c => c > 127) && !name.AsSpan().ContainsAny("{}!=~,\\\"'` \t\r\n"));

    private static int NameEnd(string input)
    {
        if (input[0] != '"') return input.AsSpan().IndexOfAny('=', '!');
        for (var i = 1; i < input.Length; i++)
        {
            if (input[i] == '\\') i++;
            else if (input[i] == '"') return input.AsSpan(i + 1).IndexOfAny('=', '!') is >= 0 and var at && input.AsSpan(i + 1, at).IsWhiteSpace() ? i + 1 + at : 0;
        }
        return 0;
    }

    // A backslash that escapes nothing is itself.
    private static string? Unquoted(string text)
    {
        var isQuoted = text.StartsWith('"');
        if (isQuoted && (text.Length < 2 || !text.EndsWith('"'))) return null;
        var end = isQuoted ? text.Length - 1 : text.Length;
        var value = new StringBuilder(text.Length);
        for (var i = isQuoted ? 1 : 0; i < end; i++)
        {
            if (text[i] == '"') return null;
            if (text[i] != '\\') { value.Append(text[i]); continue; }
            if (i + 1 >= text.Length) { value.Append('\\'); break; }
            if (++i >= end) return null; // the last quote is escaped
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
