using System.Formats.Asn1;
using System.Text;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes.Kinds;

/// <summary>How a connection comes to TLS.</summary>
public enum StartTls
{
    /// <summary>TLS from the first byte.</summary>
    None,
    /// <summary>RFC 3207.</summary>
    Smtp,
    /// <summary>RFC 9051, section 6.2.1.</summary>
    Imap,
    /// <summary>RFC 4511, section 4.14.</summary>
    Ldap,
    /// <summary>PostgreSQL's SSLRequest.</summary>
    Postgres,
}

/// <summary>Says what has to be said in the clear before a TLS handshake. Only a few bytes each; no library lets one in before its own handshake.</summary>
internal static class StartTlsRunner
{
    private const int MaxAnswer = 16 * 1024;
    private const string LdapStartTls = "1.3.6.1.4.1.1466.20037";

    /// <param name="at">Host and port, for words.</param>
    /// <exception cref="ProbeFailure">The server does not offer it, or does not speak the protocol.</exception>
    public static async Task BeginAsync(Stream stream, StartTls how, string at, CancellationToken cancel)
    {
        switch (how)
        {
            case StartTls.Smtp:
                await ExpectAsync(stream, l => l.StartsWith("220 ", StringComparison.Ordinal), "SMTP", at, cancel);
                await SayAsync(stream, "EHLO picasoft-ops\r\n", cancel);
                if (!(await ExpectAsync(stream, l => l.StartsWith("250 ", StringComparison.Ordinal), "SMTP", at, cancel)).Contains("STARTTLS", StringComparison.OrdinalIgnoreCase)) throw NotOffered(at);
                await SayAsync(stream, "STARTTLS\r\n", cancel);
                await ExpectAsync(stream, l => l.StartsWith("220 ", StringComparison.Ordinal), "SMTP", at, cancel);
                break;
            case StartTls.Imap:
                await ExpectAsync(stream, l => l.StartsWith("* OK", StringComparison.OrdinalIgnoreCase), "IMAP", at, cancel);
                await SayAsync(stream, "a STARTTLS\r\n", cancel);
                if (!(await ExpectAsync(stream, l => l.StartsWith("a ", StringComparison.Ordinal), "IMAP", at, cancel)).Contains("a OK", StringComparison.OrdinalIgnoreCase)) throw NotOffered(at);
                break;
            case StartTls.Postgres:
                await stream.WriteAsync((byte[])[0, 0, 0, 8, 4, 210, 22, 47], cancel);
                var said = new byte[1];
                await stream.ReadExactlyAsync(said, cancel);
                if (said[0] == (byte)'N') throw NotOffered(at);
                if (said[0] != (byte)'S') throw new ProbeFailure(Phrase.Of("probe.not_protocol", at, "PostgreSQL"));
                break;
            case StartTls.Ldap:
                await LdapAsync(stream, at, cancel);
                break;
        }
    }

    private static async Task LdapAsync(Stream stream, string at, CancellationToken cancel)
    {
        var request = new AsnWriter(AsnEncodingRules.BER);
        using (request.PushSequence())
        {
            request.WriteInteger(1);
            using (request.PushSequence(new Asn1Tag(TagClass.Application, 23, true)))
                request.WriteOctetString(Encoding.ASCII.GetBytes(LdapStartTls), new Asn1Tag(TagClass.ContextSpecific, 0));
        }
        await stream.WriteAsync(request.Encode(), cancel);
        var answer = new byte[MaxAnswer];
        try
        {
            for (var length = 0; length < MaxAnswer;)
            {
                var read = await stream.ReadAsync(answer.AsMemory(length), cancel);
                if (read == 0) throw new ProbeFailure(Phrase.Of("probe.closed"));
                length += read;
                if (!AsnDecoder.TryReadEncodedValue(answer.AsSpan(0, length), AsnEncodingRules.BER, out _, out _, out _, out _)) continue;
                var message = new AsnReader(answer.AsMemory(0, length), AsnEncodingRules.BER).ReadSequence();
                message.ReadInteger();
                if (message.ReadSequence(new Asn1Tag(TagClass.Application, 24, true)).ReadEnumeratedBytes().Span[^1] != 0) throw NotOffered(at);
                return;
            }
        }
        catch (AsnContentException)
        {
            throw new ProbeFailure(Phrase.Of("probe.not_protocol", at, "LDAP"));
        }
    }

    private static ValueTask SayAsync(Stream stream, string line, CancellationToken cancel) => stream.WriteAsync(Encoding.ASCII.GetBytes(line), cancel);

    /// <summary>Reads whole lines until the last one is what ends an answer. One byte at a time: what comes after it belongs to TLS.</summary>
    private static async Task<string> ExpectAsync(Stream stream, Func<string, bool> isLast, string protocol, string at, CancellationToken cancel)
    {
        var all = new StringBuilder();
        var line = new StringBuilder();
        var one = new byte[1];
        while (all.Length < MaxAnswer)
        {
            if (await stream.ReadAsync(one, cancel) == 0) throw new ProbeFailure(Phrase.Of("probe.closed"));
            if (one[0] != (byte)'\n')
            {
                line.Append((char)one[0]);
                if (line.Length > MaxAnswer) break;
                continue;
            }
            var said = line.ToString().TrimEnd('\r');
            all.AppendLine(said);
            line.Clear();
            if (isLast(said)) return all.ToString();
            if (IsRefusal(said, protocol)) throw new ProbeFailure(Phrase.Of("probe.answered_error", at, ProbeReasons.Shown(said)));
            if (protocol == "SMTP" ? said.Length < 4 || said[3] != '-' : !said.StartsWith('*')) break;
        }
        throw new ProbeFailure(Phrase.Of("probe.not_protocol", at, protocol));
    }

    // One that is too busy for us, or does not like us, speaks the protocol all the same.
    private static bool IsRefusal(string said, string protocol) => protocol == "SMTP"
        ? said is ['4' or '5', >= '0' and <= '9', >= '0' and <= '9', ' ', ..]
        : said.StartsWith("* BYE", StringComparison.OrdinalIgnoreCase);

    private static ProbeFailure NotOffered(string at) => new(Phrase.Of("probe.starttls_missing", at));
}
