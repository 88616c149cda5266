using System.Globalization;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>What whoever's turn begins should know.</summary>
/// <param name="Until">Null: nobody knows.</param>
/// <param name="Before">Who had it until now; null: nobody.</param>
/// <param name="Note">What was last handed over; null: nothing.</param>
/// <param name="Open">Incidents that go on, the gravest first; as many as are shown.</param>
/// <param name="OpenCount">How many there are.</param>
public sealed record ShiftFacts(ScheduleInput Schedule, DateTimeOffset? Until, string? Before, HandoverNote? Note, IReadOnlyList<Incident> Open, int OpenCount);

/// <summary>Tells somebody that their turn begins: until when, what the one before them left, what goes on. Pure.</summary>
public static class ShiftWriter
{
    /// <summary>Incidents that are named.</summary>
    public const int Most = 20;

    public static (string Subject, string Text, string Html) Write(ShiftFacts facts, string channel, string url, string language)
    {
        var culture = CultureInfo.GetCultureInfo(language);
        var zone = WallClock.Of(facts.Schedule.TimeZone).Zone;
        var title = Say("shift.title", facts.Schedule.Shown);
        var body = new MessageBody(culture, title, facts.Open.Count == 0 ? Mood.Good : Mood.Uneasy);
        body.Fact(Say("shift.until"), facts.Until is { } until ? MessageWriter.Instant(until, culture, zone) : null);
        body.Fact(Say("shift.before"), facts.Before);
        if (facts.Note is { } note) body.Quote(Say("shift.note", note.By, MessageWriter.Instant(note.At, culture, zone)), note.Text.ReplaceLineEndings("\n"));
        if (facts.Open.Count == 0) body.Paragraph(Say("shift.calm"));
        else
        {
            List<string> lines = [.. facts.Open.Select(i => $"#{i.Number} {i.TitleIn(culture)} ({MessageWriter.Instant(i.OpenedAt, culture, zone)}{(i.AcknowledgedBy is { } by ? $", {by}" : "")})")];
            if (facts.OpenCount > facts.Open.Count) lines.Add(Say("message.more", facts.OpenCount - facts.Open.Count));
            body.List(Say("later.open"), lines);
        }
        var calendar = (Say("swap.open"), $"{url}/on-call?schedule={Uri.EscapeDataString(facts.Schedule.Name)}");
        body.Buttons(facts.Open.Count == 0 ? [calendar] : [(Say("later.inbox"), url), calendar]);
        body.Footer(Say("message.footer", channel));
        return ($"{MessageWriter.Mark} {title}", body.Text(), body.Html());

        string Say(string key, params object?[] args) => Phrase.Of(key, args).In(culture);
    }
}
