using CsCheck;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Alerts;

/// <summary>What a part of the product wants to be open is what is open afterwards, and nobody else's is touched.</summary>
public sealed class OwnAlertsTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const string Source = "test";
    private static readonly DateTimeOffset _now = new(2026, 11, 26, 4, 0, 0, TimeSpan.Zero);

    // Which thing, and what is said of it.
    private static readonly Gen<List<AlertSignal>> _alerts = Gen.Select(Gen.Int[0, 6], Gen.Int[0, 2]).List[0, 8].Select(some => some.DistinctBy(s => s.Item1).Select(s => Alert($"n{s.Item1}", $"says {s.Item2}")).ToList());

    private NpgsqlDataSource _source = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _source = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    [Fact]
    public void The_changes_make_the_open_ones_those_that_are_wanted_and_touch_nothing_else() => Gen.Select(_alerts, _alerts).Sample((open, wanted) =>
    {
        var changes = OwnAlerts.Changes(open, wanted, _now);
        var after = open.ToDictionary(a => a.Labels, Said);
        foreach (var change in changes)
            if (change.EndsAt == _now) Assert.True(after.Remove(change.Labels));
            else
            {
                Assert.NotEqual(Said(change), after.GetValueOrDefault(change.Labels));
                after[change.Labels] = Said(change);
            }
        Assert.Equal(wanted.ToDictionary(a => a.Labels, Said), after);
        Assert.Empty(OwnAlerts.Changes(wanted, wanted, _now));
    });

    [Fact]
    public async Task Begun_left_alone_refreshed_and_ended_with_the_words_of_then()
    {
        await SettleAsync(_now, Alert("disk", "92 % full"), Alert("backup", "late"));
        await using (var other = await _source.OpenConnectionAsync(Cancel)) await AlertIntake.ApplyAsync(other, [Alert("disk", "not ours", "api")], _now, Cancel);
        Assert.Equal(["backup: late", "disk: 92 % full"], await OpenAsync());

        var later = _now.AddMinutes(5);
        await SettleAsync(later, Alert("disk", "95 % full"), Alert("backup", "late"));
        await using (var db = StorageModule.NewContext(_source))
        {
            var backup = await db.Alerts.SingleAsync(a => a.Source == Source && a.UpdatedAt == _now, Cancel);
            Assert.Equal("backup", backup.Labels["thing"]); // said nothing new: not written again
            Assert.Equal(_now, (await db.Alerts.SingleAsync(a => a.Source == Source && a.UpdatedAt == later, Cancel)).StartsAt); // it began when it began
        }

        await SettleAsync(later.AddMinutes(5), Alert("disk", "95 % full"));
        Assert.Equal(["disk: 95 % full"], await OpenAsync());
        await using (var db = StorageModule.NewContext(_source))
        {
            var ended = Assert.Single(await db.Alerts.Where(a => a.ResolvedAt != null).ToListAsync(Cancel));
            Assert.Equal(("backup", "late", later.AddMinutes(5)), (ended.Labels["thing"], ended.Annotations["summary"], ended.ResolvedAt));
        }
        await SettleAsync(later.AddMinutes(6));
        Assert.Empty(await OpenAsync());
    }

    private static AlertSignal Alert(string thing, string words, string source = Source) =>
        new(LabelSet.Of(("alertname", source), ("thing", thing)), LabelSet.Of(("summary", words)), _now, null, source);

    private static string Said(AlertSignal alert) => alert.Annotations["summary"];

    private async Task SettleAsync(DateTimeOffset now, params AlertSignal[] wanted)
    {
        await using var connection = await _source.OpenConnectionAsync(Cancel);
        await OwnAlerts.SettleAsync(connection, await OwnAlerts.OpenAsync(connection, Source, Cancel), [.. wanted.Select(w => w with { StartsAt = now })], now, Cancel);
    }

    private async Task<IEnumerable<string>> OpenAsync()
    {
        await using var connection = await _source.OpenConnectionAsync(Cancel);
        return (await OwnAlerts.OpenAsync(connection, Source, Cancel)).Select(a => $"{a.Labels["thing"]}: {Said(a)}").Order(StringComparer.Ordinal);
    }
}
