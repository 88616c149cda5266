using System.Text.RegularExpressions;
using System.Xml.Linq;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Rules;

/// <summary>Every reason that a kind of probe can give is expected, in its words, by a test that checks with that kind: against a real server, for the tests of kinds know no others.</summary>
public sealed partial class EveryReasonTests
{
    private static readonly Dictionary<string, string> _words = XDocument.Load(Path.Combine(Repository.Root, "Picasoft.Ops.Core/Probes/Phrases.resx")).Descendants("data").ToDictionary(d => d.Attribute("name")!.Value, d => d.Element("value")!.Value);

    /// <summary>What others say is no sentence of ours, and what nobody foresaw is seen by nobody.</summary>
    private static readonly string[] _notOurs = ["probe.said", "probe.failed"];

    /// <summary>The tests that check something; that of the sentences themselves proves nothing.</summary>
    private static readonly List<(string File, string Text, List<string> Expected)> _tests =
    [
        .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "Picasoft.Ops.Tests/Core/Probes"), "*.cs").Where(f => Path.GetFileName(f) != "ProbeReasonsTests.cs")
            .Select(f => (f, Text: File.ReadAllText(f))).Select(f => (f.f, f.Text, Literal().Matches(f.Text).Select(m => Hole().Replace(m.Groups["text"].Value, "\0")).ToList())),
    ];

    public static TheoryData<string, string> Reasons => [.. Sources().SelectMany(s => Key().Matches(s.Text).Select(m => m.Groups["key"].Value).Where(k => !k.StartsWith("probe.input.", StringComparison.Ordinal) && !_notOurs.Contains(k)).Distinct().Select(k => (s.Name, k)))];

    [Theory, MemberData(nameof(Reasons))]
    public void It_was_seen(string source, string reason)
    {
        // What a file of its own says, by those who check with it; what several say, by anybody.
        var settings = source.EndsWith("Probe", StringComparison.Ordinal) ? source[..^"Probe".Length] : null;
        var theirs = settings is null ? _tests : _tests.FindAll(t => Regex.IsMatch(t.Text, $@"\b{settings}(Probe)?Settings\b", RegexOptions.None, TimeSpan.FromSeconds(5)) || t.File.EndsWith("PoorMachineTests.cs", StringComparison.Ordinal));
        Assert.True(theirs.Exists(t => t.Expected.Exists(e => Says(e, _words[reason]))), $"{source} can say “{_words[reason]}”, and no test of it has seen that it does");
    }

    [Theory]
    [InlineData("the replica is ", "the replica is {0:for} behind, allowed are {1:for}", true)]
    [InlineData("\0 refuses the sign-in", "{0} refuses the sign-in: {1}", true)]
    [InlineData("took \0, allowed are \0", "{0} is {1}, allowed are {2}", false)]
    [InlineData("connection closed", "connection refused by {0}", false)]
    [InlineData("warning: the cluster is paused", "the cluster is paused: nobody would take over", true)]
    [InlineData("only ", "only {0} connections are free, {1} are expected", true)]
    public void Words_are_recognised_by_their_beginning_or_as_a_whole(string expected, string words, bool same) => Assert.Equal(same, Says(expected, words));

    /// <summary>All the fixed words in their order, or the first of them when they are many.</summary>
    private static bool Says(string expected, string words)
    {
        var parts = Hole().Split(words).Select(p => p.Trim(' ', ':', ',', '(', ')', '%', '\u00a0', '\u202f')).Where(p => p.Length > 1).ToList();
        if (parts.Count == 0) return false;
        var said = Before().Replace(expected, "");
        if (parts[0].Length >= 10 && said.Contains(parts[0], StringComparison.Ordinal)) return true;
        if (said.Length >= 5 && words.StartsWith(said, StringComparison.Ordinal)) return true;
        var at = 0;
        return parts.TrueForAll(p => (at = expected.IndexOf(p, at, StringComparison.Ordinal)) >= 0 && (at += p.Length) > 0);
    }

    private static IEnumerable<(string Name, string Text)> Sources() =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "Picasoft.Ops.Core/Probes/Kinds"), "*.cs").Append(Path.Combine(Repository.Root, "Picasoft.Ops.Core/Probes/ProbeReasons.cs")).Order(StringComparer.Ordinal)
            .Select(f => (Path.GetFileNameWithoutExtension(f), File.ReadAllText(f)));

    /// <summary>What stands before a reason.</summary>
    [GeneratedRegex(@"^(warning: )?(step \d+ \([a-z ]+\): )?", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Before();

    [GeneratedRegex("\"(?<key>probe\\.[a-z_.]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Key();

    [GeneratedRegex("\"(?<text>(\\\\.|[^\"\\\\\n])*)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Literal();

    [GeneratedRegex(@"\{[^}]*\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Hole();
}
