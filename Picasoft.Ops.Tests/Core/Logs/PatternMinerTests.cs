using Picasoft.Ops.Core.Logs.Patterns;

namespace Picasoft.Ops.Tests.Core.Logs;

public class PatternMinerTests
{
    public static TheoryData<string, bool> EveryDialect()
    {
        var data = new TheoryData<string, bool>();
        foreach (var dialect in Dialects.All) { data.Add(dialect.Name, true); data.Add(dialect.Name, false); }
        return data;
    }

    [Theory]
    [MemberData(nameof(EveryDialect))]
    public void The_kinds_of_lines_are_found_in_every_manner_of_speaking(string name, bool header)
    {
        var lines = Dialects.Lines(Dialects.All.Single(d => d.Name == name), 3000, seed: 1, header);
        var miner = new PatternMiner();
        var found = lines.Select(l => miner.Add(l.Line)).ToList();
        miner.Settle();
        var accuracy = LabelledLines.GroupingAccuracy([.. lines.Select(l => l.Kind)], [.. found.Select(p => p.Current)]);
        Assert.True(accuracy >= 0.95, $"{accuracy:F3}\n{string.Join('\n', miner.Patterns)}");
    }

    [Theory]
    [InlineData("Took 12.5 seconds", "Took 3 seconds")]
    [InlineData("relay 10.0.0.1:25 refused", "relay 192.168.1.7:2525 refused")]
    [InlineData("listening on 2001:db8::1 now", "listening on fe80::a1:7 now")]
    [InlineData("open /var/log/a.log failed", "open /srv/x failed")]
    [InlineData("sent 493 bytes in all", "sent 1523 bytes (1.5 KB) in all")]
    [InlineData("lifetime 00:12", "lifetime <1 sec")]
    [InlineData("peer () gone", "peer (mail.example.org) gone")]
    [InlineData("lock tag=\"View Lock\", ok", "lock tag=\"RILJ\", ok")]
    [InlineData("at Fri Jun 24 18:55:11 2005 done", "at Sun Jul  3 02:04:59 2005 done")]
    [InlineData("blocks 12, 13, 14 missing", "blocks 7 missing")]
    [InlineData("ready=true now", "ready=false now")]
    public void What_only_differs_in_values_is_one_kind(string one, string other)
    {
        var miner = new PatternMiner();
        var (first, second) = (miner.Add(one), miner.Add(other));
        miner.Settle();
        Assert.Same(first.Current, second.Current);
    }

    [Theory]
    [InlineData("VM Started (Lifecycle Event)", "VM Stopped (Lifecycle Event)")]
    [InlineData("link is up", "link is down")]
    [InlineData("using IPv4 now", "using IPv6 now")]
    [InlineData("interval 5", "interval expired")]
    public void Other_words_are_another_kind(string one, string other)
    {
        var miner = new PatternMiner();
        var (first, second) = (miner.Add(one), miner.Add(other));
        miner.Settle();
        Assert.NotSame(first.Current, second.Current);
    }

    [Fact]
    public void Words_that_are_values_are_found_and_a_line_seen_before_goes_with_those_after()
    {
        var miner = new PatternMiner();
        var first = miner.Add("Invalid user camille from 10.0.0.1");
        foreach (var user in new[] { "sacha", "noe", "alix", "jo", "root", "git", "oracle" }) miner.Add($"Invalid user {user} from 10.0.0.9");
        miner.Settle();
        var later = miner.Add("Invalid user neverseen from 10.0.0.3");
        Assert.Same(first.Current, later);
        Assert.Equal("Invalid user <*> from <*>", later.ToString());
        Assert.Equal(9, later.Count);
    }

    [Theory]
    [InlineData("Jun 14 15:16:01 combo sshd(pam_unix)[19939]: check pass; user unknown", "check pass; user unknown")]
    [InlineData("2015-07-29 17:41:44,747 - INFO  [QuorumPeer[myid=1]/0:0:0:0:2181:FastLeaderElection@774] - New election", "New election")]
    [InlineData("081109 203615 148 INFO dfs.DataNode$PacketResponder: Received block", "Received block")]
    [InlineData("[Sun Dec 04 04:47:44 2005] [notice] workerEnv.init() ok", "workerEnv.init(<*>) ok")]
    [InlineData("20171223-22:15:29:606|Step_LSC|30002312|flush sensor data", "flush sensor data")]
    [InlineData("03-17 16:13:38.811  1702  2395 D WindowManager: status changed", "status changed")]
    [InlineData("no header here", "no header here")]
    [InlineData("10.251.91.84:50010 Served block", "<*>:<*> Served block")]
    public void What_loggers_write_before_a_message_is_left_out(string line, string expected) => Assert.Equal(expected, new PatternMiner().Add(line).ToString());

    [Fact]
    public void What_was_learnt_survives_being_stored()
    {
        var miner = new PatternMiner();
        var lines = Dialects.All.SelectMany(d => Dialects.Lines(d, 1500, seed: 2)).Select(l => l.Line).ToList();
        foreach (var line in lines) miner.Add(line);
        miner.Settle();
        var again = new PatternMiner();
        foreach (var pattern in miner.Patterns) again.Restore(pattern.ToKey(), pattern.Count);
        var known = again.Count;
        foreach (var line in lines) again.Add(line);
        Assert.Equal(known, again.Count);
        Assert.Equal(miner.Patterns.Select(p => p.ToString()).Order(StringComparer.Ordinal), again.Patterns.Select(p => p.ToString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Endless_new_kinds_do_not_fill_the_memory_and_do_not_push_out_what_is_frequent()
    {
        var miner = new PatternMiner(new() { MaxPatterns = 500 });
        for (var i = 0; i < 3; i++) miner.Add("the backup has ended");
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
            miner.Add(string.Join(' ', Enumerable.Range(0, 5).Select(_ => string.Concat(Enumerable.Range(0, 6).Select(_ => (char)('a' + random.Next(26)))))));
        Assert.InRange(miner.Count, 1, 500);
        Assert.True(miner.Forgotten > 0);
        Assert.Equal(4, miner.Add("the backup has ended").Count);
    }

    [Fact]
    public void Any_bytes_are_a_line()
    {
        var random = new Random(9);
        var miner = new PatternMiner(new() { MaxPatterns = 300 });
        for (var i = 0; i < 5000; i++)
        {
            var line = new string(Enumerable.Range(0, random.Next(300)).Select(_ => random.Next(3) == 0 ? (char)random.Next(0, 0xffff) : "(){}[]<>\"'|=:;,. /\\0a-"[random.Next(22)]).ToArray());
            var pattern = miner.Add(line);
            Assert.Equal(pattern.ToString(), Pattern.Parse(1, pattern.ToKey()).ToString());
        }
    }
}
