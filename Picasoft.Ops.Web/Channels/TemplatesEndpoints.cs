using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Notifications.Channels;
using Picasoft.Ops.Core.Notifications.Templates;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Web.Access;
using Picasoft.Ops.Web.Shell;

namespace Picasoft.Ops.Web.Channels;

/// <summary>How messages are worded, in <c>/api/v1</c>.</summary>
internal static class TemplatesEndpoints
{
    public static void MapTemplates(this IEndpointRouteBuilder app)
    {
        var templates = app.MapGroup("/api/v1/message-templates").WithTags("channels");

        templates.MapGet("", async (TemplateActions actions, CancellationToken cancel) => Api.Json((await actions.FindAsync(cancel)).Input()))
            .RequireAuthorization(Policies.Read).WithSummary("How messages are worded, in Liquid; what is null is as the product words it");

        templates.MapPut("", async (HttpContext http, TemplateActions actions, CancellationToken cancel) =>
        {
            var input = await Api.ReadAsync<TemplatesInput>(http.Request, cancel);
            return input.Refusal is { } refusal ? Api.Problem(refusal) : Api.Answer(await actions.UpdateAsync(input.Value, http.Actor(), cancel), s => s.Input());
        }).RequireAuthorization(Policies.Admin).Reads<TemplatesInput>().WithSummary("Replaces them; {} is the product's own words again");

        templates.MapPost("preview", async (HttpContext http, ChannelKinds kinds, DeliveryQueries queries, TemplateActions actions, OpsSettings settings, TimeProvider time, CancellationToken cancel) =>
        {
            var read = await Api.ReadAsync<PreviewInput>(http.Request, cancel);
            if (read.Refusal is { } refusal) return Api.Problem(refusal);
            var input = read.Value;
            if (await queries.ChannelAsync(input.Channel, cancel) is not { } channel || kinds.SettingsOf(channel.Channel) is not { } of) return Api.Problem(Refusal.NotFound("channel", input.Channel));
            var message = SampleMessage.Of(Words.Of(input.Reason), input.Templates ?? (await actions.FindAsync(cancel)).Input(), input.Channel, (settings.PublicUrl ?? settings.Urls.Split(';')[0]).TrimEnd('/'), Words.Of(input.Language), time.GetUtcNow(), time.LocalTimeZone);
            var shown = kinds.Find(channel.Channel.Type)!.Show(of, message);
            return Api.Json(new { shown.Title, shown.Text, shown.Html, facts = shown.Facts.ToDictionary(f => f.Label, f => f.Value, StringComparer.Ordinal), shown.Buttons, fault = message.Fault?.In() });
        }).RequireAuthorization(Policies.Read).Reads<PreviewInput>().WithSummary("What a reader of a channel would see of a made-up message; {channel, reason?: opened | escalated | resolved, language?, templates?}");
    }
}

/// <summary>Of what a preview is wanted.</summary>
internal sealed record PreviewInput
{
    [Setting(Required = true, MaxLength = 100)]
    public string Channel { get; init; } = "";

    public PreviewReason Reason { get; init; }

    public MessageLanguage Language { get; init; } = MessageLanguage.En;

    /// <summary>Null: those that are stored.</summary>
    public TemplatesInput? Templates { get; init; }
}

/// <summary>The words of <see cref="SampleMessage.Reasons"/>.</summary>
internal enum PreviewReason
{
    Opened,
    Escalated,
    Resolved,
}
