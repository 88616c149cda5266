using Picasoft.Ops.Core.Logs;
using Picasoft.Ops.Core.Primitives;

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
            [Kind("sshd", "Failed password for <*> from <*> port <*> ssh2", 700), Kind("sshd", "Failed password for <*> from <*> port <*> ssh2", 200) with { Host = "bob" }, Kind("sshd", "Accepted publickey for <*>", 10), Kind("cron", "(<*>) CMD (<*>)", 50_000)], _at.AddDays(1));
        Assert.Equal(new(2, matched, fires, kinds, lines, Math.Min(kinds, 1), Math.Min(kinds, 1), TimeSpan.FromDays(1)), week.Try(new() { Name = "x", Match = match, Unless = unless, Source = new() { App = [app], Level = level } }));
    }

    [Theory]
    [InlineData(20, 1)] // once, between the second and the third
    [InlineData(5, 3)] // after each of them
    [InlineData(40, 0)]
    public void Silence_of_past_days_is_weighed_as_well(int hours, int fires)
    {
        var week = new LogWeek([Line("backup done", 0), Line("backup done", 10 * 60), Line("backup done", 40 * 60)], [], _at.AddHours(50));
        Assert.Equal((3, fires), week.Try(new() { Name = "x", Match = "backup done", AbsentFor = TimeSpan.FromHours(hours) }) is var tried ? (tried.Matched, tried.Fires) : default);
        Assert.Equal((0, 0), week.Try(new() { Name = "x", Match = "never written", AbsentFor = TimeSpan.FromHours(hours) }) is var nothing ? (nothing.Matched, nothing.Fires) : default);
    }

    [Fact]
    public void How_often_it_would_have_fired_is_not_guessed_where_nobody_can_know()
    {
        var week = new LogWeek([Line("job begins", 0)], [], _at.AddDays(1));
        Assert.Null(week.Try(new() { Name = "x", Match = "begins", FollowedBy = new() { Match = "ends" } }).Fires);
        Assert.Null(week.Try(new() { Name = "x", Match = "begins", Unusual = new() }).Fires);
        Assert.Equal(1, week.Try(new() { Name = "x", Match = "begins", FirstSeen = new() { Fields = ["host"] } }).Fires);
    }

    [Fact]
    public void In_a_sample_the_line_that_nothing_followed_is_the_one_that_fires()
    {
        var lines = LogTrial.Run(new() { Name = "x", Match = @"job (?<job>\w+) begins", FollowedBy = new() { Match = @"job (?<job>\w+) ends", Within = TimeSpan.FromHours(1), By = ["job"] } }, """
            Nov 25 01:00:00 alice jobs: job copy begins
            Nov 25 01:10:00 alice jobs: job sweep begins
            Nov 25 01:20:00 alice jobs: job copy ends
            Nov 25 02:11:00 alice jobs: job copy begins
            """, _at);
        Assert.Equal([false, true, false, false], lines.Select(l => l.Fires));
        lines = LogTrial.Run(new() { Name = "x", Match = "backup done", AbsentFor = TimeSpan.FromHours(2) }, """
            Nov 25 01:00:00 alice borg: backup done
            Nov 25 02:00:00 alice borg: backup done
            Nov 25 05:00:00 alice borg: backup done
            """, _at);
        Assert.Equal([false, true, false], lines.Select(l => l.Fires));
    }

    [Theory]
    [InlineData(1, "10m", 2)] // hours that follow each other are one burst
    [InlineData(50, "10m", 1)]
    [InlineData(60, "10m", 0)]
    [InlineData(60, "3h", 1)] // the window is longer than an hour
    [InlineData(1, "24h", 1)] // as is the time after which it ends
    public void Lines_of_which_only_counts_are_left_say_about_how_often_it_would_have_fired(int count, string within, int fires)
    {
        var week = new LogWeek([], [Kind("cron", "disk is full", 20, 50) with { Hours = [(_at, 20), (_at.AddHours(1), 50), (_at.AddHours(9), 5)] }], _at.AddDays(4));
        Assert.True(DurationText.TryParse(within, out var span));
        var tried = week.Try(new() { Name = "x", Match = "full", Threshold = new() { Count = count, Within = span } });
        Assert.Equal((75L, 3, fires, TimeSpan.FromDays(4)), (tried.Lines, tried.Hours, tried.HeardFires, tried.Known));
    }

    [Fact]
    public void Silence_is_weighed_on_counts_as_far_as_they_tell()
    {
        var week = new LogWeek([], [Kind("borg", "done <*>", 1) with { Hours = [(_at.AddHours(24), 1), (_at, 1), (_at.AddHours(80), 1)] }], _at.AddHours(90));
        int? Fires(LogRuleInput rule) => week.Try(rule with { Name = "x", Match = "done" }).HeardFires;
        Assert.Equal(1, Fires(new() { AbsentFor = TimeSpan.FromHours(26) }));
        Assert.Equal(3, Fires(new() { AbsentFor = TimeSpan.FromHours(8) }));
        Assert.Null(Fires(new() { AbsentFor = TimeSpan.FromMinutes(30) }));
        Assert.Null(Fires(new() { FollowedBy = new() { Match = "more" } }));
        Assert.Null(Fires(new() { Resolve = new() { Match = "well again" } })); // nobody knows when it would have ended
        Assert.Equal(TimeSpan.Zero, LogWeek.Empty.Try(new() { Name = "x", Match = "done" }).Known);
    }

    private static HeardKind Kind(string app, string text, params long[] lines) => new("alice", app, 6, text, [.. lines.Select((l, i) => (_at.AddHours(i), l))]);

    private static LogEvidence Line(string text, int minutes) => new() { Id = Guid.NewGuid(), At = _at.AddMinutes(minutes), Host = "alice", App = "sshd", Text = text, Severity = LogSeverity.Info };
}
