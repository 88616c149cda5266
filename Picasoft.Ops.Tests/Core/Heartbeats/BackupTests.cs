using CsCheck;
using Picasoft.Ops.Core.Heartbeats;
using Picasoft.Ops.Core.Inventory;

namespace Picasoft.Ops.Tests.Core.Heartbeats;

public class BackupTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("size=1048576 files=12", 1048576L, 12L)]
    [InlineData("done, size=1.5GB, all well", 1_500_000_000L, null)]
    [InlineData("size=2GiB", 2_147_483_648L, null)]
    [InlineData("""{"message_type":"status","percent_done":1}""" + "\n" + """{"message_type":"summary","total_bytes_processed":5000,"total_files_processed":7,"data_added":300}""", 5000L, 7L)]
    [InlineData("""[{"archive": {"stats": {"original_size": 900, "deduplicated_size": 1, "nfiles": 3}}}, {"archive": {"stats": {"original_size": 800, "deduplicated_size": 1, "nfiles": 2}}}]""", 800L, 2L)]
    [InlineData("Number of files: 12\n This archive:  1.23 GB  800.00 MB  12.00 kB\nAll archives: 9 TB 8 TB 7 TB", 1_230_000_000L, 12L)]
    public void What_backups_say_of_their_size_is_read(string body, long size, long? files) =>
        Assert.Equal((size, files), BackupFacts.Parse(body) is { } facts ? (facts.Size, facts.Files) : default);

    [Theory]
    [InlineData("")]
    [InlineData("all well")]
    [InlineData("{not json")]
    [InlineData("""{"archive": 3}""")]
    [InlineData("[[[[1]]]]")]
    [InlineData("size=huge")]
    public void What_says_nothing_is_nothing(string body) => Assert.Null(BackupFacts.Parse(body));

    [Fact]
    public void No_body_breaks_the_reading() => Gen.String[Gen.Char["{}[]\"=:, \nsizerows0123archive"], 0, 200].Sample(body => { _ = BackupFacts.Parse(body); });

    [Theory]
    [InlineData("rows=0", false)]
    [InlineData("rows=0 hash=abc", true)]
    [InlineData("rows=1234", true)]
    [InlineData("size=5", false)]
    public void A_restore_is_proven_by_a_count_or_a_hash(string body, bool proven) => Assert.Equal(proven, BackupFacts.Parse(body)!.IsProof);

    [Theory]
    [InlineData(100, SizeJudgement.Usual)]
    [InlineData(90, SizeJudgement.Usual)] // within the tolerance, however alike the others are
    [InlineData(60, SizeJudgement.Small)]
    [InlineData(0, SizeJudgement.Small)]
    [InlineData(400, SizeJudgement.Large)]
    public void A_size_is_compared_with_those_before_it(long size, SizeJudgement judgement) =>
        Assert.Equal(judgement, SizeVerdict.Of(size * 1_000_000, [.. new long[] { 99, 100, 101, 100, 100, 102 }.Select(m => m * 1_000_000)]).Judgement);

    [Fact]
    public void Of_few_nothing_is_said() => Assert.Equal(SizeJudgement.Unknown, SizeVerdict.Of(1, [100, 100, 100, 100]).Judgement);

    [Fact]
    public void One_odd_backup_does_not_spoil_the_measure() => Gen.Select(Gen.Long[900, 1100].Array[10], Gen.Long[0, 1_000_000_000], Gen.Long[900, 1100]).Sample((sizes, odd, size) =>
        Assert.Equal(SizeJudgement.Usual, SizeVerdict.Of(size, [.. sizes, odd]).Judgement));

    [Fact]
    public void Sizes_that_always_varied_may_vary() => Assert.Equal(SizeJudgement.Usual, SizeVerdict.Of(40, [30, 100, 60, 200, 45, 150, 80]).Judgement);

    [Fact]
    public void The_proven_RPO_is_the_longest_time_without_a_good_backup()
    {
        var truth = BackupTruth.Of(new(new(), new(), null), new() { Rpo = TimeSpan.FromDays(1), Rto = TimeSpan.FromHours(1) }, [Made(40), Made(3), Made(2), Made(0.5)], new(_now, TimeSpan.FromMinutes(20), new Dictionary<string, string>()), _now);
        // The gap of 37 days reaches into the last thirty.
        Assert.Equal((TimeSpan.FromDays(37), false, true), (truth.Rpo, truth.KeepsRpo, truth.KeepsRto));
        Assert.Equal(TimeSpan.FromDays(2), BackupTruth.Of(new(new(), new(), null), null, [Made(100), Made(32), Made(31), Made(29.5), Made(28), Made(26), .. Enumerable.Range(1, 25).Reverse().Select(d => Made(d))], null, _now).Rpo);
        Assert.Null(BackupTruth.Of(new(new(), new(), null), null, [], null, _now).Rpo);
    }

    private static BackupMade Made(double daysAgo) => new(_now.AddDays(-daysAgo), null);
}
