using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>
/// One channel kind: one file in <c>Notifications/Channels</c> and one line in <see cref="NotificationsModule"/>.
/// Its form, YAML keys, API and schema are drawn from its settings record.
/// </summary>
public interface IChannel
{
    /// <summary>The word in <c>type:</c>.</summary>
    string Kind { get; }

    /// <summary>The settings record (see <see cref="Shape"/>).</summary>
    Type SettingsType { get; }

    /// <summary>To whom it speaks and in which language; each recipient is one delivery.</summary>
    IReadOnlyList<Recipient> Recipients(object settings);

    /// <summary>People read it; else programs do, which want every message.</summary>
    bool IsForPeople => true;

    /// <summary>Where it reaches a person; null: it speaks to a room, or does not know them.</summary>
    string? AddressOf(object settings, Person person) => null;

    /// <summary>Its own address whose mail the product reads itself: what is sent there and found again has gone the whole way. Null: it has none.</summary>
    string? MailboxOf(object settings) => null;

    /// <summary>What its reader will see of a message; sends nothing.</summary>
    MessagePreview Show(object settings, Message message);

    /// <summary>Sends one message to one recipient. Never throws for what the other side does.</summary>
    Task<SendOutcome> SendAsync(object settings, string recipient, Message message, CancellationToken cancel);

    /// <summary>What was sent can be kept current: <see cref="UpdateAsync"/> works with these settings.</summary>
    bool CanUpdate(object settings) => false;

    /// <summary>Makes the first message of a conversation say how things stand now.</summary>
    /// <param name="reference">What <see cref="SendOutcome.Reference"/> said when it was sent.</param>
    Task<SendOutcome> UpdateAsync(object settings, string recipient, string reference, Message message, CancellationToken cancel) => throw new NotSupportedException(Kind);
}

/// <summary>What a reader sees of a message.</summary>
/// <param name="Title">The line above it; null: it has none.</param>
/// <param name="Text">The message itself.</param>
/// <param name="Buttons">What can be clicked.</param>
public sealed record MessagePreview(string? Title, string Text, params IReadOnlyList<string> Buttons)
{
    public IReadOnlyList<MessageFact> Facts { get; init; } = [];

    /// <summary>The same as a page, for who reads it so.</summary>
    public string? Html { get; init; }

    /// <summary>It is for a program.</summary>
    public bool IsCode { get; init; }
}

/// <summary>An address and the language its reader has.</summary>
public sealed record Recipient(string Address, string Language);

/// <summary>What came of sending.</summary>
/// <param name="Sent">The other side has taken it.</param>
/// <param name="Words">Its answer, or why not, in words.</param>
/// <param name="Permanent">Trying again cannot help.</param>
/// <param name="NotBefore">Trying again sooner than after this would do harm (a server that locks out who errs too often).</param>
public sealed record SendOutcome(bool Sent, Phrase Words, bool Permanent = false, TimeSpan? NotBefore = null)
{
    /// <summary>Not needed any more: another way stood in.</summary>
    internal bool Replaced { get; init; }

    /// <summary>The receipt: how the other side calls the first message of this conversation, to answer it or to keep it current. At most 300 characters.</summary>
    public string? Reference { get; init; }
}
