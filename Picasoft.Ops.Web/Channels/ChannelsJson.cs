using System.Text.Json;
using System.Text.Json.Nodes;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Web.Channels;

/// <summary>Channels and deliveries as the API shows them.</summary>
internal static class ChannelsJson
{
    /// <summary>What a channel's answer says besides what can be written.</summary>
    public static readonly IReadOnlyCollection<string> Answered = ["id", "fromFile", "recipients", "lastSentAt", "lastFailedAt", "lastFailure", "waiting"];

    /// <summary>Name, type and the kind's settings side by side, as in <c>ops.yaml</c>; secrets are masked, and a mask sent back keeps what is stored.</summary>
    public static JsonObject Of(ChannelOverview overview, ChannelKinds kinds)
    {
        var channel = overview.Channel;
        var json = new JsonObject { ["id"] = channel.Id, ["name"] = channel.Name, ["type"] = channel.Type, ["enabled"] = channel.Enabled, ["dependsOn"] = new JsonArray([.. channel.DependsOn.Select(d => (JsonNode)d)]), ["fallback"] = channel.Fallback, ["scream"] = channel.Scream, ["foldStorms"] = channel.FoldStorms, ["unprovenAfter"] = JsonSerializer.SerializeToNode(channel.UnprovenAfter, OpsJson.Api) };
        if (kinds.SettingsOf(channel) is { } settings)
            foreach (var (name, value) in JsonSerializer.SerializeToNode(settings, settings.GetType(), OpsJson.Api)!.AsObject())
                json[name] = value?.DeepClone();
        json["fromFile"] = channel.FromFile;
        json["version"] = channel.Version;
        json["recipients"] = new JsonArray([.. overview.Recipients.Select(r => (JsonNode)r.Address)]);
        json["lastSentAt"] = JsonSerializer.SerializeToNode(overview.LastSentAt, OpsJson.Api);
        json["lastFailedAt"] = JsonSerializer.SerializeToNode(overview.LastFailedAt, OpsJson.Api);
        json["lastFailure"] = overview.LastFailure?.In();
        json["waiting"] = overview.Waiting;
        return json;
    }

    public static object Of(Delivery d) => Of(d, []);

    /// <param name="tries">Each with what came of it; oldest first.</param>
    public static object Of(Delivery d, IEnumerable<DeliveryAttempt> tries) => new
    {
        id = d.Id,
        channel = d.ChannelName,
        recipient = d.Recipient,
        person = d.Person,
        incident = d.IncidentNumber,
        reason = d.Reason,
        state = d.State,
        attempts = d.Attempts,
        createdAt = d.CreatedAt,
        nextAttemptAt = d.State == DeliveryState.Pending ? d.NextAttemptAt : (DateTimeOffset?)null,
        sentAt = d.SentAt,
        confirmedAt = d.ConfirmedAt,
        outcome = d.LastOutcome?.In(),
        tries = tries.Select(t => new { at = t.At, ms = t.Ms, ok = t.Ok, outcome = t.Outcome.In() }),
    };
}
