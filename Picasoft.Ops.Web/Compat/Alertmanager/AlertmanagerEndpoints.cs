using System.Text.Json;
using Microsoft.Extensions.Primitives;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Web.Access;

namespace Picasoft.Ops.Web.Compat.Alertmanager;

/// <summary>Alertmanager's API v2, so that Prometheus, vmalert, Grafana, amtool and karma work unchanged. Differences, and why: docs/alertmanager.md.</summary>
public static class AlertmanagerEndpoints
{
    /// <summary>The version whose manners we have; clients choose theirs by it.</summary>
    public const string Version = "0.27.0";

    private static readonly long _startedAt = TimeProvider.System.GetUtcNow().UtcTicks;

    public static void MapAlertmanager(this IEndpointRouteBuilder app)
    {
        Prometheus.Metrics.CreateGauge("alertmanager_build_info", "The Alertmanager whose API v2 this is.", "version", "revision", "branch").WithLabels(Version, "picasoft-ops", "picasoft-ops").Set(1);

        var all = app.MapGroup("").ExcludeFromDescription();
        all.MapMethods("/-/healthy", [HttpMethods.Get, HttpMethods.Head], () => "OK").AllowAnonymous();
        all.MapMethods("/-/ready", [HttpMethods.Get, HttpMethods.Head], () => "OK").AllowAnonymous();

        var api = all.MapGroup("/api/v2").AddEndpointFilter(NotKept);
        var read = api.MapGroup("").RequireAuthorization(Policies.Read);
        read.MapGet("/alerts", AlertsEndpoints.ListAsync);
        read.MapGet("/alerts/groups", AlertsEndpoints.GroupsAsync);
        read.MapGet("/silences", SilencesEndpoints.ListAsync);
        read.MapGet("/silence/{id}", SilencesEndpoints.FindAsync);
        read.MapGet("/receivers", ReceiversAsync);
        read.MapGet("/status", StatusAsync);
        var respond = api.MapGroup("").RequireAuthorization(Policies.Respond);
        respond.MapPost("/silences", SilencesEndpoints.SetAsync);
        respond.MapDelete("/silence/{id}", SilencesEndpoints.EndAsync);
        api.MapPost("/alerts", AlertsEndpoints.PostAsync).RequireAuthorization(Policies.Ingest);
        all.MapPost("/hooks/alertmanager", WebhookEndpoint.PostAsync).RequireAuthorization(Policies.Ingest);
    }

    private static ValueTask<object?> NotKept(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        context.HttpContext.Response.Headers.CacheControl = new StringValues("no-store");
        return next(context);
    }

    private static async Task ReceiversAsync(HttpContext http) =>
        await Wire.ListAsync(http, Paging.Receivers(await Paging.BookAsync(http)), (json, name) =>
        {
            json.WriteStartObject();
            json.WriteString("name"u8, name);
            json.WriteEndObject();
        });

    private static async Task StatusAsync(HttpContext http, OpsSettings settings)
    {
        var book = await Paging.BookAsync(http);
        await Wire.ObjectAsync(http, json => Status(json, settings, book));
    }

    private static void Status(Utf8JsonWriter json, OpsSettings settings, PolicyBook book)
    {
        json.WriteStartObject();
        json.WriteStartObject("cluster"u8);
        json.WriteString("name"u8, settings.Node);
        json.WriteString("status"u8, "disabled"u8); // ours is PostgreSQL's business
        json.WriteStartArray("peers"u8);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartObject("versionInfo"u8);
        foreach (var (name, value) in new[] { ("version", Version), ("revision", "picasoft-ops"), ("branch", "picasoft-ops"), ("buildUser", ""), ("buildDate", ""), ("goVersion", "none") }) json.WriteString(name, value);
        json.WriteEndObject();
        json.WriteStartObject("config"u8);
        // amtool and karma read the routes and the receivers from it.
        json.WriteString("original"u8, ConfigText.Of(book));
        json.WriteEndObject();
        WireTime.Write(json, "uptime"u8, _startedAt);
        json.WriteEndObject();
    }
}
