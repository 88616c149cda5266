using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Reports;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Reports;

/// <summary>The availability of a span of time counts the checks that lie in it, wherever in an hour it begins and ends.</summary>
public sealed class ServiceQueriesTests(PostgresFixture postgres)
{
    private readonly FakeTimeProvider _time = new(new(2026, 11, 22, 18, 20, 0, TimeSpan.Zero));

    [Theory]
    [InlineData("10:00", "12:00", 120, 60)]
    [InlineData("10:30", "12:00", 90, 60)]
    [InlineData("10:00", "11:30", 90, 30)]
    [InlineData("10:30", "11:30", 60, 30)]
    [InlineData("11:10", "11:40", 30, 30)] // within an hour
    [InlineData("10:59", "11:01", 2, 1)]
    [InlineData("09:00", "10:00", 0, 0)]
    [InlineData("17:30", "18:20", 50, 0)] // up to now: of this hour and of the one before nothing is summed yet
    public async Task Checks_count_by_the_minute_at_both_ends(string from, string to, long checks, long failed)
    {
        await using var node = await NodeAsync();
        Assert.Equal((checks, failed), await SharesAsync(node, from, to));
        // Whoever asks in another time zone asks for the same time.
        var shares = await QueriesOf(node).SharesAsync("mail", At(from).ToOffset(TimeSpan.FromHours(5.5)), At(to).ToOffset(TimeSpan.FromHours(-3)), default);
        Assert.Equal((checks, failed), (shares.Sum(s => s.Checks), shares.Sum(s => s.Failed)));
        Assert.Empty(await QueriesOf(node).SharesAsync("web", At(from), At(to), default));
    }

    [Fact]
    public async Task Two_halves_are_the_whole()
    {
        await using var node = await NodeAsync();
        var whole = await SharesAsync(node, "10:07", "17:43");
        var (first, second) = (await SharesAsync(node, "10:07", "11:21"), await SharesAsync(node, "11:21", "17:43"));
        Assert.Equal(whole, (first.Checks + second.Checks, first.Failed + second.Failed));
    }

    [Fact]
    public async Task Where_the_results_are_gone_an_hour_counts_by_its_share()
    {
        await using var node = await NodeAsync();
        await node.AskAsync<object>("delete from probe_results");
        Assert.Equal((75, 60), await SharesAsync(node, "10:45", "12:00"));
        Assert.Equal((30, 30), await SharesAsync(node, "11:10", "11:40"));
        Assert.Equal((120, 60), await SharesAsync(node, "10:00", "12:00"));
        var row = Assert.Single(await QueriesOf(node).AvailabilityAsync(At("10:00"), At("12:00"), default), r => r.Service == "mail");
        Assert.Equal((.5, 120L, 60L), (row.Availability, row.Checks, row.Failed));
    }

    private async Task<(long Checks, long Failed)> SharesAsync(ProbingNode node, string from, string to)
    {
        var shares = await QueriesOf(node).SharesAsync("mail", At(from), At(to), default);
        return (shares.Sum(s => s.Checks), shares.Sum(s => s.Failed));
    }

    private ServiceQueries QueriesOf(ProbingNode node) => new(node.Get<IDbContextFactory<OpsDbContext>>(), node.Source, node.Queries, _time);

    private static DateTimeOffset At(string clock) => new(new DateOnly(2026, 11, 22), TimeOnly.Parse(clock, System.Globalization.CultureInfo.InvariantCulture), TimeSpan.Zero);

    /// <summary>A check a minute since ten: good until eleven, bad until twelve, good again; summed as far as the sums would be.</summary>
    private async Task<ProbingNode> NodeAsync()
    {
        var node = ProbingNode.Create(await postgres.CreateDatabaseAsync());
        await node.AddServiceAsync(new() { Name = "mail" });
        await node.AddAsync([new() { Name = "smtp", Type = "tcp", Service = "mail" }]);
        await node.AskAsync<object>("insert into probe_results select p.id, '2026-11-22 10:00+00'::timestamptz + g * interval '1 min', 1, g not between 60 and 119, null, 'alice' from probes p, generate_series(0, 499) g");
        await new RollUpJob(node.Source, new FakeTimeProvider(At("16:55"))).RunAsync(default);
        return node;
    }
}
