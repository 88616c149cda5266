using System.Text.Json;
using Google.Protobuf;
using Picasoft.Ops.Core.Logs;
using Picasoft.Ops.Web.Access;

namespace Picasoft.Ops.Web.Compat.Otlp;

/// <summary>OpenTelemetry's logs over HTTP (OTLP 1.x), in protobuf and in JSON.</summary>
public static class OtlpEndpoints
{
    private const string ProtobufType = "application/x-protobuf";

    public static void MapOtlp(this IEndpointRouteBuilder app)
    {
        app.MapPost("/v1/logs", LogsAsync).RequireAuthorization(Policies.Ingest).ExcludeFromDescription();
        app.MapPost("/otlp/v1/logs", LogsAsync).RequireAuthorization(Policies.Ingest).ExcludeFromDescription(); // Loki's name for it
    }

    private static async Task<IResult> LogsAsync(HttpContext http, LogIntake intake, TimeProvider time, CancellationToken cancel)
    {
        var isJson = http.Request.ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) == true;
        if (!isJson && http.Request.ContentType?.StartsWith(ProtobufType, StringComparison.OrdinalIgnoreCase) != true)
            return Refuse(true, StatusCodes.Status415UnsupportedMediaType, 3, $"send application/json or {ProtobufType}");
        try
        {
            if (await PushedLines.ReadAsync(http.Request, cancel) is not { } body) return Refuse(isJson, StatusCodes.Status413PayloadTooLarge, 8, "the body is too large");
            if (!intake.CanStore) return Away(http, isJson);
            var (gate, now) = (intake.Open(awaited: true), time.GetUtcNow());
            foreach (var record in isJson ? OtlpJson.Read(body) : OtlpProtobuf.Read(body))
                PushedLines.Accept(gate, LogOrigin.Otlp, name => record.Attributes.GetValueOrDefault(name) ?? record.Resource.GetValueOrDefault(name), record.Nanoseconds, SeverityOf(record.Severity) ?? PushedLines.SeverityOf(record.SeverityText), record.Body, now);
            await gate.StoreAsync(cancel);
            return isJson ? Results.Content("{}", "application/json") : Results.Bytes([], ProtobufType);
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or InvalidProtocolBufferException or FormatException or InvalidOperationException)
        {
            return Refuse(isJson, StatusCodes.Status400BadRequest, 3, e.Message);
        }
        catch (Exception e) when (LogIntake.IsAway(e)) { return Away(http, isJson); }
    }

    /// <summary>OTLP's numbers: four for each of trace, debug, info, warn, error, fatal.</summary>
    private static LogSeverity? SeverityOf(int number) => number switch
    {
        >= 21 => LogSeverity.Critical,
        >= 17 => LogSeverity.Error,
        >= 13 => LogSeverity.Warning,
        >= 9 => LogSeverity.Info,
        >= 1 => LogSeverity.Debug,
        _ => null,
    };

    private static IResult Away(HttpContext http, bool isJson)
    {
        PushedLines.ComeAgain(http);
        return Refuse(isJson, StatusCodes.Status503ServiceUnavailable, 14, "the store cannot be reached; send it again");
    }

    // google.rpc.Status: code = 1, message = 2; in the type that was sent.
    private static IResult Refuse(bool isJson, int status, int code, string message)
    {
        if (isJson) return Results.Json(new { code, message }, statusCode: status);
        using var bytes = new MemoryStream();
        using (var output = new CodedOutputStream(bytes, leaveOpen: true))
        {
            output.WriteTag(1, WireFormat.WireType.Varint);
            output.WriteInt32(code);
            output.WriteTag(2, WireFormat.WireType.LengthDelimited);
            output.WriteString(message);
        }
        return new StatusBytes(bytes.ToArray(), status);
    }

    private sealed class StatusBytes(byte[] body, int status) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = status;
            httpContext.Response.ContentType = ProtobufType;
            await httpContext.Response.Body.WriteAsync(body);
        }
    }
}

/// <summary>One record of a log.</summary>
/// <param name="Severity">OTLP's number; 0: not said.</param>
internal sealed record OtlpRecord(IReadOnlyDictionary<string, string> Resource, IReadOnlyDictionary<string, string> Attributes, ulong Nanoseconds, int Severity, string? SeverityText, byte[] Body);
