using System.Text.Json;
using System.Text.Json.Nodes;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Web.Shell;

namespace Picasoft.Ops.Web.Alerts;

/// <summary>Routes, escalations, windows and so on as the API shows them: what was written, and what only an answer says.</summary>
internal static class PolicyJson
{
    private const int Next = 5;

    /// <summary>Fields of an answer that a change does not take; the name of what has none of its own is one.</summary>
    public static IReadOnlyCollection<string> AnsweredBy(PolicyShape shape) => shape.IsNamed ? ["number", "position", "fromFile", "until", "next"] : ["name", "number", "position", "fromFile"];

    public static JsonObject Of(PolicyRow row, DateTimeOffset now)
    {
        var json = Api.Written(row.Input, row.Policy.FromFile, row.Policy.Version);
        json["name"] = row.Policy.Name;
        json["number"] = row.Number;
        json["position"] = row.Policy.Position;
        if (row.Input is not MaintenanceInput input) return json;
        var window = new Maintenance(input);
        json["until"] = JsonValue.Create(window.EndAt(now)?.UtcDateTime);
        json["next"] = new JsonArray([.. window.After(now, Next).Select(w => new JsonObject { ["startsAt"] = w.Start.UtcDateTime, ["endsAt"] = w.End.UtcDateTime })]);
        return json;
    }

    public static object Of(PolicyEffect effect) => new
    {
        effect.Alerts,
        effect.Changed,
        effect.Muted,
        effect.Freed,
        Examples = effect.Examples.Select(c => new { c.Labels, c.Incident, Before = Of(c.Before), After = Of(c.After) }),
    };

    private static object Of(AlertFate fate) => new { fate.Labels, fate.Routes, fate.Escalations, Group = fate.Group.In(), MutedBy = fate.Mutes.Select(m => m.Words.In()) };
}
