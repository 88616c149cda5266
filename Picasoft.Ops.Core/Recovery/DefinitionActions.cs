using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Recovery;

/// <summary>What a plan or a cluster may name.</summary>
/// <param name="Machines">Of <c>ssh_hosts</c>.</param>
public sealed record DefinitionChoices(IReadOnlyList<string> Services, IReadOnlyList<string> Clusters, IReadOnlyList<string> Machines, IReadOnlyList<string> People);

/// <summary>A second administrator's word on a laxer plan.</summary>
public sealed record AgreeInput
{
    /// <summary>Of the plan, as it was shown to them: to what was changed since they have not agreed.</summary>
    [Setting(Required = true, Min = "0", Max = "4294967295")]
    public long? Version { get; init; }
}

/// <summary>
/// What people do to recovery plans and clusters in the page and the API. One change at a time in the whole installation, as for the inventory and the file.
/// What may be run on other machines (<c>ssh_hosts</c>) is in the file only: see ADR 21.
/// </summary>
public sealed class DefinitionActions(IDbContextFactory<OpsDbContext> contexts, OpsSettings settings, TimeProvider time) : IInventoryUser
{
    /// <param name="name">The one that is changed; null: a new one.</param>
    /// <param name="version">The one the actor saw; null: whichever.</param>
    public Task<Outcome<Policy>> SavePlanAsync(string? name, RecoveryPlanInput input, uint? version, Actor actor, CancellationToken cancel) =>
        SaveAsync(PolicyKind.RecoveryPlan, name, input.Name, input, version, actor, db => WrongAsync(db, input, cancel), cancel);

    /// <summary>A second administrator agrees to what another one made laxer.</summary>
    /// <param name="version">The one the actor was shown.</param>
    public Task<Outcome<Policy>> AgreeAsync(string name, uint version, Actor actor, CancellationToken cancel) => contexts.InTransactionAsync<Policy>(async db =>
    {
        await InventoryActions.LockAsync(db, cancel);
        await RecoveryActions.LockAsync(db, cancel);
        if (await db.Policies.AsNoTracking().SingleOrDefaultAsync(p => p.Kind == PolicyKind.RecoveryPlan && p.Name == name, cancel) is not { } row) return Refusal.NotFound("recovery_plan", name);
        var plan = Json.Parse<RecoveryPlanInput>(row.Definition);
        if (await db.PlanStates.SingleOrDefaultAsync(s => s.Plan == name, cancel) is not { } state || !state.IsLaxer(plan)) return Refusal.Conflict(Phrase.Of("recovery.not_laxer", name));
        if (row.Version != version) return Refusal.Conflict(Phrase.Of("recovery.agree_changed"));
        var (agreed, now) = (state.Agreed, time.GetUtcNow());
        if (actor.Kind == ActorKind.Person && !await AreSeveralAsync(db, cancel)) state.Settle();
        else if (state.Agree(actor, now) is { } why) return Refusal.Conflict(why);
        db.Audit.Add(AuditEntry.Of(actor, "recovery_plan.agree", name, agreed, plan, now));
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, Policy.Topic, 0, cancel);
        return row;
    }, cancel);

    /// <inheritdoc cref="SavePlanAsync"/>
    public Task<Outcome<Policy>> SaveClusterAsync(string? name, ClusterInput input, uint? version, Actor actor, CancellationToken cancel) =>
        SaveAsync(PolicyKind.Cluster, name, input.Name, input, version, actor, db => WrongAsync(db, input, cancel), cancel);

    public Task<Outcome<Policy>> DeletePlanAsync(string name, Actor actor, CancellationToken cancel) => DeleteAsync<RecoveryPlanInput>(PolicyKind.RecoveryPlan, name, actor, cancel);

    public Task<Outcome<Policy>> DeleteClusterAsync(string name, Actor actor, CancellationToken cancel) => DeleteAsync<ClusterInput>(PolicyKind.Cluster, name, actor, cancel);

    /// <summary>The row of one; null: there is none.</summary>
    public async Task<Policy?> FindAsync(PolicyKind kind, string name, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.Policies.AsNoTracking().SingleOrDefaultAsync(p => p.Kind == kind && p.Name == name, cancel);
    }

    public async Task<DefinitionChoices> ChoicesAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var names = (await db.Policies.Where(p => p.Kind == PolicyKind.Cluster || p.Kind == PolicyKind.SshHost).OrderBy(p => p.Name).Select(p => new { p.Kind, p.Name }).ToListAsync(cancel)).ToLookup(p => p.Kind, p => p.Name);
        return new(await db.Services.OrderBy(s => s.Name).Select(s => s.Name).ToListAsync(cancel), [.. names[PolicyKind.Cluster]], [.. names[PolicyKind.SshHost]], await db.People.Where(p => p.IsActive).OrderBy(p => p.Name).Select(p => p.Name).ToListAsync(cancel));
    }

    public async Task<IReadOnlyList<string>> UsersOfServiceAsync(OpsDbContext db, string service, CancellationToken cancel) => await UsersAsync(db, ("service", service), cancel);

    private Task<Outcome<Policy>> SaveAsync<TInput>(PolicyKind kind, string? name, string written, TInput input, uint? version, Actor actor, Func<OpsDbContext, Task<List<FieldError>>> wrong, CancellationToken cancel) where TInput : class => contexts.InTransactionAsync<Policy>(async db =>
    {
        await InventoryActions.LockAsync(db, cancel); // what it names stays
        var row = await db.Policies.SingleOrDefaultAsync(p => p.Kind == kind && p.Name == (name ?? written), cancel);
        if (name is null && row is not null) return Refusal.Invalid("name", Phrase.Of("input.taken", written));
        if (name is not null && row is null) return Refusal.NotFound(Words.Of(kind), name);
        if (row?.FromFile == true) return Refusal.Conflict(Phrase.Of("refused.from_file", row.Name));
        if (row is not null && version is not null && version != row.Version) return Refusal.Conflict(Phrase.Of("refused.changed_meanwhile"));
        if (row is not null && written != row.Name) return Refusal.Invalid("name", Phrase.Of("input.renamed", row.Name));
        if (await wrong(db) is { Count: > 0 } errors) return Refusal.Invalid(errors);
        var before = row is null ? null : Json.Parse<TInput>(row.Definition);
        row ??= db.Policies.Add(new() { Kind = kind, Name = written }).Entity;
        row.Definition = Json.Text(input);
        await RememberAsync(db, before as RecoveryPlanInput, input as RecoveryPlanInput, actor, cancel);
        db.Audit.Add(AuditEntry.Of(actor, $"{Words.Of(kind)}.{(before is null ? "create" : "update")}", written, before, input, time.GetUtcNow()));
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, Policy.Topic, 0, cancel);
        return row;
    }, cancel);

    private Task<Outcome<Policy>> DeleteAsync<TInput>(PolicyKind kind, string name, Actor actor, CancellationToken cancel) where TInput : class => contexts.InTransactionAsync<Policy>(async db =>
    {
        await InventoryActions.LockAsync(db, cancel);
        if (await db.Policies.SingleOrDefaultAsync(p => p.Kind == kind && p.Name == name, cancel) is not { } row) return Refusal.NotFound(Words.Of(kind), name);
        if (row.FromFile) return Refusal.Conflict(Phrase.Of("refused.from_file", name));
        if (await UsersAsync(db, (Words.Of(kind), name), cancel) is { Count: > 0 } users) return Refusal.Conflict(Phrase.Of("inventory.in_use", name, string.Join(", ", users)));
        var before = Json.Parse<TInput>(row.Definition);
        db.Policies.Remove(row);
        await RememberAsync(db, before as RecoveryPlanInput, null, actor, cancel);
        db.Audit.Add(AuditEntry.Of(actor, $"{Words.Of(kind)}.delete", name, before, null, time.GetUtcNow()));
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, Policy.Topic, 0, cancel);
        return row;
    }, cancel);

    /// <summary>That one administrator made a plan laxer on which two people must agree; where there is only one, there is nobody to ask.</summary>
    private async Task RememberAsync(OpsDbContext db, RecoveryPlanInput? before, RecoveryPlanInput? after, Actor actor, CancellationToken cancel)
    {
        if ((before ?? after)?.Name is not { } name) return;
        await RecoveryActions.LockAsync(db, cancel); // the rows are the runner's as well
        var now = time.GetUtcNow();
        var known = await db.PlanStates.SingleOrDefaultAsync(s => s.Plan == name, cancel);
        var state = known ?? new() { Plan = name, KnownSince = now };
        if (await AreSeveralAsync(db, cancel)) state.Change(before, after, actor, now);
        else if (after is not null) state.Settle();
        if (known is null && state.Agreed is not null) db.PlanStates.Add(state);
    }

    /// <summary>There is another administrator to ask. Whoever acts is one, or is a program that one of them made.</summary>
    private static async Task<bool> AreSeveralAsync(OpsDbContext db, CancellationToken cancel) => await db.People.CountAsync(p => p.IsActive && p.Role == Role.Admin, cancel) > 1;

    /// <summary>The plans and clusters that name something, as <c>recovery_plan:move-database</c>.</summary>
    private static async Task<List<string>> UsersAsync(OpsDbContext db, (string Kind, string Name) what, CancellationToken cancel) =>
        [.. (await db.Policies.AsNoTracking().Where(p => p.Kind == PolicyKind.RecoveryPlan || p.Kind == PolicyKind.Cluster).OrderBy(p => p.Name).ToListAsync(cancel))
            .Where(p => PlanReferences.NamedBy(p).Contains(what)).Select(p => $"{Words.Of(p.Kind)}:{p.Name}")];

    private async Task<List<FieldError>> WrongAsync(OpsDbContext db, RecoveryPlanInput input, CancellationToken cancel)
    {
        var (clusters, machines) = await NamedAsync(db, cancel);
        var errors = PlanReferences.Check(clusters, machines, [input]).Select(e => e.Error).Concat(PlanReferences.Missing(clusters, input)).ToList();
        if (!await db.Services.AnyAsync(s => s.Name == input.Service, cancel)) errors.Add(new("service", Phrase.Of("inventory.no_service", input.Service)));
        // Whoever writes the file has the machine's files anyway; whoever has the page does not, and must not have one sent to an address of theirs.
        errors.AddRange(input.SecretFiles().Where(f => !IsAllowed(f.File)).Select(f => new FieldError(f.Field, Phrase.Of("recovery.file_outside", f.File, settings.RecoverySecrets.Length == 0 ? "OPS_RECOVERY_SECRETS" : settings.RecoverySecrets))));
        return errors;
    }

    /// <summary>Plans that name it must go on naming what is there.</summary>
    private static async Task<List<FieldError>> WrongAsync(OpsDbContext db, ClusterInput input, CancellationToken cancel)
    {
        var errors = new List<FieldError>();
        if (input.Service is { } service && !await db.Services.AnyAsync(s => s.Name == service, cancel)) errors.Add(new("service", Phrase.Of("inventory.no_service", service)));
        var (clusters, machines) = await NamedAsync(db, cancel);
        var plans = (await db.Policies.AsNoTracking().Where(p => p.Kind == PolicyKind.RecoveryPlan).OrderBy(p => p.Name).Select(p => p.Definition).ToListAsync(cancel)).ConvertAll(Json.Parse<RecoveryPlanInput>);
        plans.RemoveAll(p => !p.Named().Contains(("cluster", input.Name)));
        errors.AddRange(PlanReferences.Check([.. clusters.Where(c => c.Name != input.Name), input], machines, plans).Select(e => new FieldError("", Phrase.Of("recovery.breaks_plan", e.Plan.Name, e.Error.Message))));
        return errors;
    }

    private static async Task<(List<ClusterInput> Clusters, List<SshHostInput> Machines)> NamedAsync(OpsDbContext db, CancellationToken cancel) => (
        [.. await ClusterQueries.ReadAsync(db, cancel)],
        (await db.Policies.AsNoTracking().Where(p => p.Kind == PolicyKind.SshHost).Select(p => p.Definition).ToListAsync(cancel)).ConvertAll(Json.Parse<SshHostInput>));

    private bool IsAllowed(string file) => Path.IsPathRooted(file) && settings.RecoverySecrets.Split(':', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Any(folder => Path.GetFullPath(file).StartsWith(Path.GetFullPath(folder).TrimEnd('/') + "/", StringComparison.Ordinal));
}
