using System.Globalization;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>Tells one of two people what the other wants of a swap, or answered. Pure.</summary>
public static class SwapWriter
{
    public static (string Subject, string Text, string Html) Write(OnCallSwap swap, ScheduleInput schedule, string channel, string url, string language)
    {
        var culture = CultureInfo.GetCultureInfo(language);
        var zone = WallClock.Of(schedule.TimeZone).Zone;
        var title = Say("swap.title." + Words.Of(swap.State), swap.State is SwapState.Proposed or SwapState.Withdrawn ? swap.Asker : swap.Asked, schedule.Shown);
        var body = new MessageBody(culture, title, swap.State is SwapState.Accepted ? Mood.Good : Mood.Uneasy);
        body.Fact(Say("swap.hours"), Stretch(swap.StartsAt, swap.EndsAt));
        body.Fact(Say("swap.return"), swap is { ReturnStartsAt: { } from, ReturnEndsAt: { } to } ? Stretch(from, to) : null);
        if (swap.Note is { Length: > 0 } note) body.Quote(Say("message.comment_by", swap.Asker), note);
        body.Buttons((Say(swap.State == SwapState.Proposed ? "swap.answer" : "swap.open"), $"{url}/on-call?schedule={Uri.EscapeDataString(swap.Schedule)}"));
        body.Footer(Say("message.footer", channel));
        return ($"{MessageWriter.Mark} {title}", body.Text(), body.Html());

        string Say(string key, params object?[] args) => Phrase.Of(key, args).In(culture);
        string Stretch(DateTimeOffset start, DateTimeOffset end) => $"{MessageWriter.Instant(start, culture, zone)} – {MessageWriter.Instant(end, culture, zone)}";
    }
}
