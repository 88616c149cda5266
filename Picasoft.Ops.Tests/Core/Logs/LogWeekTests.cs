using Picasoft.Ops.Core.Logs;

namespace Picasoft.Ops.Tests.Core.Logs;

public class LogWeekTests
{
    private static readonly DateTimeOffset _at = new(2026, 11, 25, 10, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("sshd*", "Failed password for \\S+ from", null, null, 2, 1, 1, 900)] // kept by another rule, and counted by its kind
    [InlineData("sshd", "port \\d+ ssh2", null, null, 2, 1, 1, 900)] // a hole is taken for a number
    [InlineData("sshd", "Failed|Accepted", "Accepted", null, 2, 1, 1, 900)]
    [InlineData("cron", "CMD", null, null, 0, 0, 1, 50_000)] // no rule wanted them, but they were counted
    [InlineData("cron", "CMD", null, LogSeverity.Warning, 0, 0, 0, 0)]
    [InlineData("nginx", ".", null, null, 0, 0, 0, 0)]
    public void A_rule_is_weighed_on_what_was_kept_and_on_what_was_only_counted(string app, string match, string? unless, LogSeverity? level, int matched, int fires, int kinds, long lines)
    {
        var week = new LogWeek(
            [Line("Failed password for root from 192.0.2.9 port 1 ssh2", 0), Line("Failed password for camille from 192.0.2.9 port 2 ssh2", 1)],
            [new("alice", "sshd", 6, "Failed password for <*> from <*> port <*> ssh2", 700), new("bob", "sshd", 6, "Failed password for <*> from <*> port <*> ssh2", 200), new("alice", "sshd", 6, "Accepted publickey for <*>", 10), new("alice", "cron", 6, "(<*>) CMD (<*>)", 50_000)]);
        Assert.Equal(new(2, matched, fires, kinds, lines), week.Try(new() { Name = "x", Match = match, Unless = unless, Source = new() { App = [app], Level = level } }));
    }

    private static LogEvidence Line(string text, int minutes) => new() { Id = Guid.NewGuid(), At = _at.AddMinutes(minutes), Host = "alice", App = "sshd", Text = text, Severity = LogSeverity.Info };
}
