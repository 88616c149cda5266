using System.Globalization;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>The same content for rooms, pushes and text messages.</summary>
public static partial class MessageWriter
{
    /// <summary>In characters: two text messages.</summary>
    internal const int LongestSms = 300;

    /// <summary>Adds to a mail what other channels need.</summary>
    public static Message Enrich(Message mail, MessageFacts facts, string language)
    {
        var culture = CultureInfo.GetCultureInfo(language);
        var incident = facts.Incident;
        var title = mail.Subject.StartsWith(Mark, StringComparison.Ordinal) ? mail.Subject[(Mark.Length + 1)..] : mail.Subject;
        var isOver = incident.ResolvedAt is not null;
        var url = string.Create(CultureInfo.InvariantCulture, $"{facts.PublicUrl}/incidents/{incident.Number}");
        var list = new List<MessageFact>();
        Add("message.service", facts.ServiceTitle ?? incident.Service);
        Add("message.severity", Say("message.severity." + Words.Of(incident.Severity)));
        Add(isOver ? "message.lasted" : "message.since", isOver
            ? Say("message.from_to", At(incident.OpenedAt), At(incident.ResolvedAt!.Value), incident.ResolvedAt!.Value - incident.OpenedAt)
            : Say("message.since_ago", At(incident.OpenedAt), facts.Now - incident.OpenedAt));
        Add("message.who", incident.Assignee ?? incident.AcknowledgedBy ?? Say("message.nobody"));
        Add("message.impact", incident.Impact.Count == 0 ? null : string.Join(", ", incident.Impact));
        var seen = facts.Seen.Select(a => Short(a.In(culture))).Where(w => w.Length > 0).Distinct(StringComparer.Ordinal).Take(SeenAtMost).ToList();
        var body = new List<string>(seen);
        if (facts.Comment is { } comment) body.Add(Labelled(Say("message.comment_by", comment.By), Clean(comment.Text), culture));
        if (!isOver && !string.IsNullOrWhiteSpace(facts.Runbook)) body.Add(Labelled(Say("message.runbook"), "", culture).TrimEnd() + $"\n{string.Join('\n', Clean(facts.Runbook).Split('\n').Where(l => l.Trim().Length > 0).Take(RunbookLines))}");
        return mail with
        {
            Title = title,
            Brief = title,
            Body = string.Join('\n', body),
            Short = string.Join('\n', list.Select(f => Labelled(f.Label, f.Value, culture)).Concat(seen.Take(2))),
            Sms = Sms(title, url),
            Said = new(language, Say("message.severity." + Words.Of(incident.Severity)), facts.ServiceTitle ?? incident.Service, list.Find(f => f.Label == Say(isOver ? "message.lasted" : "message.since"))?.Value,
                incident.Assignee ?? incident.AcknowledgedBy, seen, string.IsNullOrWhiteSpace(facts.Runbook) ? null : Clean(facts.Runbook).Trim(), facts.Comment is { } said ? Clean(said.Text) : null, facts.Comment?.By),
            Facts = list,
            Actions = isOver ? [] : [.. Actions(incident).Select(a => new MessageAction(a, Say("message.action." + a)))],
            Tone = isOver ? MessageTone.Good : incident.Severity >= Severity.High ? MessageTone.Bad : MessageTone.Uneasy,
            Revision = incident.Revision,
            Url = url,
            PublicUrl = facts.PublicUrl,
            AcknowledgeUrl = facts.AcknowledgeUrl,
            Channel = facts.Channel,
            Reason = facts.Reason,
            State = Words.Of(incident.State),
            Severity = Words.Of(incident.Severity),
            Service = incident.Service,
            OpenedAt = incident.OpenedAt,
            ResolvedAt = incident.ResolvedAt,
        };

        string Say(string key, params object?[] args) => Phrase.Of(key, args).In(culture);
        string At(DateTimeOffset at) => Instant(at, culture, facts.Zone);

        void Add(string label, string? value)
        {
            if (!string.IsNullOrEmpty(value)) list.Add(new(Say(label), value));
        }
    }

    /// <summary>One line and the link, both within a text message.</summary>
    internal static string Sms(string title, string url) => $"{(title.Length + url.Length + 1 > LongestSms ? title[..Math.Max(0, LongestSms - url.Length - 2)] + "…" : title)} {url}";

    private static IEnumerable<string> Actions(Incident incident) =>
        incident.State == IncidentState.Open ? [MessageAction.Acknowledge, MessageAction.Silence, MessageAction.Resolve] : [MessageAction.Silence, MessageAction.Resolve];
}
