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

    /// <summary>Where it reaches a person; null: it speaks to a room, or does not know them.</summary>
    string? AddressOf(object settings, Person person) => null;

    /// <summary>Sends one message to one recipient. Never throws for what the other side does.</summary>
    Task<SendOutcome> SendAsync(object settings, string recipient, Message message, CancellationToken cancel);
}

/// <summary>An address and the language its reader has.</summary>
public sealed record Recipient(string Address, string Language);

/// <summary>What came of sending.</summary>
/// <param name="Sent">The other side has taken it.</param>
/// <param name="Words">Its answer, or why not, in words.</param>
/// <param name="Permanent">Trying again cannot help.</param>
/// <param name="NotBefore">Trying again sooner than after this would do harm (a server that locks out who errs too often).</param>
public sealed record SendOutcome(bool Sent, Phrase Words, bool Permanent = false, TimeSpan? NotBefore = null);

/// <summary>Something to say, in its reader's language.</summary>
/// <param name="Subject">One line.</param>
/// <param name="Text">Plain text.</param>
/// <param name="Html">The same as HTML, or null.</param>
/// <param name="Id">Stable identity of this message: a second try is recognised as the same one.</param>
/// <param name="Thread">Stable identity of the conversation: one incident, one conversation.</param>
/// <param name="StartsThread">This is the first message of its conversation.</param>
/// <param name="Incident">Number of the incident, for filters; null for a test message.</param>
public sealed record Message(string Subject, string Text, string? Html, string Id, string Thread, bool StartsThread, long? Incident = null);
