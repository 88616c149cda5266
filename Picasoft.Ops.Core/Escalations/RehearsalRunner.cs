using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Alerts.Routing;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Escalations;

/// <summary>
/// The first alarm after a start must not be the slow one: once, when the product is up, an alert goes the whole way to its mail in a transaction that is taken back.
/// Queries are compiled and code is loaded by it, which costs the first of its kind a quarter of a second; nobody sees it, and nothing is sent.
/// </summary>
public sealed class RehearsalRunner(IDbContextFactory<OpsDbContext> contexts, NoticeRunner notices, DeliveryJob deliveries, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<RehearsalRunner> log) : BackgroundService
{
    /// <summary>Not one that the database would give: numbers that people say must not have holes.</summary>
    private const long Number = long.MaxValue;

    /// <summary>What is real must not wait behind it.</summary>
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(3);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var up = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var started = lifetime.ApplicationStarted.Register(up.SetResult);
        try
        {
            await up.Task.WaitAsync(stoppingToken);
            using var limit = new CancellationTokenSource(_longest, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stoppingToken);
            await RunOnceAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            if (!stoppingToken.IsCancellationRequested) EscalationsLog.RehearsalFailed(log, null); // a machine that has much to do: where it was cut short says nothing
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            EscalationsLog.RehearsalFailed(log, e); // the first alarm will be a little slower
        }
    }

    /// <returns>False: something real is under way, which needs no rehearsal and must not wait for one.</returns>
    public async Task<bool> RunOnceAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        try { return await RehearseAsync(db, cancel); }
        finally
        {
            // What came meanwhile may have been locked by it: whoever looked and went on looks again now, not at the next beat.
            await ChangeSignal.PublishAsync(db, AlertIntake.Topic, 0, CancellationToken.None);
            await ChangeSignal.PublishAsync(db, IncidentActions.Topic, 0, CancellationToken.None);
        }
    }

    private async Task<bool> RehearseAsync(OpsDbContext db, CancellationToken cancel)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.Database.ExecuteSqlAsync($"set local lock_timeout = '200ms'", cancel); // gives way long before PostgreSQL looks for who is in whose way
        if (await db.Alerts.AnyAsync(a => a.Pending, cancel) || await db.Timeline.AnyAsync(t => t.Pending, cancel)) return false;
        var now = time.GetUtcNow();
        var labels = LabelSet.Of(("alertname", "rehearsal"), ("service", $"rehearsal {Guid.NewGuid():N}"), ("severity", "critical"));
        var policies = await PolicyBook.ReadAsync(db, cancel);
        await InsertAsync(db, new()
        {
            Number = Number,
            Title = "rehearsal",
            State = IncidentState.Open,
            Severity = Severity.Critical,
            GroupKey = Grouping.KeyOf(policies.Routes.Match(labels)[0], labels),
            OpenedAt = now,
            UpdatedAt = now,
        }, cancel);
        db.Timeline.Add(PlanWriter.Entry(TimelineKind.Opened, Phrase.Of("timeline.opened", "rehearsal"), null, pending: true, now, Number));
        var delivery = await deliveries.RehearsedAsync(db, Number, now, cancel);
        await AlertIntake.ApplyAsync((NpgsqlConnection)db.Database.GetDbConnection(), [new AlertSignal(labels, LabelSet.Empty, now, null, "rehearsal")], now, cancel);
        await IncidentRunner.PlanAsync(db, now, cancel);
        await notices.DecideAsync(db, cancel);
        await deliveries.RehearseAsync(db, delivery, cancel);
        return true; // and taken back
    }

    // The database numbers incidents by itself, and lets nobody else do so through the usual door.
    private static async Task InsertAsync(OpsDbContext db, Incident incident, CancellationToken cancel)
    {
        var row = db.Entry(incident).Properties.ToDictionary(p => p.Metadata.GetColumnName(), p => p.CurrentValue is { } value ? p.Metadata.GetTypeMapping().Converter?.ConvertToProvider(value) ?? value : null, StringComparer.Ordinal);
        await db.Database.ExecuteSqlAsync($"insert into incidents overriding system value select * from jsonb_populate_record(null::incidents, {Json.Text(row)}::jsonb)", cancel);
    }
}
