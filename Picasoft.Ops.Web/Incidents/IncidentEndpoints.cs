using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Web.Access;
using Picasoft.Ops.Web.Shell;

namespace Picasoft.Ops.Web.Incidents;

/// <summary>Incidents in <c>/api/v1</c>. Every change answers the whole incident.</summary>
public static class IncidentEndpoints
{
    public static void MapIncidents(this IEndpointRouteBuilder app)
    {
        var read = app.MapGroup("/api/v1/incidents").RequireAuthorization(Policies.Read).WithTags("incidents");
        read.MapGet("", ListAsync).Asks("state", "severity", "service", "assignee", "from", "to", "q", "limit", "after").WithSummary("Lists incidents, newest first; filters: state, severity, service, assignee (- for nobody), from, to, q. Alerts and timeline are in each incident's own answer");
        read.MapGet("{number:long}", (long number, IncidentQueries queries, CancellationToken cancel) => WholeAsync(number, queries, cancel)).WithSummary("Reads one incident");
        read.MapGet("{number:long}/timeline", TimelineAsync).Asks("limit", "after").WithSummary("Reads what happened, oldest first");

        var respond = app.MapGroup("/api/v1/incidents").RequireAuthorization(Policies.Respond).WithTags("incidents");
        respond.MapPost("", DeclareAsync).Reads<DeclareInput>().WithSummary("Declares an incident that no alert speaks of");
        respond.MapPost("{number:long}/acknowledge", Change<AcknowledgeInput>((number, input, call) => call.Actions.AcknowledgeAsync(number, call.Actor, input.Comment, input.ExpiresIn, input.ExpectedRevision, call.Cancel))).Reads<AcknowledgeInput>().WithSummary("Takes it; with expiresIn, for a while");
        respond.MapPost("{number:long}/mitigate", Change<CommentInput>((number, input, call) => call.Actions.MitigateAsync(number, call.Actor, input.Comment, input.ExpectedRevision, call.Cancel))).Reads<CommentInput>().WithSummary("Says that users no longer suffer");
        respond.MapPost("{number:long}/resolve", Change<CommentInput>((number, input, call) => call.Actions.ResolveAsync(number, call.Actor, input.Comment, input.ExpectedRevision, call.Cancel))).Reads<CommentInput>().WithSummary("Says that it is over");
        respond.MapPost("{number:long}/reopen", Change<CommentInput>((number, input, call) => call.Actions.ReopenAsync(number, call.Actor, input.Comment, input.ExpectedRevision, call.Cancel))).Reads<CommentInput>().WithSummary("Says that it is not over after all");
        respond.MapPost("{number:long}/escalate", Change<CommentInput>((number, input, call) => call.Actions.EscalateAsync(number, call.Actor, input.Comment, input.ExpectedRevision, call.Cancel))).Reads<CommentInput>().WithSummary("Tells the next step of the escalation at once, also when somebody has it already");
        respond.MapPost("{number:long}/notes", Change<NoteInput>((number, input, call) => call.Actions.NoteAsync(number, call.Actor, input.Text, call.Cancel))).Reads<NoteInput>().WithSummary("Adds a note (Markdown) to the timeline");
        respond.MapPost("{number:long}/actions", Change<ActionInput>((number, input, call) => call.Actions.RecordActionAsync(number, call.Actor, input.Text, input.Command, input.Output, input.Helped, call.Cancel))).Reads<ActionInput>().WithSummary("Records what was tried to bring the service back");
        respond.MapPost("{number:long}/severity", Change<SeverityInput>((number, input, call) => call.Actions.SetSeverityAsync(number, call.Actor, input.Severity!.Value, input.ExpectedRevision, call.Cancel))).Reads<SeverityInput>().WithSummary("Sets the severity; alerts no longer raise it");
        respond.MapPost("{number:long}/merge", Change<MergeInput>((number, input, call) => call.Actions.MergeAsync(number, input.Into!.Value, call.Actor, input.ExpectedRevision, call.Cancel))).Reads<MergeInput>().WithSummary("Moves alerts and impact into another incident and resolves this one");
        respond.MapPost("{number:long}/assign", AssignAsync).Reads<AssignInput>().WithSummary("Gives it to somebody (name or e-mail address), or to nobody (null)");
    }

    private static async Task<IResult> ListAsync(HttpRequest request, IncidentQueries queries, CancellationToken cancel)
    {
        var query = new QueryReader(request);
        var filter = new IncidentFilter(query.Choices<IncidentState>("state"), query.Choices<Severity>("severity"), query.Text("service"), query.Text("assignee"), query.Time("from"), query.Time("to"), query.Text("q"));
        var (limit, after) = (query.Limit, query.After);
        if (query.Refusal is { } refusal) return Api.Problem(refusal);
        var found = await queries.ListAsync(filter, after, limit + 1, cancel);
        var runbooks = await queries.RunbooksAsync(found.Select(i => i.Service), cancel);
        return Api.Page(found, limit, i => i.Number, i => IncidentJson.Line(i, runbooks.GetValueOrDefault(i.Service ?? "")));
    }

    private static async Task<IResult> TimelineAsync(long number, HttpRequest request, IncidentQueries queries, CancellationToken cancel)
    {
        var query = new QueryReader(request);
        var (limit, after) = (query.Limit, query.After);
        if (query.Refusal is { } refusal) return Api.Problem(refusal);
        var found = await queries.TimelineAsync(number, after, limit + 1, cancel);
        return found.Refusal is { } missing ? Api.Problem(missing) : Api.Page(found.Value, limit, t => t.Id, IncidentJson.Entry);
    }

    private static async Task<IResult> DeclareAsync(HttpContext http, IncidentActions actions, IncidentQueries queries, CancellationToken cancel)
    {
        var input = await Api.ReadAsync<DeclareInput>(http.Request, cancel);
        if (input.Refusal is { } refusal) return Api.Problem(refusal);
        var made = await actions.DeclareAsync(http.Actor(), input.Value.Title, input.Value.Severity, input.Value.Service, input.Value.Text, cancel);
        return made.Refusal is { } no ? Api.Problem(no) : await WholeAsync(made.Value.Number, queries, cancel, StatusCodes.Status201Created);
    }

    private static async Task<IResult> AssignAsync(long number, HttpContext http, IncidentActions actions, IncidentQueries queries, PeopleQueries people, CancellationToken cancel)
    {
        var body = await Api.ReadNodeAsync(http.Request, cancel);
        if (body.Refusal is { } unreadable) return Api.Problem(unreadable);
        var input = InputReader.Read<AssignInput>(body.Value);
        if (input.Refusal is { } refusal) return Api.Problem(refusal);
        if (((InputMap)body.Value)["to"] is null) return Api.Problem(Refusal.Invalid("to", Phrase.Of("input.required"))); // "nobody" is said, not forgotten
        var person = string.IsNullOrWhiteSpace(input.Value.To) ? null : await people.FindActiveAsync(input.Value.To, cancel);
        if (person is null && !string.IsNullOrWhiteSpace(input.Value.To)) return Api.Problem(Refusal.Invalid("to", Phrase.Of("refused.not_found.person", input.Value.To)));
        var done = await actions.AssignAsync(number, http.Actor(), person, input.Value.ExpectedRevision, cancel);
        return done.Refusal is { } no ? Api.Problem(no) : await WholeAsync(number, queries, cancel);
    }

    private static Func<long, HttpContext, IncidentActions, IncidentQueries, CancellationToken, Task<IResult>> Change<T>(Func<long, T, Call, Task<Outcome<Incident>>> act) where T : class, new() =>
        async (number, http, actions, queries, cancel) =>
        {
            var input = await Api.ReadAsync<T>(http.Request, cancel);
            if (input.Refusal is { } refusal) return Api.Problem(refusal);
            var done = await act(number, input.Value, new(actions, http.Actor(), cancel));
            return done.Refusal is { } no ? Api.Problem(no) : await WholeAsync(number, queries, cancel);
        };

    private static async Task<IResult> WholeAsync(long number, IncidentQueries queries, CancellationToken cancel, int status = StatusCodes.Status200OK) =>
        await queries.FindAsync(number, cancel) is { } found ? Api.Json(IncidentJson.Whole(found), status) : Api.Problem(Refusal.NotFound("incident", number));

    private sealed record Call(IncidentActions Actions, Actor Actor, CancellationToken Cancel);
}
