using System.Text;
using MimeKit;
using MimeKit.Cryptography;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>Whether our own mail server found that a mail comes from where it says: what it wrote into <c>Authentication-Results</c> (RFC 8601). Pure.</summary>
public static class SenderProof
{
    /// <summary>DMARC passed for the sender's domain, or DKIM or SPF did for exactly that domain.</summary>
    /// <param name="server">The name by which our mail server signs its findings (authserv-id). The uppermost of that name counts: one further down may have come with the mail.</param>
    public static bool IsVouchedFor(MimeMessage mail, string server)
    {
        if (mail.From.Mailboxes.FirstOrDefault()?.Domain is not { Length: > 0 } domain) return false;
        var found = mail.Headers.Where(h => h.Id == HeaderId.AuthenticationResults).Select(Read).FirstOrDefault(r => Same(r?.AuthenticationServiceIdentifier, server));
        return found is not null && found.Results.Any(r => Same(r.Result, "pass") && r.Method.ToLowerInvariant() switch
        {
            "dmarc" => Value(r, "header", "from") is not { } from || Same(from, domain),
            "dkim" => Same(Value(r, "header", "d"), domain),
            "spf" => Same(Value(r, "smtp", "mailfrom")?.Split('@')[^1], domain),
            _ => false,
        });

        static bool Same(string? a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
    }

    private static AuthenticationResults? Read(Header header) => AuthenticationResults.TryParse(Encoding.UTF8.GetBytes(header.Value), out var read) ? read : null;

    private static string? Value(AuthenticationMethodResult result, string type, string property) =>
        result.Properties.FirstOrDefault(p => p.PropertyType.Equals(type, StringComparison.OrdinalIgnoreCase) && p.Property.Equals(property, StringComparison.OrdinalIgnoreCase))?.Value;
}
