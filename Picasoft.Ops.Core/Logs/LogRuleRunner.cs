using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Logs.Matching;
using Picasoft.Ops.Core.Logs.Windows;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Logs;

/// <summary>Looks for what lines do not say by themselves: what did not come, and what comes more than usual. On every node; row locks let each be told once.</summary>
public sealed class LogRuleRunner(IDbContextFactory<OpsDbContext> contexts, NpgsqlDataSource source, TimeProvider time, ILogger<LogRuleRunner> log)
    : RoundRunner(time, TimeSpan.FromSeconds(5))
{
    private static readonly TimeSpan _unusualEvery = TimeSpan.FromMinutes(1);

    /// <summary>An hour that was unusual is told until it is over, and a little longer.</summary>
    private static readonly TimeSpan _unusualFor = TimeSpan.FromMinutes(5);

    private DateTimeOffset _lookedAt;

    // Senders that waited for us deliver before the first look: what they bring is not missing.
    private bool _delivered;

    protected override Task RoundAsync(CancellationToken cancel)
    {
        if (_delivered) return RunOnceAsync(cancel);
        _delivered = true;
        return Task.CompletedTask;
    }

    protected override void RoundFailed(Exception exception) => LogsLog.TickFailed(log, exception); // the database is gone for a while

    public async Task RunOnceAsync(CancellationToken cancel)
    {
        var now = Time.GetUtcNow();
        await using (var connection = await source.OpenConnectionAsync(cancel))
        await using (var transaction = await connection.BeginTransactionAsync(cancel))
        {
            await LogBatchIntake.WaitedAsync(connection, now, cancel);
            await transaction.CommitAsync(cancel);
        }
        if (now - _lookedAt < _unusualEvery) return;
        _lookedAt = now;
        await CompareAsync(now, cancel);
    }

    private async Task CompareAsync(DateTimeOffset now, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var rules = (await db.LogRules.AsNoTracking().Where(r => r.Enabled).ToListAsync(cancel)).Select(r => (Row: r, Input: r.Input())).Where(r => r.Input.Unusual is not null).ToList();
        var signals = new List<AlertSignal>();
        foreach (var (row, input) in rules)
        {
            var hour = new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, 0, 0, TimeSpan.Zero);
            DateTimeOffset[] hours = [hour, .. Enumerable.Range(1, input.Unusual!.Weeks).Select(w => LogTime.SameHour(hour, w, TimeZoneInfo.Local))];
            var matched = await db.LogRuleHours.Where(h => h.RuleId == row.Id && hours.Contains(h.Hour)).ToDictionaryAsync(h => h.Hour, h => h.Lines, cancel);
            var rule = new CompiledRule(row.Id, input);
            var all = (await db.LogHours.AsNoTracking().Where(h => hours.Contains(h.Hour)).ToListAsync(cancel))
                .GroupBy(h => h.Hour).ToDictionary(g => g.Key, g => g.Where(h => rule.Wants(System.Text.Encoding.UTF8.GetBytes(h.Host), System.Text.Encoding.UTF8.GetBytes(h.App))).Sum(h => h.Lines));
            // An hour of which nothing is known, or in which the rule did not look yet, says nothing.
            var past = hours.Skip(1).Where(h => h >= row.CreatedAt && all.ContainsKey(h)).Select(h => (matched.GetValueOrDefault(h), all[h])).ToList();
            var lines = (matched.GetValueOrDefault(hour), all.GetValueOrDefault(hour));
            if (RuleJudge.Usual(input.Unusual, lines, past) is not { } usual) continue;
            var title = input.Title is { Length: > 0 } written ? written : input.Name;
            var summary = input.Unusual.Share
                ? Phrase.Of("log.alert.unusual_share", title, Percent((double)lines.Item1 / lines.Item2), Percent(usual))
                : Phrase.Of("log.alert.unusual", title, lines.Item1, Math.Round(usual).ToString(CultureInfo.InvariantCulture));
            var host = row.Service is { } service ? await db.Set<Inventory.Service>().Where(s => s.Name == service).Select(s => s.Host).SingleOrDefaultAsync(cancel) : null;
            signals.Add(LogAlerts.Begin(input, host, "", new(RuleState.New, RuleTurn.Begin, hour, 0), now + (RuleJudge.EndsAfter(input, _unusualFor) ?? _unusualFor), null, summary));
        }
        if (signals.Count == 0) return;
        await using var connection = await source.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await AlertIntake.ApplyAsync(connection, signals, now, cancel);
        await transaction.CommitAsync(cancel);
    }

    private static string Percent(double share) => (share * 100).ToString("0.#", CultureInfo.InvariantCulture);
}
