using System.Text.Json;
using Picasoft.Ops.Core.Alerts.Active;

namespace Picasoft.Ops.Web.Compat.Alertmanager;

/// <summary>
/// <c>POST /hooks/alertmanager</c>: what an Alertmanager sends to its webhook receivers, for those who keep theirs in front. Since 0.32 its users may shape the body:
/// whatever holds labels is taken, what cannot be read is left out, and only a body that is no JSON is refused.
/// </summary>
internal static class WebhookEndpoint
{
    public static async Task PostAsync(HttpContext http, AlertGroupIntake intake, TimeProvider time)
    {
        using var room = intake.Enter(Math.Min(AlertsEndpoints.MaxBody, http.Request.ContentLength ?? AlertsEndpoints.MaxBody));
        if (room is null)
        {
            await Wire.BusyAsync(http, StatusCodes.Status429TooManyRequests);
            return;
        }
        if (await Wire.BodyAsync(http, AlertsEndpoints.MaxBody) is not { } body)
        {
            await Wire.RefuseAsync(http, StatusCodes.Status413PayloadTooLarge, 413, $"the body is larger than {AlertsEndpoints.MaxBody} bytes");
            return;
        }
        using var batch = new AlertBatch();
        var reader = new AlertsReader(batch, time.GetUtcNow());
        try
        {
            using var json = JsonDocument.Parse(body);
            Take(json.RootElement, batch, reader, time.GetUtcNow());
        }
        catch (JsonException e)
        {
            await Wire.SayAsync(http, StatusCodes.Status400BadRequest, $"the body is not JSON: {e.Message}");
            return;
        }
        if (!await AlertsEndpoints.StoreAsync(http, intake, batch)) return;
        await Wire.ObjectAsync(http, json =>
        {
            json.WriteStartObject();
            json.WriteNumber("taken"u8, batch.Alerts.Count);
            json.WriteNumber("leftOut"u8, reader.Errors.Count);
            json.WriteEndObject();
        });
    }

    private static void Take(JsonElement body, AlertBatch batch, AlertsReader reader, DateTimeOffset now)
    {
        var alerts = body.ValueKind == JsonValueKind.Object && body.TryGetProperty("alerts", out var listed) && listed.ValueKind == JsonValueKind.Array ? [.. listed.EnumerateArray()]
            : body.ValueKind == JsonValueKind.Array ? [.. body.EnumerateArray()]
            : new List<JsonElement> { body };
        var status = Text(body, "status");
        foreach (var alert in alerts)
        {
            Pairs(alert, "labels", PairKind.Label, batch);
            Pairs(alert, "annotations", PairKind.Annotation, batch);
            if (Text(alert, "generatorURL") is { Length: > 0 } link) batch.Add(PairKind.Link, "", link);
            var isResolved = (Text(alert, "status") ?? status) == "resolved";
            var (starts, ends) = (Time(alert, "startsAt"), Time(alert, "endsAt"));
            // While it burns the sender names no end, and repeats itself only now and then: it holds until the end is said.
            if (isResolved) reader.End(starts, Math.Min(Math.Max(ends ?? now.UtcTicks, starts ?? 0), now.UtcTicks), null);
            else reader.End(starts ?? now.UtcTicks, ends > now.UtcTicks ? ends : AlertTimes.Never, null);
        }
    }

    private static void Pairs(JsonElement alert, string field, PairKind kind, AlertBatch batch)
    {
        if (alert.ValueKind != JsonValueKind.Object || !alert.TryGetProperty(field, out var pairs) || pairs.ValueKind != JsonValueKind.Object) return;
        foreach (var pair in pairs.EnumerateObject().Where(p => p.Name.Length > 0))
            batch.Add(kind, pair.Name, pair.Value.ValueKind == JsonValueKind.String ? pair.Value.GetString()! : pair.Value.ValueKind == JsonValueKind.Null ? "" : pair.Value.GetRawText());
    }

    private static string? Text(JsonElement element, string field) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Time(JsonElement alert, string field)
    {
        try { return Text(alert, field) is { Length: > 0 } text ? WireTime.Read(text) : null; }
        catch (JsonException) { return null; }
    }
}
