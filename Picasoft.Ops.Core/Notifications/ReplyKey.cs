using System.Globalization;
using System.Text.RegularExpressions;
using MimeKit;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>What stands in the identity of a mail, comes back with a reply to it, and says which incident is meant. Signed: who has not had the mail cannot make one. Pure.</summary>
/// <param name="Conversation">16 hexadecimal digits of the conversation with one recipient (<see cref="ConversationOf"/>): the key is bound to whom the mail went to.</param>
public sealed partial record ReplyKey(long Incident, string Conversation)
{
    /// <summary>Longest comment that is taken over from a mail, in characters.</summary>
    private const int LongestComment = 2000;

    /// <summary>Stable identity of what is said about one incident to one recipient of a channel; other in another store, whose numbers begin at 1 again.</summary>
    public static string ThreadOf(long incident, DateTimeOffset openedAt, long channel, string recipient) =>
        MessageIdentity.Of(string.Create(CultureInfo.InvariantCulture, $"incident:{incident}:channel:{channel}:{recipient}"), openedAt);

    public static string ConversationOf(string thread) => thread[..16];

    public string Sign(LinkSigner signer) => string.Create(CultureInfo.InvariantCulture, $"{Incident}.{Conversation}.{signer.Sign(Signed)}");

    private string Signed => string.Create(CultureInfo.InvariantCulture, $"reply:{Incident}:{Conversation}");

    /// <summary>Of the message that a mail answers; null: it answers none of ours.</summary>
    public static ReplyKey? Of(MimeMessage mail, LinkSigner signer)
    {
        foreach (var id in mail.References.Append(mail.InReplyTo).OfType<string>().Take(100))
        {
            if (OurId().Match(id) is not { Success: true } match || !long.TryParse(match.Groups["incident"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var incident)) continue;
            var key = new ReplyKey(incident, match.Groups["conversation"].Value);
            if (signer.IsSigned(key.Signed, match.Groups["signature"].Value)) return key;
        }
        return null;
    }

    /// <summary>A program wrote it (RFC 3834): somebody who is away has not taken anything.</summary>
    public static bool IsAutomatic(MimeMessage mail) =>
        mail.Headers["Auto-Submitted"] is { Length: > 0 } submitted && !submitted.Trim().StartsWith("no", StringComparison.OrdinalIgnoreCase)
        || mail.Headers["Precedence"]?.Trim().ToLowerInvariant() is "bulk" or "junk" or "auto_reply" || mail.Headers["X-Autoreply"] is not null || mail.Headers["X-Autorespond"] is not null
        || mail.Headers["Return-Path"]?.Trim() == "<>";

    /// <summary>What somebody wrote above what they quote; "" when it is nothing.</summary>
    public static string CommentOf(MimeMessage mail)
    {
        var lines = (mail.TextBody ?? "").ReplaceLineEndings("\n").Split('\n').TakeWhile(l => !l.StartsWith('>') && l.TrimEnd() is not "--" && !QuoteBegins().IsMatch(l));
        var text = new string([.. string.Join('\n', lines).Trim().Where(c => c is '\n' or '\t' || !char.IsControl(c))]);
        return text.Length > LongestComment ? text[..LongestComment] + "…" : text;
    }

    [GeneratedRegex(@"^<?[0-9a-f]{32}\.(?<incident>[0-9]{1,18})\.(?<conversation>[0-9a-f]{16})\.(?<signature>[A-Za-z0-9_-]{22})@", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OurId();

    [GeneratedRegex(@"^(On .{1,300} wrote:|Le .{1,300} a écrit\s?:|-{2,} ?(Original Message|Message d.origine))", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex QuoteBegins();
}
