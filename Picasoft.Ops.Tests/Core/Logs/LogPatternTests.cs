using System.Text;
using Picasoft.Ops.Core.Logs;
using Picasoft.Ops.Core.Logs.Matching;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Logs;

public sealed class LogPatternTests
{
    [Fact]
    public void Rules_that_no_line_concerns_weigh_next_to_nothing()
    {
        var (scratch, hits, line) = (new LogScratch(), new List<LogHit>(), Encoding.ASCII.GetBytes("connect from mail.example.org[198.51.100.7]"));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var matcher = new LogMatcher([.. LogGenerator.Rules(300).Select((r, i) => new CompiledRule(i, r))]);
        matcher.Match(new LogLine { Text = line, Severity = LogSeverity.Info }, scratch, hits);
        Assert.Empty(hits);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 30_000_000); // an engine for each would be over 300 MB
    }

    [Theory]
    [InlineData(@"(?P<user>\w+) failed", "root failed", true)]
    [InlineData(@"(?=x)y", "y", false)] // that engine cannot run it: it matches nothing, and hurts nobody
    public void It_is_built_when_it_is_asked(string pattern, string text, bool matches) => Assert.Equal(matches, LogPattern.Compile(pattern).IsMatch(text));

    [Theory]
    [InlineData(@"(?=x)y", true)]
    [InlineData("(a", true)]
    [InlineData("(?P<user>a)", false)]
    public void What_the_engine_cannot_run_is_said_before_it_is_kept(string pattern, bool refused) => Assert.Equal(refused, LogPattern.WhyNot(pattern) is not null);
}
