using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Web.Shell;

/// <summary>What every endpoint of <c>/api/v1</c> shares: reading a body, saying no.</summary>
public static class Api
{
    /// <summary>Largest body of a change, in bytes.</summary>
    public const int MaxBody = 256 * 1024;

    /// <summary>Reads the body into a record by its <see cref="Shape"/>: every error at once, never an exception. An empty body is an empty object.</summary>
    public static async Task<Outcome<T>> ReadAsync<T>(HttpRequest request, CancellationToken cancel, T? keep = null) where T : class, new()
    {
        var node = await ReadNodeAsync(request, cancel);
        return node.Refusal is { } refusal ? refusal : InputReader.Read(node.Value, keep: keep);
    }

    /// <summary>Reads the body as it was written.</summary>
    public static async Task<Outcome<InputNode>> ReadNodeAsync(HttpRequest request, CancellationToken cancel)
    {
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, cancel)) > 0)
        {
            if (body.Length + read > MaxBody) return Refusal.Invalid("", Phrase.Of("input.too_large", MaxBody));
            body.Write(buffer, 0, read);
        }
        return body.Length == 0 ? JsonInput.Empty : JsonInput.Parse(body.GetBuffer().AsMemory(0, (int)body.Length));
    }

    /// <summary>A refusal as RFC 9457 problem details: <c>errors</c> names each field.</summary>
    /// <param name="written">What was asked to be written, when a rule beyond its reading refused it: its fields are named as in JSON.</param>
    public static IResult Problem(Refusal refusal, Shape? written = null)
    {
        var status = refusal.Kind switch { RefusalKind.Invalid => 400, RefusalKind.NotFound => 404, RefusalKind.Conflict => 409, RefusalKind.Unavailable => 503, _ => 403 };
        var problem = new ProblemDetails { Status = status, Title = Titles[status], Detail = refusal.ToString() };
        problem.Extensions["errors"] = refusal.Errors.Select(e => new { field = written?.PathIn(JsonInput.Empty, e.Field) ?? e.Field, message = e.Message.In() }).ToArray();
        return Results.Json(problem, OpsJson.Api, "application/problem+json", status);
    }

    /// <summary>The value as JSON, or the problem.</summary>
    public static IResult Answer<T>(Outcome<T> outcome, Func<T, object?> json, int status = 200) =>
        outcome.Refusal is { } refusal ? Problem(refusal) : Json(json(outcome.Value), status);

    public static IResult Json(object? value, int status = 200) => Results.Json(value, OpsJson.Api, "application/json", status);

    /// <summary>What was written, by whom it is managed, and the version that the next change is made from.</summary>
    public static JsonObject Written(object input, bool fromFile, uint version)
    {
        var json = JsonSerializer.SerializeToNode(input, input.GetType(), OpsJson.Api)!.AsObject();
        json["fromFile"] = fromFile;
        json["version"] = version;
        return json;
    }

    /// <summary>A page of a list. <paramref name="found"/> holds one more than <paramref name="limit"/> when there is a next page.</summary>
    public static IResult Page<T>(IReadOnlyList<T> found, int limit, Func<T, long> key, Func<T, object?> json) => Json(new
    {
        items = found.Take(limit).Select(json),
        next = found.Count > limit ? key(found[limit - 1]).ToString(System.Globalization.CultureInfo.InvariantCulture) : null,
    });

    private static readonly Dictionary<int, string> Titles = new() { [400] = "Invalid", [403] = "Forbidden", [404] = "Not found", [409] = "Conflict", [503] = "Unavailable" };
}
