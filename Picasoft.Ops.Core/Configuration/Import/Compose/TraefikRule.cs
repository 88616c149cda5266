namespace Picasoft.Ops.Core.Configuration.Import.Compose;

/// <summary>One condition: <c>PathPrefix(`/x`)</c>.</summary>
/// <param name="Name">In small letters.</param>
public sealed record TraefikCondition(string Name, IReadOnlyList<string> Values);

/// <summary>
/// The rules of Traefik 2 and 3: conditions, <c>!</c>, <c>&amp;&amp;</c>, <c>||</c> and brackets. Source: Traefik's documentation, "Rule". Pure.
/// </summary>
public sealed class TraefikRule
{
    private const int MaxLength = 4096, MaxWays = 100, MaxDepth = 20;

    private readonly string _text;
    private int _at;

    private TraefikRule(string text) => _text = text;

    /// <summary>The ways in which a request can match: all conditions of one of them. What must not be is left out. Null: this is no such rule.</summary>
    public static List<List<TraefikCondition>>? Of(string rule)
    {
        if (rule.Length > MaxLength) return null;
        var reader = new TraefikRule(rule);
        var ways = reader.Either(0);
        return ways is null || reader.Next() != '\0' ? null : ways;
    }

    private List<List<TraefikCondition>>? Either(int depth)
    {
        var ways = Both(depth);
        while (ways is not null && Takes("||"))
        {
            if (Both(depth) is not { } more || ways.Count + more.Count > MaxWays) return null;
            ways.AddRange(more);
        }
        return ways;
    }

    private List<List<TraefikCondition>>? Both(int depth)
    {
        var ways = One(depth);
        while (ways is not null && Takes("&&"))
        {
            if (One(depth) is not { } more || ways.Count * more.Count > MaxWays) return null;
            ways = [.. ways.SelectMany(way => more.Select(other => (List<TraefikCondition>)[.. way, .. other]))];
        }
        return ways;
    }

    private List<List<TraefikCondition>>? One(int depth)
    {
        if (depth > MaxDepth) return null;
        if (Takes("!")) return One(depth + 1) is null ? null : [[]];
        if (!Takes("(")) return Condition() is { } condition ? [[condition]] : null;
        return Either(depth + 1) is { } inner && Takes(")") ? inner : null;
    }

    private TraefikCondition? Condition()
    {
        _ = Next();
        var from = _at;
        while (_at < _text.Length && char.IsAsciiLetterOrDigit(_text[_at])) _at++;
        var name = _text[from.._at].ToLowerInvariant();
        if (name.Length == 0 || !Takes("(")) return null;
        var values = new List<string>();
        while (!Takes(")"))
        {
            var quote = Next();
            if (quote is not ('`' or '"' or '\'') || _text.IndexOf(quote, _at + 1) is not (> 0 and var end)) return null;
            values.Add(_text[(_at + 1)..end]);
            _at = end + 1;
            _ = Takes(",");
        }
        return new(name, values);
    }

    private bool Takes(string word)
    {
        _ = Next();
        if (string.CompareOrdinal(_text, _at, word, 0, word.Length) != 0) return false;
        _at += word.Length;
        return true;
    }

    /// <summary>What comes after white space; the end is a zero.</summary>
    private char Next()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at])) _at++;
        return _at < _text.Length ? _text[_at] : '\0';
    }
}
