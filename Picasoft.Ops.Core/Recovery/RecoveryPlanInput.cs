using System.Text.Json.Serialization;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Recovery;

/// <summary>How to bring a service back, as people write it under <c>recovery_plans</c>.</summary>
public sealed record RecoveryPlanInput
{
    [Setting(Required = true, Name = true, Example = "move-database")]
    public string Name { get; init; } = "";

    [Setting(MaxLength = 200, Example = "Move the database off a machine")]
    public string? Title { get; init; }

    /// <summary>What it brings back; its targets are that service's <c>rto</c> and <c>rpo</c>.</summary>
    [Setting(Required = true, Name = true, Example = "postgres")]
    public string Service { get; init; } = "";

    /// <summary>Who keeps it true.</summary>
    [Setting(MaxLength = 100)]
    public string? Owner { get; init; }

    /// <summary>How many different people must agree before a destructive step: whoever started it is one.</summary>
    [Setting(Min = "1", Max = "2")]
    public int People { get; init; } = 1;

    /// <summary>Checks that must all hold before the first step.</summary>
    [Setting(MaxLength = 20)]
    public IReadOnlyList<PreflightInput> Preflight { get; init; } = [];

    [Setting(Required = true, MaxLength = 50)]
    public IReadOnlyList<RecoveryStepInput> Steps { get; init; } = [];

    /// <summary>What else it lays hands on, beside its service and the clusters that its steps name: two runs never share any of it.</summary>
    [Setting(Name = true)]
    public IReadOnlyList<string> Shares { get; init; } = [];

    /// <summary>It may start by itself; null: only people start it.</summary>
    public AutomaticInput? Automatic { get; init; }

    /// <summary>It is practised; null: nobody says how often.</summary>
    public PlannedDrillInput? Drill { get; init; }

    [JsonIgnore]
    public string Shown => Title ?? Name;

    /// <summary>What it goes through, checks before the first step included.</summary>
    [JsonIgnore]
    public IReadOnlyList<RecoveryStepInput> Way => [.. Preflight.Select(p => p.ToStep()), .. Steps];

    /// <summary>Whether one person may do by this what two had to agree on before: fewer must agree, or a step that acts no longer asks.</summary>
    public bool IsLaxerThan(RecoveryPlanInput before) => before.People > 1 && GoesBeyond(before);

    /// <summary>Whether one person may do by this what they could not do by the other, however many must agree there.</summary>
    internal bool GoesBeyond(RecoveryPlanInput before) => People < before.People
        || Steps.Any(s => s.IsUnasked && !before.Steps.Any(b => b.IsUnasked && b.DoesAs(s)))
        || (People == 1 && Steps.Any(s => s.Acts && !before.Steps.Any(b => b.DoesAs(s with { Destructive = b.Destructive }))));

    /// <summary>As it is run while only one administrator wants it laxer: two people agree to whatever acts.</summary>
    internal RecoveryPlanInput Guarded => this with { People = 2, Steps = [.. Steps.Select(s => s.IsUnasked ? s with { Destructive = true } : s)] };

    /// <summary>The other things that it names: the kind, in the words of the file, and the name.</summary>
    internal IEnumerable<(string Kind, string Name)> Named() => new (string Kind, string? Name)[] { ("service", Service) }
        .Concat(Way.SelectMany(s => new (string Kind, string? Name)[] { ("cluster", s.Check?.Cluster), ("cluster", s.Patroni?.Cluster), ("ssh_host", s.Ssh?.Host) }))
        .Where(n => n.Name is not null).Select(n => (n.Kind, n.Name!)).Distinct();

    /// <summary>The clusters that its steps name, and where.</summary>
    internal IEnumerable<(string Field, string Name)> NamedClusters() =>
        Preflight.Index().Select(p => (Field: $"preflight[{p.Index}].check.cluster", Name: p.Item.Check?.Cluster))
            .Concat(Steps.Index().SelectMany(s => new (string Field, string? Name)[] { ($"steps[{s.Index}].check.cluster", s.Item.Check?.Cluster), ($"steps[{s.Index}].patroni.cluster", s.Item.Patroni?.Cluster) }))
            .Where(n => !string.IsNullOrEmpty(n.Name)).Select(n => (n.Field, n.Name!));

    /// <summary>Files whose first line it sends somewhere, and where they are named.</summary>
    internal IEnumerable<(string Field, string File)> SecretFiles() => Steps.Index().SelectMany(s => new (string Field, string? File)[] { ($"steps[{s.Index}].http.token_file", s.Item.Http?.TokenFile), ($"steps[{s.Index}].patroni.password_file", s.Item.Patroni?.PasswordFile) })
        .Where(f => f.File is not null).Select(f => (f.Field, f.File!));

    /// <summary>What no other run may touch meanwhile: the service as it stands, clusters and machines with a word before them.</summary>
    internal IReadOnlyList<string> Resources => [.. new[] { Service }.Concat(Shares)
        .Concat(Way.SelectMany(s => new[] { s.Patroni?.Cluster is { } c ? $"cluster:{c}" : null, s.Ssh?.Host is { } h ? $"ssh:{h}" : null, s.Docker is { } d ? $"docker:{d.Engine}/{d.Container}" : null, s.Haproxy is { } p ? $"haproxy:{p.Socket}/{p.Backend}" : null }))
        .OfType<string>().Distinct(StringComparer.Ordinal)];
}

/// <summary>Under what guards a plan starts by itself: for an open incident of its service of which somebody was told, so never while it is silenced or maintained.</summary>
public sealed record AutomaticInput
{
    /// <summary>From this severity on.</summary>
    public Severity Severity { get; init; } = Severity.Critical;

    /// <summary>The incident must have been open for so long: what heals by itself is left alone.</summary>
    [Setting(Min = "0s", Max = "1h")]
    public TimeSpan After { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>From how many locations the service must be seen to fail.</summary>
    [Setting(Min = "1", Max = "10")]
    public int Locations { get; init; } = 2;

    /// <summary>How often it starts by itself within <see cref="Within"/>, at most.</summary>
    [Setting(Min = "1", Max = "20")]
    public int AtMost { get; init; } = 2;

    [Setting(Min = "10m", Max = "30d")]
    public TimeSpan Within { get; init; } = TimeSpan.FromDays(1);
}

/// <summary>How often a plan is practised.</summary>
public sealed record PlannedDrillInput : IChecked
{
    /// <summary>When a drill starts by itself, as cron with five fields; null: people start it.</summary>
    [Setting(MaxLength = 100, Example = "0 5 2 * *")]
    public string? Schedule { get; init; }

    [Setting(MaxLength = 100)]
    public string TimeZone { get; init; } = "UTC";

    /// <summary>It is overdue when none has ended well for so long.</summary>
    [Setting(Min = "1d", Max = "800d")]
    public TimeSpan OverdueAfter { get; init; } = TimeSpan.FromDays(120);

    public IEnumerable<FieldError> Check() => Schedule is null ? [] : Recurrence.Parse(Schedule, TimeZone, TimeSpan.FromMinutes(1)).Refusal?.Errors ?? [];

    /// <summary>When the next one starts after an instant; null: never by itself.</summary>
    public DateTimeOffset? NextAfter(DateTimeOffset at) => Schedule is null || Recurrence.Parse(Schedule, TimeZone, TimeSpan.FromMinutes(1)) is not { IsDone: true, Value: var recurrence } ? null : recurrence.NextAfter(at);
}
