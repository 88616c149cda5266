using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Picasoft.Ops.Core.Alerts.Routing;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Alerts;

/// <summary>What a <see cref="Policy"/> is.</summary>
public enum PolicyKind
{
    LabelRule,
    Route,
    InhibitRule,
    Maintenance,
    Escalation,
    Schedule,
    /// <summary>Several machines that stand in for each other; see Recovery.</summary>
    Cluster,
    /// <summary>How to bring a service back; see Recovery.</summary>
    RecoveryPlan,
    /// <summary>A machine on which recovery plans may run commands, and which; see Recovery.</summary>
    SshHost,
    /// <summary>The public status page, of which there is one; see Reports.</summary>
    StatusPage,
}

/// <summary>One thing that people decided about paging, kept as they wrote it: a route, an inhibition, a maintenance window … Few, read whole, judged by pure types.</summary>
public sealed class Policy
{
    /// <summary>Topic of <see cref="ChangeSignal"/>.</summary>
    public const string Topic = "policies";

    public long Id { get; set; }

    public PolicyKind Kind { get; set; }

    /// <summary>Unique among its kind. One without a name of its own is called by its place in the file (<c>1</c>, <c>2</c> …), or <c>p1</c>, <c>p2</c> … if people made it in the page.</summary>
    public string Name { get; set; } = "";

    /// <summary>Its input record as JSON.</summary>
    public string Definition { get; set; } = "{}";

    public bool FromFile { get; set; }

    /// <summary>Where it stands among those of the file, or among those that people made, from 1.</summary>
    public int Position { get; set; }

    public uint Version { get; set; }
}

internal sealed class PolicyMapping : IEntityTypeConfiguration<Policy>
{
    public void Configure(EntityTypeBuilder<Policy> builder)
    {
        builder.ToTable("policies");
        builder.Property(p => p.Kind).HasConversion<string>().HasMaxLength(20);
        builder.Property(p => p.Name).HasMaxLength(100);
        builder.Property(p => p.Definition).HasColumnType("jsonb");
        builder.HasIndex(p => new { p.Kind, p.Name }).IsUnique();
        builder.Property(p => p.Version).IsRowVersion();
    }
}

/// <summary>All that people decided about paging, ready to judge. Pure.</summary>
public sealed class PolicyBook
{
    public PolicyBook(IEnumerable<Policy> policies)
    {
        var all = policies.ToLookup(p => p.Kind);
        Labels = new(Of<LabelRuleInput>(all[PolicyKind.LabelRule]));
        Routes = new(Route.Root with { Routes = [.. Of<RouteInput>(all[PolicyKind.Route]).Select((r, i) => r.ToRoute(Route.Root, i + 1))] });
        Inhibitions = [.. Of<InhibitInput>(all[PolicyKind.InhibitRule]).Select((r, i) => InhibitRule.Of(r, i + 1))];
        Maintenances = [.. Of<MaintenanceInput>(all[PolicyKind.Maintenance]).Select(m => new Maintenance(m))];
        Escalations = all[PolicyKind.Escalation].ToDictionary(p => p.Name, p => p.Definition, StringComparer.Ordinal);
        Schedules = all[PolicyKind.Schedule].ToDictionary(p => p.Name, p => p.Definition, StringComparer.Ordinal);
    }

    public LabelRules Labels { get; }

    public RouteTree Routes { get; }

    public IReadOnlyList<InhibitRule> Inhibitions { get; }

    public IReadOnlyList<Maintenance> Maintenances { get; }

    /// <summary>The escalation policies as they were written, by name; their shape belongs to whoever escalates.</summary>
    public IReadOnlyDictionary<string, string> Escalations { get; }

    /// <summary>The on-call schedules, likewise.</summary>
    public IReadOnlyDictionary<string, string> Schedules { get; }

    public static async Task<PolicyBook> ReadAsync(OpsDbContext db, CancellationToken cancel) => new(await db.Policies.AsNoTracking().ToListAsync(cancel));

    /// <summary>
    /// The order in which they are tried: what people made in the page, then what the file says. A file usually ends with what catches the rest,
    /// behind which nothing would ever be reached.
    /// </summary>
    public static IEnumerable<Policy> Ordered(IEnumerable<Policy> policies) => policies.OrderBy(p => p.FromFile).ThenBy(p => p.Position).ThenBy(p => p.Name, StringComparer.Ordinal);

    private static List<T> Of<T>(IEnumerable<Policy> policies) => [.. Ordered(policies).Select(p => Json.Parse<T>(p.Definition))];
}
