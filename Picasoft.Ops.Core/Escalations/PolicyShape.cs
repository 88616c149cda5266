using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Alerts.Routing;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Escalations;

/// <summary>How people write one kind of <see cref="Policy"/>, and what it names.</summary>
/// <param name="Kind">Which kind.</param>
/// <param name="Input">Its record.</param>
/// <param name="Section">Its key in <c>ops.yaml</c>.</param>
public sealed record PolicyShape(PolicyKind Kind, Type Input, string Section)
{
    /// <summary>In the order in which an alert meets them.</summary>
    public static IReadOnlyList<PolicyShape> All { get; } =
    [
        new(PolicyKind.LabelRule, typeof(LabelRuleInput), "label_rules"),
        new(PolicyKind.Route, typeof(RouteInput), "routes"),
        new(PolicyKind.InhibitRule, typeof(InhibitInput), "inhibit_rules"),
        new(PolicyKind.Maintenance, typeof(MaintenanceInput), "maintenance"),
        new(PolicyKind.Escalation, typeof(EscalationInput), "escalations"),
    ];

    /// <summary>In addresses: <c>inhibit-rules</c>.</summary>
    public string Path => Section.Replace('_', '-');

    /// <summary>It has a name of its own; else it is called by its place.</summary>
    public bool IsNamed => Shape.Of(Input).Find("name") is not null;

    /// <summary>Its place decides: the first that matches counts, or the last one has the last word.</summary>
    public bool IsOrdered => Kind is PolicyKind.LabelRule or PolicyKind.Route;

    public static PolicyShape Of(PolicyKind kind) => All.First(s => s.Kind == kind);

    /// <summary>By its <see cref="Path"/>; null: there is none.</summary>
    public static PolicyShape? At(string? path) => All.FirstOrDefault(s => s.Path == path);

    public Outcome<object> Read(InputNode written) => InputReader.Read(Input, written);

    /// <summary>As it was written.</summary>
    public object InputOf(Policy policy) => Json.Parse(policy.Definition, Input);

    /// <summary>The name that somebody gave; null: it is called by its place.</summary>
    public string? NameOf(object input) => Shape.Of(Input).Find("name")?.Get(input) as string;

    /// <summary>The other things that one names.</summary>
    /// <returns>Where, in the words of the contract; the kind; the name.</returns>
    public static IEnumerable<(string Field, string Kind, string Name)> NamedBy(object input, string path = "") => input switch
    {
        RouteInput route => (route.Escalation is { } name ? [(InputReader.Join(path, "escalation"), "escalation", name)] : Array.Empty<(string, string, string)>())
            .Concat(route.Routes.SelectMany((within, i) => NamedBy(within, InputReader.Join(path, $"routes[{i}]")))),
        EscalationInput policy => policy.Steps.SelectMany((step, i) => step.Notify.SelectMany((who, j) =>
            NotifyTarget.Parse(who) is { Name.Length: > 0 } target ? [($"steps[{i}].notify[{j}]", target.Kind, target.Name)] : Array.Empty<(string, string, string)>())),
        _ => [],
    };
}
