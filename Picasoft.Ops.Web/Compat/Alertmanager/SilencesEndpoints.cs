using System.Text.Json;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Web.Access;

namespace Picasoft.Ops.Web.Compat.Alertmanager;

/// <summary><c>/api/v2/silences</c> and <c>/api/v2/silence/{id}</c>.</summary>
internal static class SilencesEndpoints
{
    private const int MaxBody = 256 * 1024;

    public static async Task ListAsync(HttpContext http, SilenceQueries silences, TimeProvider time)
    {
        if (await AlertsFilter.MatchersAsync(http) is not { } matchers) return;
        var now = time.GetUtcNow();
        var found = (await silences.AllAsync(http.RequestAborted)).Select(s => (Silence: s, State: s.StateAt(now), Matchers: Matchers(s)));
        // A silence is found by a matcher that it has itself.
        found = found.Where(s => matchers.All(m => s.Matchers.Contains(m)) && Wire.Flag(http.Request, s.State.ToString().ToLowerInvariant()));
        // What ends next, what begins next, what ended last: each first among its own.
        var sorted = found.OrderBy(s => s.State switch { SilenceState.Active => 0, SilenceState.Pending => 1, _ => 2 })
            .ThenBy(s => s.State switch { SilenceState.Active => s.Silence.EndsAt.UtcTicks, SilenceState.Pending => s.Silence.StartsAt.UtcTicks, _ => -s.Silence.EndsAt.UtcTicks });
        await Wire.ListAsync(http, sorted, (json, s) => Write(json, s.Silence, s.State, s.Matchers));
    }

    public static async Task FindAsync(HttpContext http, string id, SilenceQueries silences, TimeProvider time)
    {
        if (await UuidAsync(http, id) is not { } uuid) return;
        if (await silences.FindAsync(uuid, http.RequestAborted) is { } silence) await Wire.ObjectAsync(http, json => Write(json, silence, silence.StateAt(time.GetUtcNow()), Matchers(silence)));
        else http.Response.StatusCode = StatusCodes.Status404NotFound;
    }

    public static async Task EndAsync(HttpContext http, string id, SilenceQueries silences, SilenceActions actions)
    {
        if (await UuidAsync(http, id) is not { } uuid) return;
        if (await silences.FindAsync(uuid, http.RequestAborted) is { } silence) await actions.EndAsync(silence.Id, http.Actor(), http.RequestAborted);
        else await Wire.SayAsync(http, StatusCodes.Status404NotFound, "silence not found");
    }

    public static async Task SetAsync(HttpContext http, SilenceActions actions, TimeProvider time)
    {
        if (await Wire.BodyAsync(http, MaxBody) is not { } body)
        {
            await Wire.RefuseAsync(http, StatusCodes.Status413PayloadTooLarge, 413, $"the body is larger than {MaxBody} bytes");
            return;
        }
        if (body.IsEmpty)
        {
            await Wire.RefuseAsync(http, StatusCodes.Status422UnprocessableEntity, 602, "silence in body is required");
            return;
        }
        if (!await Wire.IsJsonAsync(http)) return;
        PostableSilence silence;
        try
        {
            silence = PostableSilence.Read(body.Span);
        }
        catch (JsonException e)
        {
            await Wire.RefuseAsync(http, StatusCodes.Status400BadRequest, 400, $"parsing silence body from \"\" failed, because {e.Message}");
            return;
        }
        catch (UnprocessableException e)
        {
            await Wire.RefuseAsync(http, StatusCodes.Status422UnprocessableEntity, e.Code, e.Message);
            return;
        }
        var (setting, error) = silence.Setting(time.GetUtcNow());
        if (error is not null || setting is null)
        {
            await Wire.SayAsync(http, StatusCodes.Status400BadRequest, error ?? "");
            return;
        }
        var set = silence.IsUnknownId ? Refusal.NotFound("silence", 0) : await actions.SetAsync(setting, http.Actor(), http.RequestAborted);
        if (set.Refusal is not null) await Wire.SayAsync(http, StatusCodes.Status404NotFound, "silence not found");
        else await Wire.ObjectAsync(http, json =>
        {
            json.WriteStartObject();
            json.WriteString("silenceID"u8, set.Value.Uuid);
            json.WriteEndObject();
        });
    }

    private static async Task<Guid?> UuidAsync(HttpContext http, string id)
    {
        if (Guid.TryParseExact(id, "D", out var uuid)) return uuid;
        await Wire.RefuseAsync(http, StatusCodes.Status422UnprocessableEntity, 601, $"silenceID in path must be of type uuid: {JsonSerializer.Serialize(id, Wire.Relaxed)}");
        return null;
    }

    private static IReadOnlyList<Matcher> Matchers(Silence silence) => MatcherParser.ParseAll(silence.Matchers) is { IsDone: true } read ? read.Value : [];

    private static void Write(Utf8JsonWriter json, Silence silence, SilenceState state, IReadOnlyList<Matcher> matchers)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, silence.Uuid);
        json.WriteStartObject("status"u8);
        json.WriteString("state"u8, state switch { SilenceState.Active => "active"u8, SilenceState.Pending => "pending"u8, _ => "expired"u8 });
        json.WriteEndObject();
        WireTime.Write(json, "updatedAt"u8, silence.UpdatedAt.UtcTicks);
        json.WriteString("comment"u8, silence.Comment);
        json.WriteString("createdBy"u8, silence.CreatedBy);
        WireTime.Write(json, "endsAt"u8, silence.EndsAt.UtcTicks);
        json.WriteStartArray("matchers"u8);
        foreach (var matcher in matchers)
        {
            json.WriteStartObject();
            json.WriteBoolean("isEqual"u8, matcher.Kind is MatchKind.Equal or MatchKind.Regex);
            json.WriteBoolean("isRegex"u8, matcher.Kind is MatchKind.Regex or MatchKind.NotRegex);
            json.WriteString("name"u8, matcher.Name);
            json.WriteString("value"u8, matcher.Value);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        WireTime.Write(json, "startsAt"u8, silence.StartsAt.UtcTicks);
        json.WriteEndObject();
    }
}
