using System.Globalization;
using Picasoft.Ops.Core.Configuration;
using Picasoft.Ops.Core.Logs;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Web.Access;
using Picasoft.Ops.Web.Shell;

namespace Picasoft.Ops.Web.Logs;

/// <summary>Packs of log rules in <c>/api/v1</c>.</summary>
internal static class LogPacksEndpoints
{
    public static void MapLogPacks(this IEndpointRouteBuilder app)
    {
        var packs = app.MapGroup("/api/v1/log-packs").WithTags("logs");
        packs.MapGet("", async (LogRuleQueries queries, CancellationToken cancel) =>
        {
            var there = (await queries.ListAsync(null, cancel)).Select(r => r.Name).ToHashSet(StringComparer.Ordinal);
            return Api.Json(new { items = LogPacks.All.Select(p => Of(p, there)), next = (string?)null });
        }).RequireAuthorization(Policies.Read).WithSummary("Lists the packs of log rules, and which of their rules are in use");
        packs.MapPost("{name}", async (string name, HttpContext http, LogPackActions actions, CancellationToken cancel) =>
        {
            var input = await Api.ReadAsync<UsePackInput>(http.Request, cancel);
            if (input.Refusal is { } refusal) return Api.Problem(refusal);
            var language = input.Value.Language is { } said ? Words.Of(said) : CultureInfo.CurrentUICulture.TwoLetterISOLanguageName;
            return Api.Answer(await actions.UseAsync(name, input.Value.Service, language, http.Actor(), cancel), added => new { added });
        }).RequireAuthorization(Policies.Admin).Reads<UsePackInput>().WithSummary("Puts the rules of a pack among the log rules; body {service?, language?}");
        packs.MapDelete("{name}", async (string name, HttpContext http, LogPackActions actions, CancellationToken cancel) =>
            Api.Answer(await actions.RemoveAsync(name, http.Actor(), cancel), removed => new { removed })).RequireAuthorization(Policies.Admin).WithSummary("Takes the rules of a pack out; those of ops.yaml stay");
    }

    private static object Of(LogPack pack, HashSet<string> there)
    {
        var language = CultureInfo.CurrentUICulture.TwoLetterISOLanguageName;
        return new { pack.Name, title = pack.Title.In(language), rules = pack.Rules.Select(r => new { r.Name, title = r.Title.In(language), runbook = r.Runbook.In(language), used = there.Contains(r.Name), r.Samples, r.NearMisses }) };
    }
}

/// <summary>How a pack is used.</summary>
internal sealed record UsePackInput
{
    [Setting(Name = true)]
    public string? Service { get; init; }

    public PackLanguage? Language { get; init; }
}
