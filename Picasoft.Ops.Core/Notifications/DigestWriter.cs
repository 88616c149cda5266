using System.Globalization;
using Picasoft.Ops.Core.Logs.Patterns;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>Writes the digest of the logs in plain words: what was new, what grew, what was silent, what was noise. Pure.</summary>
public static class DigestWriter
{
    private const int Longest = 200;

    /// <param name="zone">In which the reader lives.</param>
    public static (string Subject, string Text, string Html) Write(LogDigest digest, string channel, string publicUrl, string language, TimeZoneInfo zone)
    {
        var culture = CultureInfo.GetCultureInfo(language);
        string Say(string key, params object?[] args) => Phrase.Of(key, args).In(culture);
        string Of(string app, string where, string what) => MessageWriter.Labelled($"{app} ({where})", what, culture);
        string Number(double n) => n.ToString("N0", culture);
        var subject = digest.From == digest.To ? Say("digest.subject.day", Phrase.Day(digest.To, culture)) : Say("digest.subject.week", Phrase.Day(digest.From, culture), Phrase.Day(digest.To, culture));
        var body = new MessageBody(culture, subject, digest.IsQuiet ? Mood.Good : Mood.Uneasy);
        body.Paragraph(Say(digest.IsQuiet ? "digest.quiet" : "digest.lines", Number(digest.Lines)));
        if (digest.New.Count > 0) body.List(Say("digest.new"), [.. digest.New.Select(k => Of(k.App, k.Hosts, $"{Short(k.Text)} ×\u00a0{Number(k.Count)}"))]);
        if (digest.Grew.Count > 0) body.List(Say("digest.grew"), [.. digest.Grew.Select(k => Of(k.App, k.Hosts, MessageWriter.Labelled(Short(k.Text), Say("digest.instead", Number(k.Count), Number(k.Usual)), culture)))]);
        if (digest.Silent.Count > 0) body.List(Say("digest.silent"), [.. digest.Silent.Select(s => Of(s.App, s.Host, Say("digest.last", MessageWriter.Instant(s.LastSeen, culture, zone))))]);
        if (digest.Noise > 0) body.Paragraph(Say("digest.noise", Number(digest.Noise), Number(digest.NoiseLines)));
        body.Buttons((Say("digest.page"), $"{publicUrl}/logs/digest?to={digest.To:yyyy-MM-dd}{(digest.From == digest.To ? "" : "&period=week")}"), (Say("digest.review"), $"{publicUrl}/logs/review"));
        body.Footer(Say("message.footer", channel));
        return ($"{MessageWriter.Mark} {subject}", body.Text(), body.Html());
    }

    private static string Short(string text) => text.Length > Longest ? text[..(Longest - 1)] + "…" : text;
}
