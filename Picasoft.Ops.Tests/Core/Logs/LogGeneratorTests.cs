using System.Text;
using Picasoft.Ops.Core.Logs.Matching;
using Picasoft.Ops.Core.Logs.Syslog;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Logs;

public sealed class LogGeneratorTests
{
    [Theory]
    [InlineData(50)]
    [InlineData(300)]
    public void All_true_errors_and_nothing_else_are_found_in_a_hundred_thousand_lines(int rules)
    {
        var (matcher, scratch, hits) = (new LogMatcher([.. LogGenerator.Rules(rules).Select((r, i) => new CompiledRule(i, r))]), new LogScratch(), new List<LogHit>());
        var wrong = new List<string>();
        foreach (var (text, error) in new LogGenerator(7).Lines().Take(100_000))
        {
            matcher.Match(SyslogLine.Parse(Encoding.UTF8.GetBytes(text), default, default), scratch, hits);
            if (string.Join(',', hits.Select(h => h.Rule.Input.Name)) != (error ?? "")) wrong.Add($"{error}: {string.Join(',', hits.Select(h => h.Rule.Input.Name))}: {text}");
        }
        Assert.Empty(wrong);
    }
}
