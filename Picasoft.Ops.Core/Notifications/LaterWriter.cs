using System.Globalization;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>Writes all that waited for the end of somebody's quiet hours, or came in a storm, as one message: how many, what goes on, what is over. Pure.</summary>
public static class LaterWriter
{
    private const int Most = 50;

    /// <param name="incidents">As they are now; what goes on first.</param>
    /// <param name="reason">One of those that are folded.</param>
    /// <param name="id">Of the message.</param>
    public static Message Message(IReadOnlyList<Incident> incidents, string reason, string id, string channel, string url, string language, TimeZoneInfo zone)
    {
        var (subject, text, html) = Write(incidents, reason, channel, url, language, zone);
        var title = subject[(MessageWriter.Mark.Length + 1)..];
        return new(subject, text, html, id, id, StartsThread: true)
        {
            Title = title,
            Brief = subject,
            Body = text,
            Short = text.Length > 1000 ? text[..1000] + "…" : text,
            Sms = MessageWriter.Sms(title, url),
            Tone = incidents.All(i => !i.IsOpen) ? MessageTone.Good : reason == DeliveryReason.Storm && incidents.Any(i => i is { IsOpen: true, Severity: >= Severity.High }) ? MessageTone.Bad : MessageTone.Uneasy,
            Url = url,
            PublicUrl = url,
            Channel = channel,
            Reason = reason,
        };
    }

    /// <inheritdoc cref="Message"/>
    public static (string Subject, string Text, string Html) Write(IReadOnlyList<Incident> incidents, string reason, string channel, string url, string language, TimeZoneInfo zone)
    {
        var culture = CultureInfo.GetCultureInfo(language);
        var open = incidents.Where(i => i.IsOpen).ToList();
        var over = incidents.Where(i => !i.IsOpen).ToList();
        var title = Say(reason + ".title", incidents.Count, open.Count);
        var body = new MessageBody(culture, title, open.Count == 0 ? Mood.Good : open.Any(i => i.Severity >= Severity.High) ? Mood.Bad : Mood.Uneasy);
        if (open.Count > 0) body.List(Say("later.open"), Lines(open));
        if (over.Count > 0) body.List(Say("later.over"), Lines(over));
        body.Buttons((Say("later.inbox"), url));
        body.Footer(Say("message.footer", channel));
        return ($"{MessageWriter.Mark} {title}", body.Text(), body.Html());

        List<string> Lines(List<Incident> some)
        {
            List<string> lines = [.. some.Take(Most).Select(i => $"#{i.Number} {i.TitleIn(culture)} ({MessageWriter.Instant(i.OpenedAt, culture, zone)})")];
            if (some.Count > Most) lines.Add(Say("message.more", some.Count - Most));
            return lines;
        }

        string Say(string key, params object?[] args) => Phrase.Of(key, args).In(culture);
    }
}
