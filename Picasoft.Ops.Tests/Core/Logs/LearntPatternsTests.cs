using Picasoft.Ops.Core.Logs.Patterns;

namespace Picasoft.Ops.Tests.Core.Logs;

public class LearntPatternsTests
{
    private static readonly DateTimeOffset _start = new(2026, 11, 2, 8, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset _later = _start.AddDays(3);

    [Fact]
    public void While_a_program_gets_known_only_what_looks_serious_is_news()
    {
        var learnt = new LearntPatterns();
        learnt.Hear("alice", "borg", "Archive name: alice-2026", 6, _start);
        learnt.Hear("alice", "borg", "Repository data is corrupted", 6, _start);
        Assert.Equal([PatternState.Usual, PatternState.New], learnt.Take(_start.AddMinutes(1)).Select(c => c.State));
    }

    [Fact]
    public void Later_every_new_kind_is_news_once()
    {
        var learnt = Known("alice");
        learnt.Hear("alice", "web", "cache rebuilt in 5 ms", 6, _later);
        var change = Assert.Single(learnt.Take(_later));
        Assert.Equal((PatternState.New, "cache rebuilt in <*>", 1L), (change.State, change.Text, change.Add));
        learnt.Hear("alice", "web", "cache rebuilt in 7 ms", 6, _later);
        Assert.Equal(1, Assert.Single(learnt.Take(_later)).Add);
        Assert.Empty(learnt.Take(_later));
    }

    [Fact]
    public void What_was_called_noise_is_noise_on_every_host()
    {
        var learnt = Known("alice");
        learnt.Hear("alice", "web", "could not resolve peer 12", 6, _later);
        var change = Assert.Single(learnt.Take(_later));
        Assert.Equal(PatternState.New, change.State);
        learnt.Decide("web", change.Hash, PatternState.Noise);
        learnt.Hear("bob", "web", "could not resolve peer 9", 6, _later);
        Assert.Equal(PatternState.Noise, Assert.Single(learnt.Take(_later)).State);
    }

    [Fact]
    public void Kinds_that_turn_out_to_be_one_replace_their_rows_and_keep_what_was_decided()
    {
        var learnt = Known("alice");
        learnt.Hear("alice", "web", "hello camille and welcome to this place", 6, _later);
        var first = Assert.Single(learnt.Take(_later));
        learnt.Decide("web", first.Hash, PatternState.Noise);
        foreach (var name in new[] { "sacha", "noe", "alix", "jo", "lou", "mina", "ada" }) learnt.Hear("alice", "web", $"hello {name} and welcome to this place", 6, _later);
        var merged = Assert.Single(learnt.Take(_later), c => c.Text == "hello <*> and welcome to this place");
        Assert.Contains(first.Hash, merged.Replaces);
        Assert.Equal(PatternState.Noise, merged.State);
    }

    [Fact]
    public void Neither_endless_programs_nor_endless_kinds_fill_the_memory()
    {
        var learnt = new LearntPatterns();
        var random = new Random(3);
        string Word() => string.Concat(Enumerable.Range(0, 7).Select(_ => (char)('a' + random.Next(26))));
        for (var i = 0; i < 3000; i++) learnt.Hear("alice", Word(), "started", 6, _later);
        for (var i = 0; i < 5000; i++) learnt.Hear("alice", "noisy", $"{Word()} {Word()} {Word()} {Word()}", 6, _later);
        Assert.InRange(learnt.Take(_later).Count, 1, LearntPatterns.MaxPrograms + (2 * LearntPatterns.MaxKinds));
    }

    [Fact]
    public void A_password_never_stands_in_a_pattern()
    {
        var learnt = Known("alice");
        learnt.Hear("alice", "web", "login of sacha@example.org with password=hunter and token: abcdef", 6, _later);
        Assert.Equal("login of <*> with password=<*> and token: <*>", Assert.Single(learnt.Take(_later)).Text);
    }

    [Theory]
    [InlineData("kernel panic", 6, 1, 1, 60)]
    [InlineData("connection refused by <*>", 6, 5000, 3, 40)]
    [InlineData("request timed out", 6, 5000, 3, 20)]
    [InlineData("session opened", 6, 5000, 3, 0)]
    [InlineData("session opened", 3, 5000, 3, 40)]
    public void Grave_words_rare_lines_and_bursts_rank_high(string text, int level, long count, int peak, int least)
    {
        var rank = PatternRank.Of(text, level, count, peak);
        Assert.InRange(rank, least, least + 15);
        Assert.True(PatternRank.Of(text, level, count, 2000) > PatternRank.Of(text, level, 100_000, 1));
    }

    [Theory]
    [InlineData("Failed password for <*> from 10.0.0.1 port 22", "Failed password for 7 from 10.9.9.9 port 4711")]
    [InlineData("peer () gone (really)", "peer (mail.example.org) gone (really)")]
    public void A_rule_made_of_a_kind_finds_its_lines(string line, string other)
    {
        var pattern = new PatternMiner().Add(line.Replace("<*>", "3", StringComparison.Ordinal));
        var rule = Picasoft.Ops.Core.Logs.Matching.LogPattern.Compile(pattern.ToExpression());
        Assert.True(rule.IsMatch(other), pattern.ToExpression());
        Assert.False(rule.IsMatch("something else altogether"));
    }

    /// <summary>A program that has been there for days.</summary>
    private static LearntPatterns Known(string host)
    {
        var learnt = new LearntPatterns();
        learnt.Hear(host, "web", "started", 6, _start);
        learnt.Hear("bob", "web", "started", 6, _start);
        learnt.Take(_start);
        return learnt;
    }
}
