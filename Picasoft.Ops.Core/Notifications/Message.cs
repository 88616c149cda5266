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

    public MessageTone Tone { get; init; }

    /// <summary>Of the incident's page.</summary>
    public string Url { get; init; } = "";

    /// <summary>Of the product, without a slash at the end.</summary>
    public string PublicUrl { get; init; } = "";

    /// <summary>Acknowledges with one click and a confirmation; null when there is nothing to acknowledge.</summary>
    public string? AcknowledgeUrl { get; init; }

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
    };
}
