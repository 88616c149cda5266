using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Web.Shell;

namespace Picasoft.Ops.Web.Access;

/// <summary>People in <c>/api/v1</c>. There are a dozen of them: the list is never cut.</summary>
internal static class PeopleEndpoints
{
    public static void MapPeople(this IEndpointRouteBuilder app)
    {
        var people = app.MapGroup("/api/v1/people").RequireAuthorization(Policies.Admin).WithTags("people");

        people.MapGet("", async (PeopleQueries queries, CancellationToken cancel) =>
            Api.Json(new { items = (await queries.AllAsync(cancel)).Select(AccessJson.Of), next = (string?)null })).WithSummary("Lists who can sign in");

        people.MapPost("", async (HttpContext http, InvitationActions invitations, CancellationToken cancel) =>
        {
            var input = await Api.ReadAsync<PersonInput>(http.Request, cancel);
            if (input.Refusal is { } refusal) return Api.Problem(refusal);
            var made = await invitations.InviteAsync(input.Value.Email, input.Value.Name, input.Value.Role, http.Actor(), cancel);
            return Api.Answer(made, m => new { person = AccessJson.Of(m.Person), setupPath = m.Path }, StatusCodes.Status201Created);
        }).Reads<PersonInput>().WithSummary("Invites somebody: the answer holds the path of a link with which they choose a password, valid three days");

        people.MapPatch("{id:long}", async (long id, HttpContext http, PersonActions actions, CancellationToken cancel) =>
        {
            var input = await Api.ReadAsync<PersonChangeInput>(http.Request, cancel);
            if (input.Refusal is { } refusal) return Api.Problem(refusal);
            var change = input.Value;
            return Api.Answer(await actions.ChangeAsync(id, http.Actor(), cancel, change.Name, change.Role, change.IsActive, change.Language), AccessJson.Of);
        }).Reads<PersonChangeInput>().WithSummary("Changes a name, role, language, or whether somebody may sign in");

        people.MapGet("{id:long}/contacts", async (long id, PeopleQueries queries, CancellationToken cancel) =>
            await queries.FindAsync(id, cancel) is { } person ? Api.Json(person.Contacts) : Api.Problem(Refusal.NotFound("person", id))).WithSummary("How somebody is reached");

        people.MapPut("{id:long}/contacts", async (long id, HttpContext http, ContactActions actions, CancellationToken cancel) =>
        {
            var input = await Api.ReadAsync<PersonContacts>(http.Request, cancel);
            return input.Refusal is { } refusal ? Api.Problem(refusal) : Api.Answer(await actions.SetAsync(id, input.Value, http.Actor(), cancel), p => p.Contacts);
        }).Reads<PersonContacts>().WithSummary("Says how somebody is reached; through: the channels that are used");

        people.MapGet("{id:long}/absence", async (long id, PeopleQueries queries, CancellationToken cancel) =>
            await queries.FindAsync(id, cancel) is { } person ? Api.Json(AccessJson.AbsenceOf(person)) : Api.Problem(Refusal.NotFound("person", id))).WithSummary("Whether a calendar of theirs says when they are away, and whether it can be read; its address is a secret");

        people.MapPut("{id:long}/absence", async (long id, HttpContext http, PersonActions actions, ISecretBox secrets, CancellationToken cancel) =>
        {
            var input = await Api.ReadAsync<AbsenceInput>(http.Request, cancel);
            if (input.Refusal is { } refusal) return Api.Problem(refusal);
            return Api.Answer(await actions.SetAbsenceUrlAsync(id, input.Value.Address is { } address ? secrets.Seal(address) : null, http.Actor(), cancel), AccessJson.AbsenceOf);
        }).Reads<AbsenceInput>().WithSummary("Says where a calendar of theirs is (iCal): what is busy in it counts as away; no url: it is read no longer");

        people.MapPost("{id:long}/invitation", async (long id, HttpContext http, InvitationActions invitations, CancellationToken cancel) =>
            Api.Answer(await invitations.RenewAsync(id, http.Actor(), cancel), path => new { setupPath = path })).WithSummary("Makes a new link with which somebody chooses a password");
    }
}
