using System.Text;
using System.Text.RegularExpressions;

namespace Picasoft.Ops.Core.Logs.Matching;

/// <summary>
/// One compiled pattern. Knows the literals of which every match must hold one, so that most lines are passed over without it; the expression itself
/// runs in linear time (ADR 8) and sees candidates only.
/// </summary>
public sealed class LogPattern
{

    private readonly Regex _regex;
    private readonly byte[]? _exact;

    private LogPattern(Regex regex, RequiredLiterals literals)
    {
        _regex = regex;
        Literals = literals.Any;
        _exact = literals.Exact is { } exact ? Encoding.UTF8.GetBytes(exact) : null;
        Groups = [.. regex.GetGroupNames().Where(n => !char.IsAsciiDigit(n[0]))];
    }

    /// <summary>Every match holds one of these (lower-case ASCII, for a scan that ignores case); empty: nothing is known.</summary>
    public IReadOnlyList<string> Literals { get; }

    /// <summary>Its named groups.</summary>
    public IReadOnlyList<string> Groups { get; }

    /// <exception cref="ArgumentException">Not usable; see <see cref="WhyNot"/>.</exception>
    public static LogPattern Compile(string pattern)
    {
        // Go and Python write (?P<name>…); .NET (?<name>…).
        var text = pattern.Replace("(?P<", "(?<", StringComparison.Ordinal);
        var regex = new Regex(text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        return new(regex, RequiredLiterals.Of(text));
    }

    /// <summary>Why a pattern cannot be used, in the engine's words; null: it can.</summary>
    public static string? WhyNot(string pattern)
    {
        try
        {
            _ = Compile(pattern);
            return null;
        }
        catch (RegexParseException e) { return e.Message; }
        catch (NotSupportedException) { return "look-around, back-references and counts that need too many states are not available, because patterns run in linear time"; }
        catch (ArgumentException e) { return e.Message; }
    }

    /// <summary>Whether the text holds it.</summary>
    /// <param name="bytes">The text.</param>
    /// <param name="decoded">The same, decoded.</param>
    internal bool IsMatch(ReadOnlySpan<byte> bytes, ReadOnlySpan<char> decoded) => _exact is not null ? bytes.IndexOf(_exact) >= 0 : _regex.IsMatch(decoded);

    /// <summary>Needs no decoded text.</summary>
    internal bool IsExact => _exact is not null;

    public bool IsMatch(string text) => _regex.IsMatch(text);

    /// <summary>The named groups that took part in the first match.</summary>
    public IEnumerable<(string Name, string Value)> Extract(string text)
    {
        if (Groups.Count == 0) yield break;
        var match = _regex.Match(text);
        foreach (var name in Groups)
            if (match.Groups[name] is { Success: true } group) yield return (name, group.Value);
    }
}
