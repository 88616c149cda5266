using System.Text;
using System.Text.RegularExpressions;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Logs.Matching;

/// <summary>
/// One compiled pattern. Knows the literals of which every match must hold one, so that most lines are passed over without it; the expression itself
/// runs in linear time (ADR 8) and sees candidates only. An engine takes a megabyte and ten milliseconds to build, so one is built when its first candidate comes: of hundreds of rules
/// only those that are wanted weigh anything.
/// </summary>
public sealed class LogPattern
{
    private const RegexOptions Linear = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    private readonly Lazy<Regex?> _regex;
    private readonly byte[]? _exact;

    private LogPattern(string text)
    {
        // Parsed, which is cheap, and not built: tells what is no expression at all, and the names.
        Groups = [.. new Regex(text, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)).GetGroupNames().Where(n => !char.IsAsciiDigit(n[0]))];
        var literals = RequiredLiterals.Of(text);
        Literals = literals.Any;
        _exact = literals.Exact is { } exact ? Encoding.UTF8.GetBytes(exact) : null;
        _regex = new(() => Build(text));
    }

    /// <summary>Every match holds one of these (lower-case ASCII, for a scan that ignores case); empty: nothing is known.</summary>
    public IReadOnlyList<string> Literals { get; }

    /// <summary>Its named groups.</summary>
    public IReadOnlyList<string> Groups { get; }

    /// <exception cref="ArgumentException">It is no regular expression. Whether the engine can run it, <see cref="WhyNot"/> tells.</exception>
    public static LogPattern Compile(string pattern) => new(Text(pattern));

    /// <summary>Why a pattern cannot be used; null: it can.</summary>
    public static Phrase? WhyNot(string pattern)
    {
        try
        {
            _ = new Regex(Text(pattern), Linear);
            return null;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException) { return PatternFault.Of(e, isAsWritten: Text(pattern) == pattern); }
    }

    /// <summary>Whether the text holds it.</summary>
    /// <param name="bytes">The text.</param>
    /// <param name="decoded">The same, decoded.</param>
    internal bool IsMatch(ReadOnlySpan<byte> bytes, ReadOnlySpan<char> decoded) => _exact is not null ? bytes.IndexOf(_exact) >= 0 : _regex.Value?.IsMatch(decoded) == true;

    /// <summary>Needs no decoded text.</summary>
    internal bool IsExact => _exact is not null;

    public bool IsMatch(string text) => _regex.Value?.IsMatch(text) == true;

    /// <summary>The named groups that took part in the first match.</summary>
    public IEnumerable<(string Name, string Value)> Extract(string text)
    {
        if (Groups.Count == 0 || _regex.Value?.Match(text) is not { } match) yield break;
        foreach (var name in Groups)
            if (match.Groups[name] is { Success: true } group) yield return (name, group.Value);
    }

    // Go and Python write (?P<name>…); .NET (?<name>…).
    private static string Text(string pattern) => pattern.Replace("(?P<", "(?<", StringComparison.Ordinal);

    // What an older version allowed and this engine cannot run matches nothing: a line must not fail over it.
    private static Regex? Build(string text)
    {
        try { return new Regex(text, Linear); }
        catch (Exception e) when (e is NotSupportedException or ArgumentException) { return null; }
    }
}
