using System.Globalization;
using Microsoft.Extensions.Localization;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Reports;
using Picasoft.Ops.Web.Access;
using Picasoft.Ops.Web.Shell;
using Picasoft.Ops.Web.Ui;

namespace Picasoft.Ops.Web.StatusPage;

/// <summary>What everybody may read of how the services are, and who decides what that is.</summary>
internal static class StatusEndpoints
{
    public static void MapStatusPage(this IEndpointRouteBuilder app)
    {
        app.MapGet("/status/api/v2/summary.json", async (HttpContext http, StatusPageQueries queries, OpsSettings settings, IStringLocalizer<StatusTexts> texts, CancellationToken cancel) =>
            await queries.StatusAsync(cancel) is { } status ? Shared(http, Api.Json(SummaryJson.Of(status, PlaceOf(http, settings), texts))) : Api.Problem(Refusal.NotFound("status_page", "")))
            .AllowAnonymous().WithTags("status page").WithSummary("The public status page as Statuspage's summary.json");

        app.MapGet("/status/feed.atom", async (HttpContext http, StatusPageQueries queries, OpsSettings settings, IStringLocalizer<StatusTexts> texts, CancellationToken cancel) =>
            await queries.StatusAsync(cancel) is { } status ? Shared(http, Results.Text(StatusFeed.Of(status, PlaceOf(http, settings), texts), "application/atom+xml; charset=utf-8")) : Api.Problem(Refusal.NotFound("status_page", "")))
            .AllowAnonymous().WithTags("status page").WithSummary("The incidents of the public status page as an Atom feed");

        app.MapGet("/badge/{service}.svg", async (string service, HttpContext http, StatusPageQueries queries, IStringLocalizer<StatusTexts> texts, CancellationToken cancel) =>
        {
            var query = new QueryReader(http.Request);
            var days = query.Number("days", 1, StatusPageQueries.Days);
            if (query.Refusal is { } refusal) return Api.Problem(refusal);
            if (await queries.ServiceAsync(service, cancel) is not { } found) return Api.Problem(Refusal.NotFound("service", service));
            var share = days is null ? null : (found with { Days = [.. found.Days.TakeLast((int)days)] }).Availability;
            return Shared(http, Results.Text(Badge.Of(found.Title, share is { } said ? DayBars.Percent(said) : texts["badge." + Words.Of(found.Status)], found.Status), "image/svg+xml; charset=utf-8"));
        }).AllowAnonymous().WithTags("status page").Asks("days").WithSummary("A public service's state as a picture; ?days= its availability over so many days instead");

        var settings = app.MapGroup("/api/v1/status-page").WithTags("status page");
        settings.MapGet("", async (StatusPageActions actions, CancellationToken cancel) =>
            await actions.FindAsync(cancel) is { } page ? Api.Json(Json(page)) : Api.Problem(Refusal.NotFound("status_page", "")))
            .RequireAuthorization(Policies.Read).WithSummary("What the public status page shows");

        settings.MapPut("", async (HttpContext http, StatusPageActions actions, CancellationToken cancel) =>
        {
            var body = await NamedBody.ReadAsync(http, null, ["fromFile"], cancel);
            var input = body.Refusal is { } unread ? unread : InputReader.Read<StatusPageInput>(body.Value.Input);
            return input.Refusal is { } refusal ? Api.Problem(refusal) : Api.Answer(await actions.UpdateAsync(input.Value, body.Value.Version, http.Actor(), cancel), Json);
        }).RequireAuthorization(Policies.Admin).Replaces<StatusPageInput>().WithSummary("Opens it, or changes what it shows");

        settings.MapDelete("", async (HttpContext http, StatusPageActions actions, CancellationToken cancel) =>
            (await actions.UpdateAsync(null, null, http.Actor(), cancel)).Refusal is { } refusal ? Api.Problem(refusal) : Results.NoContent())
            .RequireAuthorization(Policies.Admin).WithSummary("Closes it");
    }

    // Other sites' pages may read it, and whatever lies between may keep it for as long as we do.
    private static IResult Shared(HttpContext http, IResult result)
    {
        http.Response.Headers.AccessControlAllowOrigin = "*";
        http.Response.Headers.CacheControl = string.Create(CultureInfo.InvariantCulture, $"public, max-age={StatusPageQueries.Holds.TotalSeconds:0}");
        http.Response.Headers.Vary = "Accept-Language, Cookie";
        return result;
    }

    private static Uri PlaceOf(HttpContext http, OpsSettings settings) => new(settings.PublicUrl ?? $"{http.Request.Scheme}://{http.Request.Host}");

    private static object Json(Policy page)
    {
        var input = StatusPageActions.Of(page);
        return new { input.Title, input.Services, page.FromFile, page.Version };
    }
}
