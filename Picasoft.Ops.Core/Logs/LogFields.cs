using System.Text;
using Picasoft.Ops.Core.Logs.Matching;

namespace Picasoft.Ops.Core.Logs;

/// <summary>What a rule took out of a line: <c>host</c>, <c>app</c>, and the named groups of its pattern. Pure.</summary>
public static class LogFields
{
    public const string Host = "host";
    public const string App = "app";

    /// <summary>Longest value kept of a field, in characters.</summary>
    public const int MaxValue = 200;

    /// <summary>The fields that a pattern gives.</summary>
    public static IReadOnlyList<string> Of(LogPattern pattern) => [Host, App, .. pattern.Groups];

    /// <summary>The values in one line that matched.</summary>
    public static IReadOnlyDictionary<string, string> Extract(LogPattern pattern, string host, string app, string text)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal) { [Host] = host, [App] = app };
        foreach (var (name, value) in pattern.Extract(text)) fields[name] = Cut(value, MaxValue);
        return fields;
    }

    /// <summary>The values of some fields as one text, for counting apart; empty when nothing is.</summary>
    public static string Key(IReadOnlyList<string> by, IReadOnlyDictionary<string, string> fields) =>
        by.Count == 0 ? "" : string.Join('\u001f', by.Select(b => fields.GetValueOrDefault(b, "")));

    /// <summary>The beginning of a text, at most so many characters, and no half of one.</summary>
    public static string Cut(string text, int max) => text.Length <= max ? text : text[..(char.IsHighSurrogate(text[max - 1]) ? max - 1 : max)];

    /// <summary>Bytes of a log as text that can be stored and shown: broken UTF-8 and control characters are replaced, tabs kept.</summary>
    public static string Text(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);
        return text.AsSpan().IndexOfAnyInRange('\0', '\u001f') < 0 ? text : string.Create(text.Length, text, (to, from) =>
        {
            for (var i = 0; i < to.Length; i++) to[i] = from[i] < ' ' && from[i] != '\t' ? '\uFFFD' : from[i];
        });
    }
}
