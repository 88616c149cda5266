using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Picasoft.Ops.Web.Compat.Alertmanager;

/// <summary>What every answer of Alertmanager's API has in common.</summary>
internal static class Wire
{
    /// <summary>Text as Go writes it, nearly: only what must be escaped is.</summary>
    public static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonWriterOptions _writer = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Words of an answer that says no: a JSON string.</summary>
    public static Task SayAsync(HttpContext http, int status, string words) => JsonAsync(http, status, JsonSerializer.Serialize(words, Relaxed));

    /// <summary>Swagger's own refusals.</summary>
    public static Task RefuseAsync(HttpContext http, int status, int code, string message) => JsonAsync(http, status, JsonSerializer.Serialize(new { code, message }, Relaxed));

    /// <summary>Writes a large answer in pieces, so that it never lies in memory whole.</summary>
    public static async Task ListAsync<T>(HttpContext http, IEnumerable<T> items, Action<Utf8JsonWriter, T> write)
    {
        http.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter, _writer);
        json.WriteStartArray();
        var sent = 0L;
        foreach (var item in items)
        {
            write(json, item);
            // What is pending is only the last of the server's small blocks: the full ones count as committed, and wait all the same.
            if (json.BytesCommitted + json.BytesPending - sent < 32 * 1024) continue;
            json.Flush();
            await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
            sent = json.BytesCommitted;
        }
        json.WriteEndArray();
        json.Flush();
        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }

    public static async Task ObjectAsync(HttpContext http, Action<Utf8JsonWriter> write)
    {
        http.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter, _writer);
        write(json);
    }

    /// <summary>Reads the body into memory, at most so many bytes; null: there is more.</summary>
    public static async Task<ReadOnlyMemory<byte>?> BodyAsync(HttpContext http, int most)
    {
        if (http.Request.ContentLength > most) return null;
        var body = new MemoryStream((int)(http.Request.ContentLength ?? 4096));
        while (true)
        {
            var read = await http.Request.BodyReader.ReadAsync(http.RequestAborted);
            if (body.Length + read.Buffer.Length > most) return null;
            foreach (var part in read.Buffer) body.Write(part.Span);
            http.Request.BodyReader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) return body.GetBuffer().AsMemory(0, (int)body.Length);
        }
    }

    /// <summary>Whether the body says that it is JSON; says no otherwise, as Alertmanager does.</summary>
    public static async Task<bool> IsJsonAsync(HttpContext http)
    {
        var type = http.Request.ContentType ?? "application/octet-stream";
        if (type.Split(';')[0].Trim().Equals("application/json", StringComparison.OrdinalIgnoreCase)) return true;
        await RefuseAsync(http, StatusCodes.Status415UnsupportedMediaType, 415, $"unsupported media type {JsonSerializer.Serialize(type, Relaxed)}, only [application/json] are allowed");
        return false;
    }

    public static Task BusyAsync(HttpContext http, int status)
    {
        http.Response.Headers.RetryAfter = "1";
        return SayAsync(http, status, status == StatusCodes.Status429TooManyRequests ? "too many alerts are waiting, send again" : "the store cannot be reached, send again");
    }

    private static Task JsonAsync(HttpContext http, int status, string json)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(json + "\n", http.RequestAborted);
    }

    /// <summary>Go's <c>ConvertBool</c>: a few words are yes, everything else is no; nothing said is <paramref name="usual"/>.</summary>
    public static bool Flag(HttpRequest request, string name, bool usual = true)
    {
        var text = request.Query[name].ToString();
        return text.Length == 0 ? usual : text.ToLower(CultureInfo.InvariantCulture) is "true" or "1" or "yes" or "ok" or "y" or "on" or "selected" or "checked" or "t" or "enabled";
    }
}
