using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Logs.Patterns;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Web.Access;
using Picasoft.Ops.Web.Shell;

namespace Picasoft.Ops.Web.Logs;

/// <summary>Kinds of log lines in <c>/api/v1</c>.</summary>
internal static class LogPatternsEndpoints
{
    public static void MapLogPatterns(this IEndpointRouteBuilder app)
    {
        var read = app.MapGroup("/api/v1/log-patterns").RequireAuthorization(Policies.Read).WithTags("logs");
        read.MapGet("", ListAsync).Asks("state", "host", "app", "q", "limit", "after", "new").WithSummary("Lists the kinds of log lines; new=true: those never seen before and not looked at, the gravest first; filters: state (new, usual, noise, rule, incident), host, app, q");
        read.MapGet("{id:long}", async (long id, PatternQueries queries, CancellationToken cancel) =>
            await queries.FindAsync(id, cancel) is { } found ? Api.Json(Of(found)) : Api.Problem(Refusal.NotFound("log_pattern", id))).WithSummary("Reads one kind");

        app.MapGet("/api/v1/log-digest", async (HttpRequest request, LogDigestQueries queries, TimeProvider time, CancellationToken cancel) =>
        {
            var query = new QueryReader(request);
            var (period, to, written, zone) = (query.Text("period") ?? "day", query.Text("to"), query.Text("timeZone"), time.LocalTimeZone);
            if (query.Refusal is { } refusal) return Api.Problem(refusal);
            if (period is not ("day" or "week")) return Api.Problem(Refusal.Invalid("period", Phrase.Of("input.expected_choice", period, "day, week")));
            if (!LogDays.TryRead(to, out var day)) return Api.Problem(Refusal.Invalid("to", Phrase.Of("input.expected_time", to)));
            if (written is not null && !TimeZoneInfo.TryFindSystemTimeZoneById(written, out zone)) return Api.Problem(Refusal.Invalid("timeZone", Phrase.Of("recurrence.bad_zone", written)));
            return Api.Json(await queries.ReadAsync(day ?? LogDays.Of(time.GetUtcNow(), zone!), period == "week" ? 7 : 1, zone!, cancel));
        }).RequireAuthorization(Policies.Read).WithTags("logs").Asks("period", "to", "timeZone").WithSummary("What the logs were about: new, grown, silent, noise; period: day or week; to: its last day (today); timeZone: whose days (those of the machine)");

        var respond = app.MapGroup("/api/v1/log-patterns").RequireAuthorization(Policies.Respond).WithTags("logs");
        foreach (var (word, state, summary) in new[]
        {
            ("usual", PatternState.Usual, "Says that this kind belongs to its program"), ("noise", PatternState.Noise, "Says that this kind says nothing to anybody"),
            ("rule", PatternState.Rule, "Says that a rule was made of it"), ("new", PatternState.New, "Puts it back into the review"),
        })
        {
            respond.MapPost($"{{id:long}}/{word}", async (long id, HttpContext http, PatternActions actions, CancellationToken cancel) =>
                Api.Answer(await actions.DecideAsync(id, state, http.Actor(), cancel), Of)).WithSummary(summary);
        }
        respond.MapPost("{id:long}/incident", async (long id, HttpContext http, PatternIncidentActions actions, CancellationToken cancel) =>
        {
            var input = await Api.ReadAsync<PatternIncidentInput>(http.Request, cancel);
            return input.Refusal is { } refusal ? Api.Problem(refusal) : Api.Answer(await actions.OpenAsync(id, input.Value.Service, http.Actor(), cancel), i => new { i.Number, i.Title, i.Severity, i.Service }, StatusCodes.Status201Created);
        }).Reads<PatternIncidentInput>().WithSummary("Opens an incident for it; body {service?}");
        respond.MapPost("accept", async (HttpContext http, PatternActions actions, CancellationToken cancel) =>
        {
            var input = await Api.ReadAsync<AcceptPatternsInput>(http.Request, cancel);
            return input.Refusal is { } refusal ? Api.Problem(refusal) : Api.Answer(await actions.AcceptAsync(input.Value.UpTo, http.Actor(), cancel), n => new { accepted = n });
        }).Reads<AcceptPatternsInput>().WithSummary("Ends a review: all that are new up to the id upTo are usual from now on");
    }

    private static async Task<IResult> ListAsync(HttpRequest request, PatternQueries queries, CancellationToken cancel)
    {
        var query = new QueryReader(request);
        var filter = new PatternFilter(query.Choices<PatternState>("state"), query.Text("host"), query.Text("app"), query.Text("q"));
        var (limit, after, fresh) = (query.Limit, query.After, query.Text("new"));
        if (query.Refusal is { } refusal) return Api.Problem(refusal);
        if (fresh is not (null or "true" or "false")) return Api.Problem(Refusal.Invalid("new", Phrase.Of("input.expected_choice", fresh, "true, false")));
        if (fresh != "true") return Api.Page(await queries.ListAsync(filter, after, limit + 1, cancel), limit, p => p.Id, Of);
        var review = (await queries.ReviewAsync(cancel)).Where(r =>
            (filter.Host is null || r.Hosts.Contains(filter.Host, StringComparer.Ordinal)) && (filter.App is null || r.Newest.App == filter.App)
            && (filter.Text is null || r.Newest.Text.Contains(filter.Text, StringComparison.OrdinalIgnoreCase)));
        return Api.Json(new { items = review.Take(limit).Select(Of), next = (string?)null });
    }

    private static object Of(LearntPattern p) => new
    {
        p.Id,
        pattern = p.Text,
        p.App,
        p.Host,
        p.Count,
        p.FirstSeen,
        p.LastSeen,
        p.Peak,
        p.State,
        rank = PatternRank.Of(p.Text, p.Level, p.Count, p.Peak),
        p.DecidedBy,
        p.DecidedAt,
    };

    private static object Of(RankedPattern r) => new { r.Newest.Id, pattern = r.Newest.Text, r.Newest.App, r.Hosts, r.Count, r.FirstSeen, r.LastSeen, r.Newest.State, r.Rank };
}

/// <summary>The body of opening an incident for a kind of line.</summary>
internal sealed record PatternIncidentInput
{
    [Setting(Name = true)]
    public string? Service { get; init; }
}

/// <summary>The end of a review.</summary>
internal sealed record AcceptPatternsInput
{
    /// <summary>The newest id that was looked at.</summary>
    [Setting(Required = true, Min = "1", Max = "9223372036854775807")]
    public long UpTo { get; init; }
}
