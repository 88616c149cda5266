using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Alerts.Active;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Alerts;

public sealed class AlertIntakeTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly DateTimeOffset _now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private NpgsqlDataSource _source = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _source = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    [Fact]
    public async Task A_new_alert_is_handed_over_once()
    {
        await ApplyAsync(Signal("mail"));
        var alert = Assert.Single(await AlertsAsync());
        Assert.True(alert.Pending);
        Assert.Equal(alert.Labels.Fingerprint(), alert.Fingerprint);
        Assert.Equal("mail is down", alert.Annotations["summary"]);
    }

    [Fact]
    public async Task An_alert_sent_again_is_refreshed_and_not_handed_over_again()
    {
        await ApplyAsync(Signal("mail"));
        await HandedOverAsync();
        await ApplyAsync(Signal("mail", endsAt: _now.AddMinutes(5), summary: "still down"));
        var alert = Assert.Single(await AlertsAsync());
        Assert.False(alert.Pending);
        Assert.Equal("still down", alert.Annotations["summary"]);
        Assert.Equal(_now.AddMinutes(5), alert.EndsAt);
    }

    [Fact]
    public async Task The_end_of_an_alert_is_handed_over_and_the_next_beginning_is_a_new_alert()
    {
        await ApplyAsync(Signal("mail"));
        await HandedOverAsync();
        await ApplyAsync(Signal("mail", endsAt: _now));
        var ended = Assert.Single(await AlertsAsync());
        Assert.True(ended.Pending);
        Assert.Equal(_now, ended.ResolvedAt);

        await ApplyAsync(Signal("mail"));
        var both = await AlertsAsync();
        Assert.Equal(2, both.Count);
        Assert.Single(both, a => a.IsActive);
    }

    [Fact]
    public async Task The_end_of_an_unknown_alert_is_nothing()
    {
        await ApplyAsync(Signal("mail", endsAt: _now.AddHours(-1)));
        Assert.Empty(await AlertsAsync());
    }

    [Fact]
    public async Task Of_two_signals_in_a_batch_the_last_counts()
    {
        await ApplyAsync(Signal("mail", summary: "first"), Signal("wiki"), Signal("mail", summary: "second"));
        var alerts = await AlertsAsync();
        Assert.Equal(2, alerts.Count);
        Assert.Equal("second", alerts.Single(a => a.Labels["service"] == "mail").Annotations["summary"]);
    }

    [Fact]
    public async Task What_the_callers_transaction_takes_back_never_was()
    {
        await using var connection = await _source.OpenConnectionAsync(Cancel);
        await using var transaction = await connection.BeginTransactionAsync(Cancel);
        await AlertIntake.ApplyAsync(connection, [Signal("mail")], _now, Cancel);
        await transaction.RollbackAsync(Cancel);
        Assert.Empty(await AlertsAsync());
    }

    [Fact]
    public async Task Batches_that_cross_each_other_neither_fail_nor_double_an_alert()
    {
        var names = Enumerable.Range(0, 40).Select(i => $"s{i}").ToArray();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async worker =>
        {
            var random = new Random(worker);
            for (var round = 0; round < 15; round++)
            {
                var signals = names.OrderBy(_ => random.Next()).Select(n => Signal(n, endsAt: random.Next(2) == 0 ? _now : null)).ToArray();
                await ApplyAsync(signals);
            }
        }));
        await ApplyAsync([.. names.Select(n => Signal(n))]);
        Assert.Equal(40, (await AlertsAsync()).Count(a => a.IsActive));
    }

    [Fact]
    public async Task A_value_that_PostgreSQL_cannot_keep_does_not_lose_the_alert()
    {
        await ApplyAsync(Signal("a\0b", summary: "lone \ud800 surrogate\0"));
        Assert.Equal("a\ufffdb", Assert.Single(await AlertsAsync()).Labels["service"]);
    }

    [Fact]
    public async Task An_alert_that_nobody_sends_again_ends_by_itself()
    {
        var clock = new FakeTimeProvider(_now);
        var active = new ActiveAlerts();
        using var expiry = new AlertExpiryRunner(_source, active, clock, NullLogger<AlertExpiryRunner>.Instance);
        await ApplyAsync(Signal("mail", endsAt: _now.AddMinutes(5)), Signal("wiki"));
        await HandedOverAsync();

        await using (var connection = await _source.OpenConnectionAsync(Cancel)) await ActiveAlertsReader.ReadAsync(connection, active, Cancel);

        clock.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal(0, await expiry.RunOnceAsync(Cancel));
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, await expiry.RunOnceAsync(Cancel));

        var ended = Assert.Single(await AlertsAsync(), a => !a.IsActive);
        Assert.Equal("mail", ended.Labels["service"]);
        Assert.True(ended.Pending);
    }

    [Fact]
    public async Task News_goes_out_when_an_alert_begins_or_ends_and_only_then()
    {
        await using var ear = await _source.OpenConnectionAsync(Cancel);
        var heard = 0;
        ear.Notification += (_, e) => { Assert.Equal("alerts:0", e.Payload); heard++; };
        await using (var listen = new NpgsqlCommand("listen ops", ear)) await listen.ExecuteNonQueryAsync(Cancel);

        await ApplyAsync(Signal("mail"));
        await ApplyAsync(Signal("mail"));
        await ApplyAsync(Signal("mail", endsAt: _now));
        await ApplyAsync(Signal("mail", endsAt: _now));
        await using (var fence = new NpgsqlCommand("select 1", ear)) await fence.ExecuteNonQueryAsync(Cancel); // news arrives with the next answer
        Assert.Equal(2, heard);
    }

    private static AlertSignal Signal(string service, DateTimeOffset? endsAt = null, string? summary = null) => new(
        LabelSet.Of(("alertname", "Down"), ("service", service)), LabelSet.Of(("summary", summary ?? $"{service} is down")), _now.AddMinutes(-1), endsAt, "api");

    private async Task ApplyAsync(params AlertSignal[] signals)
    {
        await using var connection = await _source.OpenConnectionAsync(Cancel);
        await AlertIntake.ApplyAsync(connection, signals, _now, Cancel);
    }

    private async Task HandedOverAsync()
    {
        await using var command = _source.CreateCommand("update alerts set pending = false");
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private async Task<List<Alert>> AlertsAsync()
    {
        await using var db = StorageModule.NewContext(_source);
        return await db.Alerts.AsNoTracking().OrderBy(a => a.Id).ToListAsync(Cancel);
    }
}
