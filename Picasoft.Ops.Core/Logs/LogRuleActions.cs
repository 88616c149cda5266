using Microsoft.EntityFrameworkCore;
using Npgsql;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Logs;

/// <summary>What people and the configuration file do to log rules: the change, its audit entry, and the end of an alert nobody would end any more, in one transaction.</summary>
public sealed class LogRuleActions(IDbContextFactory<OpsDbContext> contexts, TimeProvider time)
{
    /// <summary><see cref="Alert.Source"/> of these alerts.</summary>
    public const string Source = "log";

    public Task<Outcome<LogRule>> CreateAsync(LogRuleInput input, Actor actor, CancellationToken cancel) =>
        contexts.InTransactionAsync<LogRule>(db => SaveAsync(db, input, null, actor, cancel), cancel);

    /// <summary>Replaces what is written; may rename. <paramref name="version"/>: the one the actor saw.</summary>
    public Task<Outcome<LogRule>> UpdateAsync(string name, LogRuleInput input, Actor actor, uint? version, CancellationToken cancel) =>
        contexts.ChangeAsync<LogRule>("log_rule", name, actor, version, (db, rule) => SaveAsync(db, input, rule, actor, cancel), cancel);

    public Task<Outcome<LogRule>> EnableAsync(string name, bool enabled, Actor actor, CancellationToken cancel) =>
        contexts.ChangeAsync<LogRule>("log_rule", name, actor, null, (db, rule) => SaveAsync(db, rule.Input() with { Enabled = enabled }, rule, actor, cancel), cancel);

    public Task<Outcome<LogRule>> DeleteAsync(string name, Actor actor, CancellationToken cancel) =>
        contexts.ChangeAsync<LogRule>("log_rule", name, actor, null, async (db, rule) => { await RemoveAsync(db, rule, actor, cancel); return rule; }, cancel);

    /// <summary>Creates a rule, or makes <paramref name="existing"/> as written, within the caller's transaction: the configuration file changes many or none.</summary>
    public async Task<Outcome<LogRule>> SaveAsync(OpsDbContext db, LogRuleInput input, LogRule? existing, Actor actor, CancellationToken cancel)
    {
        input = input.Trimmed();
        var errors = new List<FieldError>();
        if (input.Name != existing?.Name && await db.LogRules.AnyAsync(r => r.Name == input.Name, cancel)) errors.Add(new("name", Phrase.Of("input.taken", input.Name)));
        if (input.Service is { } service && !await db.Services.AnyAsync(s => s.Name == service, cancel)) errors.Add(new("service", Phrase.Of("refused.not_found.service", service)));
        if (errors.Count > 0) return Refusal.Invalid(errors);
        var now = time.GetUtcNow();
        var before = existing?.Input();
        if (before is not null && IsSame(before, input) && existing!.FromFile == (actor.Kind == ActorKind.File)) return existing;
        var rule = existing ?? db.LogRules.Add(new() { CreatedAt = now }).Entity;
        // Another pattern, or awake again: what is missing is missing from now on.
        if (before is not null && (before.Match != input.Match || (input.Enabled && !before.Enabled))) rule.CreatedAt = now;
        rule.Write(input);
        rule.FromFile = actor.Kind == ActorKind.File;
        await db.SaveChangesAsync(cancel);
        // Its labels would be others from now on, or its state mean something else: the old alert ends, and the next lines say the rest.
        if (before is not null && !IsSame(before with { Runbook = input.Runbook, Title = input.Title }, input)) await ForgetAsync(db, rule.Id, before.Name, now, cancel);
        // What never came is missing too: an absence waits from now on.
        if (input is { Enabled: true, AbsentFor: { } absent } && !await db.LogRuleStates.AnyAsync(s => s.RuleId == rule.Id, cancel)) db.LogRuleStates.Add(new() { RuleId = rule.Id, DueAt = rule.CreatedAt + absent, UpdatedAt = now });
        db.Audit.Add(AuditEntry.Of(actor, existing is null ? "log_rule.create" : "log_rule.update", rule.Name, before, input, now));
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, LogRule.Topic, rule.Id, cancel);
        return rule;
    }

    public async Task RemoveAsync(OpsDbContext db, LogRule rule, Actor actor, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        await ForgetAsync(db, rule.Id, rule.Name, now, cancel);
        db.LogRules.Remove(rule);
        db.Audit.Add(AuditEntry.Of(actor, "log_rule.delete", rule.Name, rule.Input(), null, now));
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, LogRule.Topic, rule.Id, cancel);
    }

    private static bool IsSame(LogRuleInput a, LogRuleInput b) => Json.Text(a) == Json.Text(b); // records compare their lists by identity

    private static async Task ForgetAsync(OpsDbContext db, long id, string name, DateTimeOffset now, CancellationToken cancel)
    {
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        await db.Database.ExecuteSqlAsync($"delete from log_rule_states where rule_id = {id}", cancel);
        if (await LogAlerts.EndsAsync(connection, name, null, now, cancel) is { Count: > 0 } ends) await AlertIntake.ApplyAsync(connection, ends, now, cancel);
    }
}
