using System.Globalization;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>Writes all that waited for the end of somebody's quiet hours as one message: how many, what goes on, what is over. Pure.</summary>
public static class LaterWriter
{
    private const int Most = 50;

    /// <param name="incidents">As they are now; what goes on first.</param>
    public static (string Subject, string Text, string Html) Write(IReadOnlyList<Incident> incidents, string channel, string url, string language, TimeZoneInfo zone)
    {
        var culture = CultureInfo.GetCultureInfo(language);
        var open = incidents.Where(i => i.IsOpen).ToList();
        var over = incidents.Where(i => !i.IsOpen).ToList();
        var title = Say("later.title", incidents.Count, open.Count);
        var body = new MessageBody(culture, title, open.Count == 0 ? Mood.Good : Mood.Uneasy);
        if (open.Count > 0) body.List(Say("later.open"), Lines(open));
        if (over.Count > 0) body.List(Say("later.over"), Lines(over));
        body.Link(Say("later.inbox"), url);
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
