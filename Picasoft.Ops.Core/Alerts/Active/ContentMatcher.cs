using System.Text;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Alerts.Active;

/// <summary>A <see cref="Matcher"/> that looks at labels where they lie, as UTF-8.</summary>
public sealed class ContentMatcher(Matcher matcher)
{
    private readonly byte[] _name = Encoding.UTF8.GetBytes(matcher.Name);
    private readonly byte[] _value = Encoding.UTF8.GetBytes(matcher.Value);

    public Matcher Matcher => matcher;

    public bool Matches(AlertContent alert)
    {
        var value = alert[_name];
        if (matcher.Kind == MatchKind.Equal) return value.SequenceEqual(_value);
        if (matcher.Kind == MatchKind.NotEqual) return !value.SequenceEqual(_value);
        Span<char> chars = stackalloc char[256];
        return value.Length <= chars.Length ? matcher.Matches(chars[..Encoding.UTF8.GetChars(value, chars)]) : matcher.Matches(Encoding.UTF8.GetString(value));
    }

    public static bool All(ContentMatcher[] matchers, AlertContent alert)
    {
        foreach (var one in matchers)
            if (!one.Matches(alert)) return false;
        return true;
    }
}
