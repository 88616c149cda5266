namespace Picasoft.Ops.Core.Notifications;

/// <summary>How a message sounds: the colour of its edge, the priority of a push.</summary>
public enum MessageTone
{
    Good,
    Uneasy,
    Bad,
}

/// <summary>A short fact.</summary>
public sealed record MessageFact(string Label, string Value);

/// <summary>Something that the reader may do from where they read.</summary>
public sealed record MessageAction(string Id, string Label)
{
    public const string Acknowledge = "acknowledge";
    /// <summary>For an hour.</summary>
    public const string Silence = "silence";
    public const string Resolve = "resolve";
}

/// <summary>What a message says in words, in its reader's language, apart: for templates and programs. Null: there is nothing to say.</summary>
/// <param name="Since">When it began, and how long ago; when it is over: from when to when.</param>
/// <param name="Who">Who has it in hand.</param>
/// <param name="Alerts">What its alerts that go on say.</param>
public sealed record MessageWords(string Language, string? Severity, string? Service, string? Since, string? Who, IReadOnlyList<string> Alerts, string? Runbook, string? Comment, string? CommentBy)
{
    public static MessageWords None { get; } = new("fr", null, null, null, null, [], null, null, null);
}

/// <summary>Something to say, in its reader's language.</summary>
/// <param name="Subject">One line.</param>
/// <param name="Text">Plain text.</param>
/// <param name="Html">The same as HTML, or null.</param>
/// <param name="Id">Stable identity of this message: a second try is recognised as the same one.</param>
/// <param name="Thread">Stable identity of the conversation: one incident, one conversation.</param>
/// <param name="StartsThread">This is the first message of its conversation.</param>
/// <param name="Incident">Number of the incident, for filters; null for a test message.</param>
public sealed record Message(string Subject, string Text, string? Html, string Id, string Thread, bool StartsThread, long? Incident = null)
{
    /// <summary>The subject without its mark: <c>#12 Critical: …</c></summary>
    public string Title { get; init; } = Subject;

    /// <summary>One line for a reply in a thread.</summary>
    public string Brief { get; init; } = Subject;

    /// <summary>What was seen, what somebody wrote, what to do: without the facts.</summary>
    public string Body { get; init; } = "";

    /// <summary>Some lines for a small screen.</summary>
    public string Short { get; init; } = Text;

    /// <summary>For a text message: at most 300 characters, the link included.</summary>
    public string Sms { get; init; } = Subject;

    public IReadOnlyList<MessageFact> Facts { get; init; } = [];

    /// <summary>What can be done now; none when it is over.</summary>
    public IReadOnlyList<MessageAction> Actions { get; init; } = [];

    /// <summary>After this the buttons do nothing any more.</summary>
    public DateTimeOffset ActionsUntil { get; init; }

    /// <summary>The <see cref="Incidents.Incident.Revision"/> that it shows: the same button of a later message is another one.</summary>
    public int Revision { get; init; }

    public MessageTone Tone { get; init; }

    /// <summary>Of the incident's page.</summary>
    public string Url { get; init; } = "";

    /// <summary>What proves that a test message was read: the <see cref="ReceiptLink"/>, signed. Null: nothing is asked.</summary>
    public string? Receipt { get; init; }

    /// <summary>Of the product, without a slash at the end.</summary>
    public string PublicUrl { get; init; } = "";

    /// <summary>Acknowledges with one click and a confirmation; null when there is nothing to acknowledge.</summary>
    public string? AcknowledgeUrl { get; init; }

    /// <summary>What its button says.</summary>
    internal string AcknowledgeLabel => Actions.FirstOrDefault(a => a.Id == MessageAction.Acknowledge)?.Label ?? "OK";

    /// <summary>What a reply by mail carries back (<see cref="ReplyKey"/>); null: there is nothing to reply to.</summary>
    public string? ReplyKey { get; init; }

    /// <summary>Name of the channel it goes through.</summary>
    public string Channel { get; init; } = "";

    /// <summary>The receipt of the conversation's first message; null: this is it.</summary>
    public string? Root { get; init; }

    /// <summary>Why it is sent: one of <see cref="DeliveryReason"/>.</summary>
    public string Reason { get; init; } = DeliveryReason.Test;

    public string? State { get; init; }

    public string? Severity { get; init; }

    public string? Service { get; init; }

    public DateTimeOffset? OpenedAt { get; init; }

    public DateTimeOffset? ResolvedAt { get; init; }

    /// <summary>What cannot be looked up in the incident itself: <c>who</c>, <c>alerts</c> and so on, in the reader's language.</summary>
    public MessageWords Said { get; init; } = MessageWords.None;

    /// <summary>Which template could not be used, and why; null: all is as it was meant to be.</summary>
    public Primitives.Phrase? Fault { get; init; }

    /// <summary>The names of what a template may use.</summary>
    public static IReadOnlyCollection<string> Values { get; } = [.. new Message("", "", null, "", "", true).ForPrograms().Keys, Templates.MessageTemplates.Default];

    /// <summary>Everything, by the names that templates use too.</summary>
    public IReadOnlyDictionary<string, object?> ForPrograms() => new Dictionary<string, object?>(StringComparer.Ordinal)
    {
        ["id"] = Id,
        ["reason"] = Reason,
        ["incident"] = Incident,
        ["title"] = Title,
        ["text"] = Short,
        ["body"] = Body,
        ["state"] = State,
        ["severity"] = Severity,
        ["service"] = Service,
        ["opened_at"] = OpenedAt?.UtcDateTime,
        ["resolved_at"] = ResolvedAt?.UtcDateTime,
        ["url"] = Url,
        ["acknowledge_url"] = AcknowledgeUrl,
        ["channel"] = Channel,
        ["facts"] = Facts.ToDictionary(f => f.Label, f => (object?)f.Value, StringComparer.Ordinal),
        ["language"] = Said.Language,
        ["severity_word"] = Said.Severity,
        ["service_title"] = Said.Service,
        ["since"] = Said.Since,
        ["who"] = Said.Who,
        ["alerts"] = Said.Alerts,
        ["runbook"] = Said.Runbook,
        ["comment"] = Said.Comment,
        ["comment_by"] = Said.CommentBy,
    };
}
