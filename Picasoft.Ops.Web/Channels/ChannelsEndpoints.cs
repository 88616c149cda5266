using System.Globalization;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Web.Access;
using Picasoft.Ops.Web.Shell;

namespace Picasoft.Ops.Web.Channels;

/// <summary>Channels and deliveries in <c>/api/v1</c>.</summary>
internal static class ChannelsEndpoints
{
    private const int MostAtOnce = 500;

    public static void MapChannels(this IEndpointRouteBuilder app)
    {
        var channels = app.MapGroup("/api/v1/channels").WithTags("channels");

        channels.MapGet("", async (DeliveryQueries queries, ChannelKinds kinds, CancellationToken cancel) =>
            Api.Json(new { items = (await queries.ChannelsAsync(cancel)).Select(c => ChannelsJson.Of(c, kinds)), next = (string?)null }))
            .RequireAuthorization(Policies.Read).WithSummary("Lists the channels and how they fare");

        channels.MapPost("", async (HttpContext http, ChannelActions actions, DeliveryQueries queries, ChannelKinds kinds, CancellationToken cancel) =>
        {
            var input = await ReadAsync(http, null, cancel);
            if (input.Refusal is { } refusal) return Api.Problem(refusal);
            return await AnswerAsync(await actions.CreateAsync(input.Value.Input, http.Actor(), cancel), queries, kinds, StatusCodes.Status201Created, cancel);
        }).RequireAuthorization(Policies.Admin).Reads<ChannelInput>().WithSummary("Creates a channel; its settings stand beside name and type, as in ops.yaml");

        channels.MapGet("{name}", async (string name, DeliveryQueries queries, ChannelKinds kinds, CancellationToken cancel) =>
            await queries.ChannelAsync(name, cancel) is { } channel ? Api.Json(ChannelsJson.Of(channel, kinds)) : Api.Problem(Refusal.NotFound("channel", name)))
            .RequireAuthorization(Policies.Read).WithSummary("One channel");

        channels.MapPut("{name}", async (string name, HttpContext http, ChannelActions actions, DeliveryQueries queries, ChannelKinds kinds, CancellationToken cancel) =>
        {
            var input = await ReadAsync(http, name, cancel);
            if (input.Refusal is { } refusal) return Api.Problem(refusal);
            return await AnswerAsync(await actions.UpdateAsync(name, input.Value.Input, input.Value.Version, http.Actor(), cancel), queries, kinds, StatusCodes.Status200OK, cancel);
        }).RequireAuthorization(Policies.Admin).Replaces<ChannelInput>().WithSummary("Replaces a channel; a masked secret keeps the stored one; with the version it was made from, nobody's change is overwritten");

        channels.MapDelete("{name}", async (string name, HttpContext http, ChannelActions actions, CancellationToken cancel) =>
            (await actions.DeleteAsync(name, http.Actor(), cancel)).Refusal is { } refusal ? Api.Problem(refusal) : Results.NoContent())
            .RequireAuthorization(Policies.Admin).WithSummary("Deletes a channel; what still waits in it is given up");

        channels.MapPost("{name}/test", async (string name, HttpContext http, ChannelActions actions, CancellationToken cancel) =>
            Api.Answer(await actions.SendTestAsync(name, http.Actor(), cancel), d => new { items = d.Select(x => ChannelsJson.Of(x)), next = (string?)null }, StatusCodes.Status202Accepted))
            .RequireAuthorization(Policies.Admin).WithSummary("Sends a test message to every recipient; watch the deliveries for what comes of it");

        app.MapGet("/api/v1/deliveries", async (DeliveryQueries queries, string? state, string? channel, string? incident, string? person, string? q, string? limit, string? after, CancellationToken cancel) =>
        {
            var page = DeliveriesQuery.Read(state, channel, incident, limit, after);
            if (page.Refusal is { } refusal) return Api.Problem(refusal);
            var (filter, before, count) = page.Value;
            filter = filter with { Person = string.IsNullOrEmpty(person) ? null : person, Text = string.IsNullOrWhiteSpace(q) ? null : q.Trim() };
            var items = await queries.ListAsync(filter, before, count + 1, cancel);
            var tries = await queries.AttemptsAsync([.. items.Select(d => d.Id)], cancel);
            return Api.Json(new { items = items.Take(count).Select(d => ChannelsJson.Of(d, tries[d.Id])), next = items.Count > count ? items[count - 1].Id.ToString(CultureInfo.InvariantCulture) : null });
        }).RequireAuthorization(Policies.Read).WithTags("channels").WithSummary("Lists what was, or is to be, sent, newest first, with every try; ?state=&channel=&incident=&person=&q=&limit=&after=");
    }

    private static async Task<Outcome<(ChannelInput Input, uint? Version)>> ReadAsync(HttpContext http, string? name, CancellationToken cancel)
    {
        var body = await NamedBody.ReadAsync(http, name, ChannelsJson.Answered, cancel);
        if (body.Refusal is { } unread) return unread;
        var input = InputReader.Read<ChannelInput>(body.Value.Input);
        return input.Refusal is { } refusal ? refusal : (input.Value, body.Value.Version);
    }

    private static async Task<IResult> AnswerAsync(Outcome<Channel> outcome, DeliveryQueries queries, ChannelKinds kinds, int status, CancellationToken cancel) =>
        outcome.Refusal is { } refusal ? Api.Problem(refusal) : Api.Json(ChannelsJson.Of((await queries.ChannelAsync(outcome.Value.Name, cancel))!, kinds), status);

    /// <summary>The query of the list of deliveries.</summary>
    private static class DeliveriesQuery
    {
        public static Outcome<(DeliveryFilter Filter, long? After, int Limit)> Read(string? state, string? channel, string? incident, string? limit, string? after)
        {
            var errors = new List<FieldError>();
            DeliveryState? inState = null;
            if (!string.IsNullOrEmpty(state))
            {
                if (Words.TryParse<DeliveryState>(state, out var word)) inState = word;
                else errors.Add(new("state", Phrase.Of("input.expected_choice", state, string.Join(", ", Words.All(typeof(DeliveryState))))));
            }
            var number = Whole("incident", incident);
            var before = Whole("after", after);
            var count = Whole("limit", limit) ?? 100;
            if (count is < 1 or > MostAtOnce) errors.Add(new("limit", Phrase.Of("input.out_of_range", count, 1, MostAtOnce)));
            if (errors.Count > 0) return Refusal.Invalid(errors);
            return (new DeliveryFilter(inState, string.IsNullOrEmpty(channel) ? null : channel, number), before, (int)count);

            long? Whole(string field, string? text)
            {
                if (string.IsNullOrEmpty(text)) return null;
                if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)) return value;
                errors.Add(new(field, Phrase.Of("input.expected_integer", text)));
                return null;
            }
        }
    }
}
