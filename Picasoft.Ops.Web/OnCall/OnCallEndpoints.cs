using System.Globalization;
using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Web.Access;
using Picasoft.Ops.Web.Shell;

namespace Picasoft.Ops.Web.OnCall;

/// <summary>On-call in <c>/api/v1</c>, and its calendar feeds.</summary>
public static class OnCallEndpoints
{
    public static void MapOnCall(this IEndpointRouteBuilder app)
    {
        var read = app.MapGroup("/api/v1").RequireAuthorization(Policies.Read).WithTags("on-call");
        read.MapGet("on-call", async (HttpRequest request, OnCallQueries queries, TimeProvider time, CancellationToken cancel) =>
        {
            var query = new QueryReader(request);
            var (at, schedule) = (query.Time("at"), query.Text("schedule"));
            if (query.Refusal is { } refusal) return Api.Problem(refusal);
            var found = await queries.AtAsync(at, cancel);
            return Api.Json(new { items = found.Where(n => schedule is null || n.Schedule.Name == schedule).Select(n => OnCallJson.Of(n, at ?? time.GetUtcNow())), next = (string?)null });
        }).Asks("at", "schedule").WithSummary("Who is on call, of every schedule; ?at= another instant, ?schedule= only one");
        read.MapGet("on-call/history", HistoryAsync).Asks("schedule", "from", "to").WithSummary("Who was on call, newest first, with the incidents they handled; ?schedule=&from=&to=");
        read.MapGet("on-call/review", async (HttpRequest request, ReviewQueries reviews, CancellationToken cancel) =>
        {
            var query = new QueryReader(request);
            var (week, format) = (query.Text("week"), query.Text("format"));
            var isDay = DateOnly.TryParseExact(week, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is > 2000 and < 2200;
            if (query.Refusal is { } refusal) return Api.Problem(refusal);
            if (week is not null && !isDay) return Api.Problem(Refusal.Invalid("week", Phrase.Of("schedule.bad_day", week)));
            var clock = await reviews.ClockAsync(cancel);
            var review = await reviews.WeekAsync(isDay ? day : null, clock, CultureInfo.CurrentUICulture, cancel);
            return format == "markdown" ? Results.Text(review.Markdown(CultureInfo.CurrentUICulture, clock), "text/markdown; charset=utf-8") : Api.Json(review);
        }).Asks("week", "format").WithSummary("A week of on-call: what called whom, how long until somebody took it, what was noise; ?week= any day of it, ?format=markdown");
        app.MapPost("/api/v1/on-call/review/digest", async (HttpContext http, QuieterActions quieter, CancellationToken cancel) =>
        {
            var input = await Api.ReadAsync<DigestInput>(http.Request, cancel);
            return input.Refusal is { } refusal ? Api.Problem(refusal) : Api.Answer(await quieter.ToDigestAsync(input.Value.Incident, http.Actor(), cancel), p => new { route = p.Name, escalation = QuieterActions.Digest });
        }).RequireAuthorization(Policies.Admin).WithTags("on-call").Reads<DigestInput>().WithSummary("Turns what an incident is about to a digest: told once a day from now on; {incident}");
        read.MapGet("schedules", async (OnCallQueries queries, TimeProvider time, CancellationToken cancel) =>
            Api.Json(new { items = (await queries.BookAsync(time.GetUtcNow(), cancel)).All.Select(c => c.Schedule), next = (string?)null })).WithSummary("Lists the on-call schedules");
        read.MapGet("schedules/{name}", async (string name, HttpRequest request, OnCallQueries queries, TimeProvider time, CancellationToken cancel) =>
        {
            var query = new QueryReader(request);
            var (from, to) = (query.Time("from") ?? time.GetUtcNow(), query.Time("to"));
            if (query.Refusal is { } refusal) return Api.Problem(refusal);
            if (Bounds(from, to ??= from.AddDays(31)) is { } wrong) return Api.Problem(wrong);
            return await queries.ViewAsync(name, from, to.Value, cancel) is { } view ? Api.Json(OnCallJson.Of(view)) : Api.Problem(Refusal.NotFound("schedule", name));
        }).Asks("from", "to").WithSummary("One schedule with its shifts, gaps, overrides, swaps and who carries how much; ?from=&to=");

        // Everybody's own browser: what it says of itself opens nothing for others.
        read.MapGet("on-call/push-key", (PushKeys keys) => Api.Json(new { publicKey = keys.Public })).WithSummary("The key with which a browser subscribes to pushes (VAPID)");

        var respond = app.MapGroup("/api/v1/on-call").RequireAuthorization(Policies.Respond).WithTags("on-call");
        respond.MapPost("overrides", async (HttpContext http, OnCallActions actions, CancellationToken cancel) =>
            await WriteAsync<OnCallChangeInput, OnCallChange>(http, (i, a) => actions.ChangeAsync(i, a, cancel), OnCallJson.Of, cancel)).Reads<OnCallChangeInput>().WithSummary("Somebody stands in (kind: override), or writes themselves in besides others (kind: shift)");
        respond.MapDelete("overrides/{id:long}", async (long id, HttpContext http, OnCallActions actions, CancellationToken cancel) =>
            Api.Answer(await actions.RemoveAsync(id, http.Actor(), cancel), OnCallJson.Of)).WithSummary("Takes an override or a shift out again; what is over of it stays");
        respond.MapPost("swaps", async (HttpContext http, OnCallActions actions, CancellationToken cancel) =>
            await WriteAsync<SwapInput, OnCallSwap>(http, (i, a) => actions.ProposeAsync(i, a, cancel), OnCallJson.Of, cancel)).Reads<SwapInput>().WithSummary("Asks somebody to take some hours; nothing changes until they accept");
        foreach (var (word, answer) in new[] { ("accept", SwapState.Accepted), ("decline", SwapState.Declined), ("withdraw", SwapState.Withdrawn) })
            respond.MapPost("swaps/{id:long}/" + word, async (long id, HttpContext http, OnCallActions actions, CancellationToken cancel) =>
                Api.Answer(await actions.AnswerAsync(id, answer, http.Actor(), cancel), OnCallJson.Of)).WithSummary("Answers a swap: who was asked accepts or declines, who asked withdraws");
        respond.MapPost("notes", async (HttpContext http, OnCallActions actions, CancellationToken cancel) =>
            await WriteAsync<HandoverInput, HandoverNote>(http, (i, a) => actions.WriteNoteAsync(i, a, cancel), OnCallJson.Of, cancel)).Reads<HandoverInput>().WithSummary("Writes a hand-over note");

        respond.MapPost("reach-me", async (HttpContext http, ReachActions actions, CancellationToken cancel) =>
            Api.Answer(await actions.ReachAsync(http.Actor().Name, http.Actor(), cancel), d => new { items = d.Select(x => new { id = x.Id, channel = x.ChannelName, recipient = x.Recipient }), next = (string?)null }, StatusCodes.Status202Accepted)).WithSummary("Sends whoever asks a test message by the ways that an escalation would use; watch the deliveries for what comes of it");

        var admin = app.MapGroup("/api/v1/schedules").RequireAuthorization(Policies.Admin).WithTags("on-call");
        admin.MapPost("", async (HttpContext http, OnCallActions actions, CancellationToken cancel) => await SaveAsync(null, http, actions, cancel)).Reads<ScheduleInput>().WithSummary("Creates a schedule, written as in ops.yaml");
        admin.MapPut("{name}", async (string name, HttpContext http, OnCallActions actions, CancellationToken cancel) => await SaveAsync(name, http, actions, cancel)).Replaces<ScheduleInput>().WithSummary("Replaces a schedule; with the version it was made from, nobody's change is overwritten");
        admin.MapDelete("{name}", async (string name, HttpContext http, OnCallActions actions, CancellationToken cancel) =>
            (await actions.DeleteAsync(name, http.Actor(), cancel)).Refusal is { } refusal ? Api.Problem(refusal) : Results.NoContent()).WithSummary("Deletes a schedule; what was written down of it stays");

        app.MapGet("/oncall/{schedule}.ics", FeedAsync).AllowAnonymous().WithTags("on-call").WithSummary("iCalendar feed, opened by its key; ?person= only theirs; the schedule “me”: all shifts of the key's owner");
    }

    private static async Task<IResult> FeedAsync(string schedule, string? key, string? person, OnCallQueries queries, PeopleQueries people, LinkSigner signer, OpsSettings settings, TimeProvider time, CancellationToken cancel)
    {
        // One answer for a wrong key and a schedule that is not there: a stranger learns nothing.
        if (CalendarFeed.OwnerOf(key) is not { } id || await people.FindAsync(id, cancel) is not { } owner || !CalendarFeed.Opens(key!, owner, signer)) return Results.NotFound();
        var now = time.GetUtcNow();
        var shown = CalendarFeed.ShownAt(now);
        var book = await queries.BookAsync(shown.Start, cancel);
        if (schedule == "me") person = owner.Name;
        var calendars = schedule == "me" ? book.All : book.Find(schedule) is { } one ? [one] : [];
        if (calendars.Count == 0 && schedule != "me") return Results.NotFound();
        var shifts = calendars.SelectMany(c => c.Shifts(shown.Start, shown.End).Where(s => person is null || s.Person == person).Select(s => (c.Schedule, s)));
        var name = person is null ? calendars[0].Schedule.Shown : $"{person} · {schedule}";
        return Results.Text(CalendarFeed.Write(shifts, name, (settings.PublicUrl ?? settings.Urls.Split(';')[0]).TrimEnd('/'), now), "text/calendar; charset=utf-8");
    }

    private static async Task<IResult> HistoryAsync(HttpRequest request, OnCallQueries queries, TimeProvider time, CancellationToken cancel)
    {
        var query = new QueryReader(request);
        var (schedule, to) = (query.Text("schedule"), query.Time("to") ?? time.GetUtcNow());
        var from = query.Time("from") ?? to.AddDays(-31);
        if (query.Refusal is { } refusal) return Api.Problem(refusal);
        if (Bounds(from, to) is { } wrong) return Api.Problem(wrong);
        var found = await queries.HistoryAsync(schedule, from, to, cancel);
        return Api.Json(new { items = found.Select(p => new { schedule = p.Period.Schedule, person = p.Period.Person, startsAt = p.Period.StartsAt.UtcDateTime, endsAt = p.Period.EndsAt.UtcDateTime, incidents = p.Handled }), next = (string?)null });
    }

    private static Refusal? Bounds(DateTimeOffset from, DateTimeOffset to) =>
        to <= from ? Refusal.Invalid("to", Phrase.Of("silence.end_before_start"))
        : to - from > OnCallCalendar.Longest ? Refusal.Invalid("to", Phrase.Of("on_call.too_long", OnCallCalendar.Longest)) : null;

    private static async Task<IResult> SaveAsync(string? name, HttpContext http, OnCallActions actions, CancellationToken cancel)
    {
        var body = await NamedBody.ReadAsync(http, name, OnCallJson.ScheduleAnswered, cancel);
        var input = body.Refusal is { } unread ? unread : InputReader.Read<ScheduleInput>(body.Value.Input);
        if (input.Refusal is { } refusal) return Api.Problem(refusal);
        return Api.Answer(await actions.SaveAsync(name, input.Value, body.Value.Version, http.Actor(), cancel), row => Api.Written(input.Value, row.FromFile, row.Version), name is null ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private static async Task<IResult> WriteAsync<TInput, T>(HttpContext http, Func<TInput, Actor, Task<Outcome<T>>> act, Func<T, object> json, CancellationToken cancel) where TInput : class, new()
    {
        var input = await Api.ReadAsync<TInput>(http.Request, cancel);
        return input.Refusal is { } refusal ? Api.Problem(refusal) : Api.Answer(await act(input.Value, http.Actor()), json, StatusCodes.Status201Created);
    }
}

/// <summary>Of which incident what it is about is told once a day only.</summary>
internal sealed record DigestInput
{
    [Setting(Required = true, Min = "1")]
    public long Incident { get; init; }
}
