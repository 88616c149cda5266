using System.Globalization;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Picasoft.Ops.Core.Logs;
using Picasoft.Ops.Web.Access;
using Snappier;

namespace Picasoft.Ops.Web.Compat.Loki;

/// <summary>Loki's push API, as Promtail, Alloy, Vector and Docker's loki driver speak it.</summary>
public static class LokiEndpoints
{
    public static void MapLoki(this IEndpointRouteBuilder app) =>
        app.MapPost("/loki/api/v1/push", PushAsync).RequireAuthorization(Policies.Ingest).ExcludeFromDescription();

    private static async Task<IResult> PushAsync(HttpContext http, LogIntake intake, TimeProvider time, CancellationToken cancel)
    {
        try
        {
            if (await PushedLines.ReadAsync(http.Request, cancel) is not { } body) return Results.Text("the body is too large\n", statusCode: StatusCodes.Status413PayloadTooLarge);
            if (!intake.CanStore) return Away(http);
            var (gate, now) = (intake.Open(awaited: true), time.GetUtcNow());
            // Read to the end before the first line counts: what is refused leaves nothing behind.
            var streams = http.Request.ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) == true ? ReadJson(body) : ReadProtobuf(Unpack(body));
            foreach (var stream in streams)
                foreach (var entry in stream.Entries)
                    PushedLines.Accept(gate, LogOrigin.Loki, name => entry.Labels?.GetValueOrDefault(name) ?? stream.Labels.GetValueOrDefault(name), entry.Nanoseconds, null, entry.Line, now);
            await gate.StoreAsync(cancel);
            return Results.NoContent();
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or InvalidProtocolBufferException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            return Results.Text($"{e.Message}\n", statusCode: StatusCodes.Status400BadRequest);
        }
        catch (Exception e) when (LogIntake.IsAway(e)) { return Away(http); }
    }

    private static IResult Away(HttpContext http)
    {
        PushedLines.ComeAgain(http);
        return Results.Text("the store cannot be reached; send it again\n", statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    private static byte[] Unpack(byte[] body)
    {
        if (body.Length == 0) return body;
        if (Snappy.GetUncompressedLength(body) > PushedLines.MaxBody) throw new InvalidDataException("the body is too large");
        return Snappy.DecompressToArray(body);
    }

    private static List<LokiStream> ReadJson(byte[] body)
    {
        using var json = JsonDocument.Parse(body);
        var streams = new List<LokiStream>();
        foreach (var stream in json.RootElement.GetProperty("streams").EnumerateArray())
        {
            var labels = stream.GetProperty("stream").EnumerateObject().ToDictionary(l => l.Name, l => l.Value.GetString() ?? "", StringComparer.Ordinal);
            var entries = new List<LokiEntry>();
            foreach (var value in stream.GetProperty("values").EnumerateArray())
            {
                if (value.GetArrayLength() < 2 || !ulong.TryParse(value[0].GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var at)) throw new FormatException("each value must be [\"<nanoseconds since 1970>\", \"<line>\"]");
                var metadata = value.GetArrayLength() > 2 ? value[2].EnumerateObject().ToDictionary(l => l.Name, l => l.Value.ToString(), StringComparer.Ordinal) : null;
                entries.Add(new(at, Encoding.UTF8.GetBytes(value[1].GetString() ?? ""), metadata));
            }
            streams.Add(new(labels, entries));
        }
        return streams;
    }

    // logproto.PushRequest: streams = 1 {labels = 1, entries = 2 {timestamp = 1 {seconds = 1, nanos = 2}, line = 2, structuredMetadata = 3 {name = 1, value = 2}}}
    private static List<LokiStream> ReadProtobuf(byte[] body)
    {
        var streams = new List<LokiStream>();
        foreach (var (field, stream) in Protobuf.Fields(new CodedInputStream(body)))
        {
            if (field != 1) continue;
            var (labels, entries) = (new Dictionary<string, string>(StringComparer.Ordinal), new List<LokiEntry>());
            foreach (var (part, bytes) in Protobuf.Fields(stream))
            {
                if (part == 1) labels = LokiLabels.Parse(bytes.Bytes.ToStringUtf8());
                if (part == 2) entries.Add(Entry(bytes));
            }
            streams.Add(new(labels, entries));
        }
        return streams;
    }

    private static LokiEntry Entry(ProtobufValue entry)
    {
        var (nanoseconds, line, metadata) = (0UL, Array.Empty<byte>(), default(Dictionary<string, string>));
        foreach (var (field, value) in Protobuf.Fields(entry))
        {
            if (field == 1)
            {
                foreach (var (part, number) in Protobuf.Fields(value)) nanoseconds += part == 1 ? number.Number * 1_000_000_000 : part == 2 ? number.Number : 0;
            }
            else if (field == 2) line = value.Bytes.ToByteArray();
            else if (field == 3)
            {
                var pair = Protobuf.Fields(value).ToDictionary(p => p.Field, p => p.Value.Bytes.ToStringUtf8());
                (metadata ??= new(StringComparer.Ordinal))[pair.GetValueOrDefault(1, "")] = pair.GetValueOrDefault(2, "");
            }
        }
        return new(nanoseconds, line, metadata);
    }

    private sealed record LokiStream(Dictionary<string, string> Labels, List<LokiEntry> Entries);

    private sealed record LokiEntry(ulong Nanoseconds, byte[] Line, Dictionary<string, string>? Labels);
}
