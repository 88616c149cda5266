using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using Picasoft.Ops.Core.Logs;
using Picasoft.Ops.Core.Logs.Matching;
using Picasoft.Ops.Core.Logs.Syslog;

namespace Picasoft.Ops.Tests.Core.Logs;

public sealed class RequiredLiteralsTests
{
    [Theory]
    [InlineData("status=deferred", "status=deferred")]
    [InlineData(@"Failed password for (?:invalid user )?(?<user>\S+)", "failed password for ")]
    [InlineData("(?i)Out Of Memory", "out of memory")]
    [InlineData("segfault|general protection", "segfault,general protection")]
    [InlineData(@"^\d+ oom-kill:", " oom-kill:")]
    [InlineData("(error)+ here", "error")]
    [InlineData("(error)* here", " here")]
    [InlineData("colou?r", "colo")]
    [InlineData(@"\x41BC\.d", "abc.d")]
    [InlineData("[abc]xyz[^]]end of it", "end of it")]
    [InlineData("(?i)Éric dort", "ric dort")]
    [InlineData("a|bcd", "")]
    [InlineData(@"\w+", "")]
    [InlineData("(ab)", "")]
    public void What_every_match_must_hold_is_read_from_the_pattern(string pattern, string literals) =>
        Assert.Equal(literals, string.Join(',', LogPattern.Compile(pattern).Literals));

    /// <summary>The one promise: no line that the expression matches is passed over.</summary>
    [Fact]
    public void No_match_is_lost_to_the_literals()
    {
        var word = OneOf("status", "Error", "disk", "full", "é", "x", "I/O", "a.b", "UPPER");
        var atom = Gen.OneOf(
            word.Select(Regex.Escape), word.Select(w => $"(?:{Regex.Escape(w)})?"), word.Select(w => $"(?:{Regex.Escape(w)})+"), OneOf(@"\d+", ".*", @"\s", "[a-f]{2,3}", @"\b", "^", "$", "(?i)", "x{2}y"),
            Gen.Select(word, word, (a, b) => $"(?<n>{Regex.Escape(a)}|{Regex.Escape(b)} more)"));
        var pattern = atom.List[1, 5].Select(parts => string.Concat(parts));
        var line = Gen.OneOf(word, word.Select(w => w.ToUpperInvariant()), OneOf(" ", "12", "ab", " more", "xxy")).List[0, 12].Select(parts => string.Concat(parts));
        Gen.Select(pattern.List[1, 6], line.List[1, 10]).Sample((patterns, lines) =>
        {
            var rules = patterns.Select((p, i) => new CompiledRule(i, new LogRuleInput { Name = $"r{i}", Match = p })).ToList();
            var (matcher, scratch, hits) = (new LogMatcher(rules), new LogScratch(), new List<LogHit>());
            foreach (var text in lines)
            {
                matcher.Match(new LogLine { Text = Encoding.UTF8.GetBytes(text) }, scratch, hits);
                var expected = rules.Where(r => Regex.IsMatch(text, r.Input.Match, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)).Select(r => r.Id);
                Assert.Equal(expected, hits.Select(h => h.Rule.Id).Order());
            }
        }, iter: 2000);
    }

    private static Gen<string> OneOf(params string[] words) => Gen.Int[0, words.Length - 1].Select(i => words[i]);

    [Fact]
    public void A_rule_sees_only_its_programs_machines_and_severities()
    {
        var rules = new LogRuleSet([
            new(1, new() { Name = "a", Match = "refused", Source = new() { App = ["postfix/*", "dovecot"], Host = ["ali*"], Level = LogSeverity.Warning } }),
            new(2, new() { Name = "b", Match = "refused", Unless = "by design" })]);
        Assert.Equal([1, 2], Hits("<20>Nov 25 17:00:00 alice postfix/smtp[9]: connection refused"));
        Assert.Equal([2], Hits("<22>Nov 25 17:00:00 alice postfix/smtp[9]: connection refused"));
        Assert.Equal([2], Hits("<20>Nov 25 17:00:00 bob postfix/smtp[9]: connection refused"));
        Assert.Equal([2], Hits("<20>Nov 25 17:00:00 alice sshd[9]: connection refused"));
        Assert.Empty(Hits("<20>Nov 25 17:00:00 alice sshd[9]: connection refused by design"));

        IEnumerable<long> Hits(string message)
        {
            var line = SyslogLine.Parse(Encoding.UTF8.GetBytes(message), default, DateTimeOffset.UnixEpoch);
            var hits = new List<LogHit>();
            rules.For(line.Host, line.App).Match(line, new(), hits);
            return hits.Select(h => h.Rule.Id).Order().ToList();
        }
    }
}
