using System.Globalization;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Notifications.Templates;

/// <summary>A made-up message about a made-up incident, worded as a real one would be: for previews. Pure.</summary>
public static class SampleMessage
{
    private const long Number = 128;

    /// <summary>The reasons there is a sample for.</summary>
    public static IReadOnlyList<string> Reasons { get; } = [DeliveryReason.Opened, DeliveryReason.Escalated, DeliveryReason.Resolved];

    /// <param name="reason">One of <see cref="Reasons"/>.</param>
    /// <param name="url">Of the product, without a slash at the end.</param>
    public static Message Of(string reason, TemplatesInput templates, string channel, string url, string language, DateTimeOffset now, TimeZoneInfo zone)
    {
        var began = now - TimeSpan.FromMinutes(reason == DeliveryReason.Opened ? 1 : 18);
        var incident = new Incident { Number = Number, Title = Say("sample.title"), Service = "mattermost", Severity = Severity.Critical, Impact = ["bots"], OpenedAt = began, UpdatedAt = now };
        if (reason == DeliveryReason.Resolved) incident.Resolve(now, "camille");
        var facts = new MessageFacts(incident, reason, channel, url, now, zone)
        {
            ServiceTitle = "Mattermost",
            Runbook = Say("sample.runbook"),
            Seen = [new(null, Say("sample.seen"))],
            AcknowledgeUrl = incident.IsOpen ? $"{url}/a/…" : null,
        };
        var (subject, text, html) = MessageWriter.Write(facts, language);
        return Templating.Word(MessageWriter.Enrich(new(subject, text, html, "sample", "sample", StartsThread: true, Number) { ActionsUntil = now + AcknowledgeLink.Lifetime }, facts, language), templates);

        string Say(string key) => Phrase.Of(key).In(CultureInfo.GetCultureInfo(language));
    }
}
