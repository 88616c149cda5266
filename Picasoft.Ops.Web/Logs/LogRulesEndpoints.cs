using Picasoft.Ops.Core.Logs;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Web.Access;
using Picasoft.Ops.Web.Shell;

namespace Picasoft.Ops.Web.Logs;

/// <summary>Log rules in <c>/api/v1</c>.</summary>
internal static class LogRulesEndpoints
{
    private const int MaxRecent = 50;

    public static void MapLogRules(this IEndpointRouteBuilder app)
    {
        var rules = app.MapGroup("/api/v1/log-rules").WithTags("logs");

        rules.MapGet("", async (LogRuleQueries queries, string? service, string? limit, string? after, CancellationToken cancel) =>
        {
            var page = NamedPage.Read(limit, after);
            return page.Refusal is { } refusal ? Api.Problem(refusal) : page.Value.Answer(await queries.ListAsync(string.IsNullOrEmpty(service) ? null : service, cancel), r => r.Name, LogRulesJson.Of);
        }).RequireAuthorization(Policies.Read).WithSummary("Lists the log rules; ?service=&limit=&after=");

        rules.MapPost("", async (HttpContext http, LogRuleActions actions, LogRuleQueries queries, CancellationToken cancel) =>
        {
            var input = await ReadAsync(http, null, cancel);
            return input.Refusal is { } refusal ? Api.Problem(refusal) : await AnswerAsync(await actions.CreateAsync(input.Value.Input, http.Actor(), cancel), queries, StatusCodes.Status201Created, cancel);
        }).RequireAuthorization(Policies.Admin).Reads<LogRuleInput>().WithSummary("Creates a log rule, written as in ops.yaml");

        rules.MapPost("test", async (HttpContext http, LogIntake intake, LogQueries queries, TimeProvider time, CancellationToken cancel) =>
        {
            var body = await Api.ReadAsync<LogTrialInput>(http.Request, cancel);
            if (body.Refusal is { } refusal) return Api.Problem(refusal);
            var rule = InputReader.Read<LogRuleInput>(body.Value.Named(), "rule");
            if (rule.Refusal is { } wrong) return Api.Problem(wrong);
            var sample = body.Value.Recent ? string.Join('\n', intake.Recent(rule.Value.Source, MaxRecent)) : body.Value.Sample;
            return Api.Json(LogRulesJson.Of(LogTrial.Run(rule.Value, sample, time.GetUtcNow()), (await queries.WeekAsync(cancel)).Try(rule.Value)));
        }).RequireAuthorization(Policies.Read).Reads<LogTrialInput>().WithSummary("Tries a rule on a sample, or on lines that just came: {rule, sample | recent: true} in, each line's outcome and fields out, and what it would have done in the last 7 days; stores nothing");

        rules.MapGet("{name}", async (string name, LogRuleQueries queries, CancellationToken cancel) =>
            await queries.FindAsync(name, cancel) is { } rule ? Api.Json(LogRulesJson.Of(rule)) : NotFound(name))
            .RequireAuthorization(Policies.Read).WithSummary("One log rule");

        rules.MapPut("{name}", async (string name, HttpContext http, LogRuleActions actions, LogRuleQueries queries, CancellationToken cancel) =>
        {
            var input = await ReadAsync(http, name, cancel);
            return input.Refusal is { } refusal ? Api.Problem(refusal) : await AnswerAsync(await actions.UpdateAsync(name, input.Value.Input, http.Actor(), input.Value.Version, cancel), queries, StatusCodes.Status200OK, cancel);
        }).RequireAuthorization(Policies.Admin).Replaces<LogRuleInput>().WithSummary("Replaces a log rule");

        rules.MapDelete("{name}", async (string name, HttpContext http, LogRuleActions actions, CancellationToken cancel) =>
            (await actions.DeleteAsync(name, http.Actor(), cancel)).Refusal is { } refusal ? Api.Problem(refusal) : Results.NoContent())
            .RequireAuthorization(Policies.Admin).WithSummary("Deletes a log rule; its alert ends");
    }

    private static async Task<Outcome<(LogRuleInput Input, uint? Version)>> ReadAsync(HttpContext http, string? name, CancellationToken cancel)
    {
        var body = await NamedBody.ReadAsync(http, name, LogRulesJson.Answered, cancel);
        if (body.Refusal is { } unread) return unread;
        var input = InputReader.Read<LogRuleInput>(body.Value.Input);
        return input.Refusal is { } refusal ? refusal : (input.Value, body.Value.Version);
    }

    private static IResult NotFound(string name) => Api.Problem(Refusal.NotFound("log_rule", name));

    private static async Task<IResult> AnswerAsync(Outcome<LogRule> outcome, LogRuleQueries queries, int status, CancellationToken cancel) =>
        outcome.Refusal is { } refusal ? Api.Problem(refusal)
        : await queries.FindAsync(outcome.Value.Name, cancel) is { } rule ? Api.Json(LogRulesJson.Of(rule), status) : NotFound(outcome.Value.Name);
}

/// <summary>The body of a trial.</summary>
internal sealed record LogTrialInput
{
    /// <summary>As it would be created; a trial needs no name.</summary>
    [Setting(Required = true)]
    public InputNode? Rule { get; init; }

    /// <summary>Lines as they stand in a log file, or as syslog sends them.</summary>
    [Setting(MaxLength = 200_000)]
    public string Sample { get; init; } = "";

    /// <summary>Instead of a sample: the last lines that this node heard of the rule's programs.</summary>
    public bool Recent { get; init; }

    public InputNode Named() => Rule is InputMap map && map["name"] is null ? map with { Entries = [.. map.Entries, new("name", new InputScalar("trial", true, null), null)] } : Rule!;
}
