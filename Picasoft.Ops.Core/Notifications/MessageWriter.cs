using System.Globalization;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>All that a message about an incident is written from.</summary>
/// <param name="Incident">As it is now, which may be later than the event that is told.</param>
/// <param name="Reason">See <see cref="Delivery.Reason"/>.</param>
/// <param name="Channel">Name of the channel it goes through.</param>
/// <param name="PublicUrl">Where people reach the product, without a slash at the end.</param>
/// <param name="Now">When it is written.</param>
/// <param name="Zone">Time zone of its readers.</param>
public sealed record MessageFacts(Incident Incident, string Reason, string Channel, string PublicUrl, DateTimeOffset Now, TimeZoneInfo Zone)
{
    /// <summary>The service's shown name; null: no service, or none by that name.</summary>
    public string? ServiceTitle { get; init; }

    /// <summary>Markdown, or a single http(s) URL.</summary>
    public string? Runbook { get; init; }

    /// <summary>What its alerts that go on say, worst first.</summary>
    public IReadOnlyList<SeenAlert> Seen { get; init; } = [];

    /// <summary>Acknowledges with one click; null: there is nothing to acknowledge.</summary>
    public string? AcknowledgeUrl { get; init; }

    /// <summary>What a human wrote with the event that is told, and who.</summary>
    public (string By, string Text)? Comment { get; init; }
}

/// <summary>What one alert says: the product's own words if there are any, else its source's.</summary>
public sealed record SeenAlert(Phrase? Summary, string Text)
{
    public string In(CultureInfo culture) => Summary?.In(culture) ?? Text;
}

/// <summary>Writes messages: plain words first, what is down, since when, who has it, what to do, and the link. Pure.</summary>
public static partial class MessageWriter
{
    private const int SeenAtMost = 5;
    private const int RunbookLines = 8;
    private const int TitleLength = 160;

    /// <summary>What the subject of every message begins with, for filters.</summary>
    public const string Mark = "[Picasoft.Ops]";

    /// <summary>A message about an incident; the identities are added by who sends it.</summary>
    public static (string Subject, string Text, string Html) Write(MessageFacts facts, string language)
    {
        var culture = CultureInfo.GetCultureInfo(language);
        var incident = facts.Incident;
        var title = Short(incident.TitleIn(culture));
        var severity = Say("message.severity." + Words.Of(incident.Severity));
        var end = incident.ResolvedAt ?? facts.Now;
        var resolved = facts.Reason == DeliveryReason.Resolved;
        var subject = $"{Mark} {Phrase.Of("message.subject." + facts.Reason, incident.Number, severity, title, end - incident.OpenedAt).In(culture)}";
        var body = new MessageBody(culture, title, resolved ? Mood.Good : incident.Severity >= Severity.High ? Mood.Bad : Mood.Uneasy);

        if (!resolved && incident.ResolvedAt is { } over) body.Paragraph(Say("message.over_already", At(over)));
        body.Fact(Say("message.service"), facts.ServiceTitle ?? incident.Service);
        body.Fact(Say("message.severity"), severity);
        if (resolved)
        {
            body.Fact(Say("message.lasted"), Say("message.from_to", At(incident.OpenedAt), At(end), end - incident.OpenedAt));
            if (incident.ResolvedBy is { } by) body.Fact(Say("message.resolved_by"), by);
            else body.Paragraph(Say("message.ended_by_itself"));
        }
        else
        {
            body.Fact(Say("message.since"), Say("message.since_ago", At(incident.OpenedAt), facts.Now - incident.OpenedAt));
            body.Fact(Say("message.who"), Who());
        }
        body.Fact(Say("message.impact"), incident.Impact.Count == 0 ? null : string.Join(", ", incident.Impact));
        // Before what may be long: at three in the morning the thumb finds it without scrolling.
        var page = (Say(resolved ? "message.open_resolved" : "message.open"), string.Create(CultureInfo.InvariantCulture, $"{facts.PublicUrl}/incidents/{incident.Number}"));
        body.Buttons(facts.AcknowledgeUrl is { } acknowledge ? [(Say("message.action." + MessageAction.Acknowledge), acknowledge), page] : [page]);
        if (facts.Comment is { } comment) body.Quote(Say("message.comment_by", comment.By), Clean(comment.Text));
        if (!resolved)
        {
            Seen();
            Runbook();
        }
        body.Footer(Say("message.footer", facts.Channel));
        return (subject, body.Text(), body.Html());

        string Say(string key, params object?[] args) => Phrase.Of(key, args).In(culture);
        string At(DateTimeOffset at) => Instant(at, culture, facts.Zone);

        string Who() => incident switch
        {
            { Assignee: { } assignee, AcknowledgedAt: { } at } => Say("message.acknowledged_by", assignee, At(at)),
            { Assignee: { } assignee } => assignee,
            { AcknowledgedBy: { } by, AcknowledgedAt: { } at } => Say("message.acknowledged_by", by, At(at)),
            _ => Say("message.nobody"),
        };

        void Seen()
        {
            var words = facts.Seen.Select(a => Short(a.In(culture))).Where(w => w.Length > 0 && w != title).Distinct(StringComparer.Ordinal).ToList();
            if (words.Count == 0) return;
            if (words.Count > SeenAtMost) words = [.. words.Take(SeenAtMost), Say("message.more", words.Count - SeenAtMost)];
            body.List(Say("message.seen"), words);
        }

        void Runbook()
        {
            if (string.IsNullOrWhiteSpace(facts.Runbook)) return;
            var runbook = Clean(facts.Runbook).Trim();
            if (!runbook.Contains('\n', StringComparison.Ordinal) && IsWebAddress(runbook)) { body.Link(Say("message.runbook"), runbook); return; }
            var lines = runbook.Split('\n').Select(l => l.TrimEnd()).Where(l => l.Length > 0).ToList();
            var shown = lines.Take(RunbookLines).Select(l => l.Length > 300 ? l[..299] + "…" : l).ToList();
            if (lines.Count > shown.Count) shown.Add(Say("message.runbook_more"));
            body.Quote(Say("message.runbook"), string.Join('\n', shown));
        }
    }

    /// <summary>A message that only proves that the channel works.</summary>
    /// <param name="receipt">Where its reader says that it arrived.</param>
    public static (string Subject, string Text, string Html) WriteTest(string channel, string publicUrl, string language, string receipt)
    {
        var culture = CultureInfo.GetCultureInfo(language);
        var subject = Phrase.Of("message.subject.test", channel).In(culture);
        var body = new MessageBody(culture, subject, Mood.Good);
        body.Paragraph(Phrase.Of("message.test", channel).In(culture));
        body.Buttons((Phrase.Of("message.received").In(culture), receipt), ("Picasoft.Ops", publicUrl));
        body.Footer(Phrase.Of("message.footer", channel).In(culture));
        return ($"{Mark} {subject}", body.Text(), body.Html());
    }

    /// <summary>A fact in one line, with the sign that its language puts between.</summary>
    internal static string Labelled(string label, string value, CultureInfo culture) => Phrase.Of("message.label", label, value).In(culture);

    internal static string Instant(DateTimeOffset at, CultureInfo culture, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(at, zone);
        var offset = local.Offset == TimeSpan.Zero ? "UTC" : "UTC" + local.ToString("zzz", CultureInfo.InvariantCulture);
        // Formats of .NET in the resource: the order of day and month is the language's business.
        return $"{local.ToString(Phrase.Of("message.date").In(culture), culture)} {offset}";
    }

    private static bool IsWebAddress(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https";

    /// <summary>One line of bearable length.</summary>
    private static string Short(string text)
    {
        var line = string.Join(' ', Clean(text).Split(['\n', '\t', ' '], StringSplitOptions.RemoveEmptyEntries));
        return line.Length > TitleLength ? line[..(TitleLength - 1)] + "…" : line;
    }

    /// <summary>Without control characters, except ends of lines and tabs.</summary>
    private static string Clean(string text) =>
        new([.. text.ReplaceLineEndings("\n").Where(c => !char.IsControl(c) || c is '\n' or '\t')]);
}
