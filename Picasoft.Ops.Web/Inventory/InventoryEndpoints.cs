using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Reports;
using Picasoft.Ops.Web.Access;
using Picasoft.Ops.Web.Shell;

namespace Picasoft.Ops.Web.Inventory;

/// <summary>Hosts and services in <c>/api/v1</c>.</summary>
internal static class InventoryEndpoints
{
    public static void MapInventory(this IEndpointRouteBuilder app)
    {
        MapHosts(app.MapGroup("/api/v1/hosts").WithTags("inventory"));
        MapServices(app.MapGroup("/api/v1/services").WithTags("inventory"));
    }

    private static void MapHosts(RouteGroupBuilder hosts)
    {
        hosts.MapGet("", async (InventoryQueries queries, string? limit, string? after, CancellationToken cancel) =>
        {
            var page = NamedPage.Read(limit, after);
            return page.Refusal is { } refusal ? Api.Problem(refusal) : page.Value.Answer(await queries.HostsAsync(null, int.MaxValue, cancel), h => h.Name, InventoryJson.Of);
        }).RequireAuthorization(Policies.Read).WithSummary("Lists the hosts; ?limit=&after=");

        hosts.MapPost("", async (HttpContext http, InventoryActions actions, CancellationToken cancel) =>
        {
            var body = await NamedBody.ReadAsync(http, null, InventoryJson.HostAnswered, cancel);
            var input = body.Refusal is { } unread ? unread : InputReader.Read<HostInput>(body.Value.Input);
            return input.Refusal is { } refusal ? Api.Problem(refusal) : Api.Answer(await actions.CreateHostAsync(input.Value, http.Actor(), cancel), InventoryJson.Of, StatusCodes.Status201Created);
        }).RequireAuthorization(Policies.Admin).Reads<HostInput>().WithSummary("Creates a host");

        hosts.MapGet("{name}", async (string name, InventoryQueries queries, CancellationToken cancel) =>
            await queries.HostAsync(name, cancel) is { } host ? Api.Json(InventoryJson.Of(host)) : Api.Problem(Refusal.NotFound("host", name)))
            .RequireAuthorization(Policies.Read).WithSummary("One host");

        hosts.MapPut("{name}", async (string name, HttpContext http, InventoryActions actions, CancellationToken cancel) =>
        {
            var body = await NamedBody.ReadAsync(http, name, InventoryJson.HostAnswered, cancel);
            var input = body.Refusal is { } unread ? unread : InputReader.Read<HostInput>(body.Value.Input);
            return input.Refusal is { } refusal ? Api.Problem(refusal) : Api.Answer(await actions.UpdateHostAsync(name, input.Value, http.Actor(), body.Value.Version, cancel), InventoryJson.Of);
        }).RequireAuthorization(Policies.Admin).Replaces<HostInput>().WithSummary("Replaces a host; with the version it was made from, nobody's change is overwritten");

        hosts.MapDelete("{name}", async (string name, HttpContext http, InventoryActions actions, CancellationToken cancel) =>
            (await actions.DeleteHostAsync(name, http.Actor(), null, cancel)).Refusal is { } refusal ? Api.Problem(refusal) : Results.NoContent())
            .RequireAuthorization(Policies.Admin).WithSummary("Deletes a host that no service runs on");
    }

    private static void MapServices(RouteGroupBuilder services)
    {
        services.MapGet("", async (ServiceQueries queries, string? limit, string? after, CancellationToken cancel) =>
        {
            var page = NamedPage.Read(limit, after);
            return page.Refusal is { } refusal ? Api.Problem(refusal) : page.Value.Answer(await queries.HealthAsync(cancel), h => h.Service.Name, InventoryJson.Of);
        }).RequireAuthorization(Policies.Read).WithSummary("Lists the services and how they are; ?limit=&after=");

        services.MapPost("", async (HttpContext http, InventoryActions actions, ServiceQueries queries, CancellationToken cancel) =>
        {
            var body = await NamedBody.ReadAsync(http, null, InventoryJson.ServiceAnswered, cancel);
            var input = body.Refusal is { } unread ? unread : InputReader.Read<ServiceInput>(body.Value.Input);
            return input.Refusal is { } refusal ? Api.Problem(refusal) : await AnswerAsync(await actions.CreateServiceAsync(input.Value, http.Actor(), cancel), queries, StatusCodes.Status201Created, cancel);
        }).RequireAuthorization(Policies.Admin).Reads<ServiceInput>().WithSummary("Creates a service");

        services.MapGet("{name}", async (string name, ServiceQueries queries, CancellationToken cancel) =>
            (await queries.HealthAsync(cancel)).FirstOrDefault(h => h.Service.Name == name) is { } health ? Api.Json(InventoryJson.Of(health)) : Api.Problem(Refusal.NotFound("service", name)))
            .RequireAuthorization(Policies.Read).WithSummary("One service and how it is");

        services.MapPut("{name}", async (string name, HttpContext http, InventoryActions actions, ServiceQueries queries, CancellationToken cancel) =>
        {
            var body = await NamedBody.ReadAsync(http, name, InventoryJson.ServiceAnswered, cancel);
            var input = body.Refusal is { } unread ? unread : InputReader.Read<ServiceInput>(body.Value.Input);
            return input.Refusal is { } refusal ? Api.Problem(refusal) : await AnswerAsync(await actions.UpdateServiceAsync(name, input.Value, http.Actor(), body.Value.Version, cancel), queries, StatusCodes.Status200OK, cancel);
        }).RequireAuthorization(Policies.Admin).Replaces<ServiceInput>().WithSummary("Replaces a service; with the version it was made from, nobody's change is overwritten");

        services.MapDelete("{name}", async (string name, HttpContext http, InventoryActions actions, CancellationToken cancel) =>
            (await actions.DeleteServiceAsync(name, http.Actor(), null, cancel)).Refusal is { } refusal ? Api.Problem(refusal) : Results.NoContent())
            .RequireAuthorization(Policies.Admin).WithSummary("Deletes a service that nothing refers to");

        services.MapGet("{name}/availability", async (string name, string? from, string? to, InventoryQueries inventory, ServiceQueries queries, ProbeQueries probes, TimeProvider time, CancellationToken cancel) =>
        {
            var span = TimeSpanQuery.Read(from, to, TimeSpan.FromDays(30), time.GetUtcNow());
            if (span.Refusal is { } refusal) return Api.Problem(refusal);
            if (await inventory.ServiceAsync(name, cancel) is null) return Api.Problem(Refusal.NotFound("service", name));
            var (begin, end) = (span.Value.From, span.Value.To);
            var now = time.GetUtcNow();
            var days = end > begin && begin <= now ? (await probes.DaysAsync(Math.Clamp((int)(now.UtcDateTime.Date - begin.UtcDateTime.Date).TotalDays + 1, 1, 400), now, cancel, name)).GetValueOrDefault(name) ?? [] : [];
            var (first, last) = (DateOnly.FromDateTime(begin.UtcDateTime), DateOnly.FromDateTime(end.UtcDateTime));
            return Api.Json(InventoryJson.Of(name, begin, end, await queries.SharesAsync(name, begin, end, cancel), [.. days.Where(d => d.Date >= first && d.Date <= last)]));
        }).RequireAuthorization(Policies.Read).WithSummary("Share of good checks of a service, and day by day; ?from=&to= (the last 30 days if not said)");
    }

    private static async Task<IResult> AnswerAsync(Outcome<Service> outcome, ServiceQueries queries, int status, CancellationToken cancel) =>
        outcome.Refusal is { } refusal ? Api.Problem(refusal, Shape.Of<ServiceInput>()) : Api.Json(InventoryJson.Of((await queries.HealthAsync(cancel)).First(h => h.Service.Name == outcome.Value.Name)), status);
}
