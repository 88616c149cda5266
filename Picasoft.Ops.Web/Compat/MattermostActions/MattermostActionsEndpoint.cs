using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.RateLimiting;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Notifications.Channels;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Web.Shell;

namespace Picasoft.Ops.Web.Compat.MattermostActions;

/// <summary>
/// Buttons of a post in Mattermost (interactive messages). Only Mattermost knows the context that we gave it, and the context is signed:
/// a click is believed when its token is ours, and done once, in the name of the person who has that Mattermost name.
/// </summary>
public static class MattermostActionsEndpoint
{
    private const int MaxBody = 64 * 1024;

    private static readonly TimeSpan _silence = TimeSpan.FromHours(1);

    public static void MapMattermostActions(this IEndpointRouteBuilder app) =>
        app.MapPost("/hooks/mattermost/{channel}", ClickAsync).AllowAnonymous().DisableAntiforgery().ExcludeFromDescription();

    private static async Task<IResult> ClickAsync(
        string channel, HttpRequest request, LinkSigner signer, PeopleQueries people, ClickActions clicks, IncidentActions incidents, IncidentQueries triage, SilenceActions silences, TimeProvider time, CancellationToken cancel)
    {
        if (request.ContentLength > MaxBody) return Results.StatusCode(StatusCodes.Status413PayloadTooLarge);
        var node = await Api.ReadNodeAsync(request, cancel);
        if (node.Refusal is not null || Click.Read(node.Value) is not { } click) return Results.BadRequest();
        var now = time.GetUtcNow();
        if (!signer.IsSigned(MattermostChannel.Signed(channel, click.Incident, click.Action, click.Expires, click.Revision), click.Token)) return Results.Unauthorized();
        if (DateTimeOffset.FromUnixTimeSeconds(click.Expires) <= now) return Say(Phrase.Of("mattermost.old_button"), "fr");
        var person = (await people.AllAsync(cancel)).Find(p => p.IsActive && string.Equals(p.Contacts.Mattermost, click.UserName, StringComparison.OrdinalIgnoreCase) && click.UserName.Length > 0);
        if (person is null) return Say(Phrase.Of("mattermost.unknown_user", click.UserName), "fr");
        var language = person.Language ?? "fr";
        if (person.Role == Role.Viewer) return Say(Phrase.Of("refused.viewer"), language);
        var actor = new Actor(ActorKind.Person, person.Id, person.Name, request.HttpContext.Connection.RemoteIpAddress?.ToString());
        var refusal = await clicks.OnceAsync(click.Token, click.Incident, click.Action, actor, async () => click.Action switch
        {
            MessageAction.Acknowledge => (await incidents.AcknowledgeAsync(click.Incident, actor, null, null, null, cancel)).Refusal,
            MessageAction.Resolve => (await incidents.ResolveAsync(click.Incident, actor, null, null, cancel)).Refusal,
            MessageAction.Silence => await SilenceAsync(click.Incident, actor, triage, silences, cancel),
            _ => Refusal.Invalid("action", Phrase.Of("input.expected_choice", click.Action, "acknowledge, silence, resolve")),
        }, cancel);
        // Somebody took it elsewhere: who clicks wants to know who.
        if (refusal is { Errors: [{ Message.Key: "incident.refused.acknowledged.acknowledge" }] } && (await triage.FindAsync(click.Incident, cancel))?.Incident.AcknowledgedBy is { } by) refusal = Refusal.Conflict(Phrase.Of("click.taken", click.Incident, by));
        return Say(refusal?.Errors[0].Message ?? Phrase.Of("mattermost.done." + click.Action, click.Incident), language);
    }

    private static async Task<Refusal?> SilenceAsync(long incident, Actor actor, IncidentQueries triage, SilenceActions silences, CancellationToken cancel)
    {
        var matchers = await triage.MatchersOfAsync(incident, cancel);
        return matchers.Count == 0 ? Refusal.Conflict(Phrase.Of("incident.no_alert"))
            : (await silences.CreateAsync(new() { Matchers = matchers, Duration = _silence, Comment = string.Create(CultureInfo.InvariantCulture, $"#{incident}, Mattermost") }, actor, cancel)).Refusal;
    }

    /// <summary>Only who clicked reads it; the post itself is kept current by us.</summary>
    private static IResult Say(Phrase words, string language) => Results.Json(new { ephemeral_text = words.In(CultureInfo.GetCultureInfo(language)) });

    /// <summary>What Mattermost sends with a click, as far as we need it.</summary>
    private sealed record Click(string UserName, string Action, long Incident, long Expires, long Revision, string Token)
    {
        public static Click? Read(InputNode body)
        {
            if (body is not InputMap map || map["context"] is not InputMap context) return null;
            var (incident, expires) = (Text(context, "incident"), Text(context, "expires"));
            return long.TryParse(incident, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && long.TryParse(expires, NumberStyles.None, CultureInfo.InvariantCulture, out var until) && until < 253402300799
                && long.TryParse(Text(context, "revision"), NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
                ? new(Text(map, "user_name"), Text(context, "action"), number, until, revision, Text(context, "token")) : null;
        }

        private static string Text(InputMap map, string name) => map[name] is InputScalar { Text: { Length: <= 200 } text } ? text : "";
    }
}
