using System.Text.Json;
using Npgsql;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Alerts.Active;

namespace Picasoft.Ops.Web.Compat.Alertmanager;

/// <summary><c>/api/v2/alerts</c>.</summary>
internal static class AlertsEndpoints
{
    /// <summary>Largest body, in bytes: some thirty thousand alerts.</summary>
    public const int MaxBody = 16 * 1024 * 1024;

    /// <summary>200 when every alert of the body is committed to disk.</summary>
    public static async Task PostAsync(HttpContext http, AlertGroupIntake intake, TimeProvider time)
    {
        using var room = intake.Enter(Math.Min(MaxBody, http.Request.ContentLength ?? MaxBody));
        if (room is null)
        {
            await Wire.BusyAsync(http, StatusCodes.Status429TooManyRequests);
            return;
        }
        if (await Wire.BodyAsync(http, MaxBody) is not { } body)
        {
            await Wire.RefuseAsync(http, StatusCodes.Status413PayloadTooLarge, 413, $"the body is larger than {MaxBody} bytes, send fewer alerts at once");
            return;
        }
        if (body.IsEmpty)
        {
            await Wire.RefuseAsync(http, StatusCodes.Status422UnprocessableEntity, 602, "alerts in body is required");
            return;
        }
        if (!await Wire.IsJsonAsync(http)) return;
        using var batch = new AlertBatch();
        var reader = new AlertsReader(batch, time.GetUtcNow());
        try
        {
            reader.Read(body.Span);
        }
        catch (JsonException e)
        {
            await Wire.RefuseAsync(http, StatusCodes.Status400BadRequest, 400, $"parsing alerts body from \"\" failed, because {e.Message}");
            return;
        }
        catch (UnprocessableException e)
        {
            await Wire.RefuseAsync(http, StatusCodes.Status422UnprocessableEntity, e.Code, e.Message);
            return;
        }
        if (await StoreAsync(http, intake, batch) && reader.Errors.Count > 0) await Wire.SayAsync(http, StatusCodes.Status400BadRequest, string.Join("; ", reader.Errors));
    }

    /// <returns>False: it could not be stored, and that was said.</returns>
    public static async Task<bool> StoreAsync(HttpContext http, AlertGroupIntake intake, AlertBatch batch)
    {
        if (batch.Alerts.Count == 0) return true;
        try
        {
            await intake.ApplyAsync(batch); // not with the request's token: the batch is in use until it is written
            return true;
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or OperationCanceledException or IOException)
        {
            await Wire.BusyAsync(http, StatusCodes.Status503ServiceUnavailable);
            return false;
        }
    }

    public static async Task ListAsync(HttpContext http, ActiveAlerts active, SilenceQueries silences, TimeProvider time)
    {
        if (await AlertsFilter.ReadAsync(http) is { } filter) await Wire.ListAsync(http, await ListedAsync(http, filter, active, silences, time), AlertJson.Write);
    }

    public static async Task GroupsAsync(HttpContext http, ActiveAlerts active, SilenceQueries silences, TimeProvider time)
    {
        if (await AlertsFilter.ReadAsync(http) is { } filter) await Wire.ListAsync(http, AlertGroups.Of(await ListedAsync(http, filter, active, silences, time), filter.Receiver), AlertGroups.Write);
    }

    private static async Task<IEnumerable<ListedAlert>> ListedAsync(HttpContext http, AlertsFilter filter, ActiveAlerts active, SilenceQueries silences, TimeProvider time)
    {
        await active.Loaded.WaitAsync(http.RequestAborted);
        var now = time.GetUtcNow();
        var alerts = active.At(now);
        return filter.Of(alerts, await Paging.AtAsync(http, alerts, silences, now));
    }
}
