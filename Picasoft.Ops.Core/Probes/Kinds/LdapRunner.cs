using System.Formats.Asn1;
using System.Text;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes.Kinds;

/// <summary>
/// Bind and search of LDAP version 3 (RFC 4511), and no more. By hand, because the library of .NET calls OpenLDAP's C functions, which hold a thread
/// for as long as a mute server likes, and cannot accept a pinned certificate.
/// </summary>
internal sealed class LdapRunner(Stream stream, string at) : IAsyncDisposable
{
    private const int MaxAnswer = 4 * 1024 * 1024;
    private const int Success = 0, InvalidCredentials = 49, NoSuchObject = 32, SizeLimitExceeded = 4;

    private byte[] _buffer = new byte[8192];
    private int _length;
    private int _message;

    /// <exception cref="ProbeFailure">It does not let us in.</exception>
    public async Task BindAsync(string dn, string password, CancellationToken cancel)
    {
        await SendAsync(new Asn1Tag(TagClass.Application, 0, true), writer =>
        {
            writer.WriteInteger(3);
            Text(writer, dn);
            writer.WriteOctetString(Encoding.UTF8.GetBytes(password), new Asn1Tag(TagClass.ContextSpecific, 0));
        }, cancel);
        var (_, result) = await ReceiveAsync(cancel);
        var (code, said) = Result(result);
        if (code == InvalidCredentials) throw new ProbeFailure(Phrase.Of("probe.sign_in_refused", at, Named(code, said)));
        if (code != Success) throw new ProbeFailure(Phrase.Of("probe.answered_error", at, Named(code, said)));
    }

    /// <summary>The values of the attributes of each entry found, up to <paramref name="most"/> entries.</summary>
    /// <exception cref="ProbeFailure">It refuses.</exception>
    public async Task<IReadOnlyList<IReadOnlyList<string>>> SearchAsync(string baseDn, bool subtree, string filter, IReadOnlyList<string> attributes, int most, CancellationToken cancel)
    {
        await SendAsync(new Asn1Tag(TagClass.Application, 3, true), writer =>
        {
            Text(writer, baseDn);
            writer.WriteEnumeratedValue(subtree ? Scope.Subtree : Scope.Base);
            writer.WriteEnumeratedValue(Dereference.Never);
            writer.WriteInteger(most);
            writer.WriteInteger(0);
            writer.WriteBoolean(false);
            writer.WriteEncodedValue(Filter(filter)!);
            using (writer.PushSequence())
                foreach (var attribute in attributes) Text(writer, attribute);
        }, cancel);
        var entries = new List<IReadOnlyList<string>>();
        while (true)
        {
            var (tag, body) = await ReceiveAsync(cancel);
            if (tag.TagValue == 4) entries.Add(Values(body));
            if (tag.TagValue != 5) continue; // an entry, or a reference to another server
            var (code, said) = Result(body);
            return code is Success or SizeLimitExceeded or NoSuchObject ? entries : throw new ProbeFailure(Phrase.Of("probe.answered_error", at, Named(code, said)));
        }
    }

    /// <summary>Encodes a filter of RFC 4515; null when it is not one.</summary>
    public static byte[]? Filter(string text)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        var place = 0;
        return Filter(writer, text.Trim(), ref place, 0) && place == text.Trim().Length ? writer.Encode() : null;
    }

    private static bool Filter(AsnWriter writer, string text, ref int at, int depth)
    {
        if (depth > 20 || at >= text.Length || text[at++] != '(' || at >= text.Length) return false;
        if (text[at] is '&' or '|' or '!')
        {
            var kind = text[at++] switch { '&' => 0, '|' => 1, _ => 2 };
            var tag = new Asn1Tag(TagClass.ContextSpecific, kind, true);
            var count = 0;
            if (kind == 2) writer.PushSequence(tag);
            else writer.PushSetOf(tag);
            while (at < text.Length && text[at] == '(' && (kind != 2 || count == 0))
            {
                if (!Filter(writer, text, ref at, depth + 1)) return false;
                count++;
            }
            if (kind == 2) writer.PopSequence(tag);
            else writer.PopSetOf(tag);
            return count > 0 && at < text.Length && text[at++] == ')';
        }
        var end = text.IndexOf(')', at);
        if (end < 0) return false;
        var item = text[at..end];
        at = end + 1;
        return Item(writer, item);
    }

    private static bool Item(AsnWriter writer, string item)
    {
        var equals = item.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0) return false;
        var (name, value) = (item[..equals], item[(equals + 1)..]);
        var kind = name[^1] switch { '>' => 5, '<' => 6, '~' => 8, _ => 3 };
        if (kind != 3) name = name[..^1];
        if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or ';')) return false;
        if (kind == 3 && value == "*") { Text(writer, name, new Asn1Tag(TagClass.ContextSpecific, 7)); return true; }
        if (kind == 3 && value.Contains('*', StringComparison.Ordinal)) return Substrings(writer, name, value.Split('*'));
        if (Unescaped(value) is not { } bytes) return false;
        using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, kind, true)))
        {
            Text(writer, name);
            writer.WriteOctetString(bytes);
        }
        return true;
    }

    private static bool Substrings(AsnWriter writer, string name, string[] parts)
    {
        using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 4, true)))
        {
            Text(writer, name);
            using (writer.PushSequence())
                for (var i = 0; i < parts.Length; i++)
                {
                    if (parts[i].Length == 0) continue;
                    if (Unescaped(parts[i]) is not { } bytes) return false;
                    writer.WriteOctetString(bytes, new Asn1Tag(TagClass.ContextSpecific, i == 0 ? 0 : i == parts.Length - 1 ? 2 : 1));
                }
        }
        return true;
    }

    // \2a stands for a star, and so on.
    private static byte[]? Unescaped(string value)
    {
        var bytes = new List<byte>();
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] != '\\') { bytes.AddRange(Encoding.UTF8.GetBytes(value, i, char.IsHighSurrogate(value[i]) && i + 1 < value.Length ? 2 : 1)); if (char.IsHighSurrogate(value[i])) i++; continue; }
            if (i + 2 >= value.Length || !byte.TryParse(value.AsSpan(i + 1, 2), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var code)) return null;
            bytes.Add(code);
            i += 2;
        }
        return [.. bytes];
    }

    private async Task SendAsync(Asn1Tag operation, Action<AsnWriter> body, CancellationToken cancel)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(++_message);
            using (writer.PushSequence(operation)) body(writer);
        }
        await stream.WriteAsync(writer.Encode(), cancel);
        await stream.FlushAsync(cancel);
    }

    private async Task<(Asn1Tag Tag, AsnReader Body)> ReceiveAsync(CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                if (_length > 0 && AsnDecoder.TryReadEncodedValue(_buffer.AsSpan(0, _length), AsnEncodingRules.BER, out _, out _, out _, out var used))
                {
                    var message = new AsnReader(_buffer.AsMemory(0, used).ToArray(), AsnEncodingRules.BER).ReadSequence();
                    _buffer.AsSpan(used, _length - used).CopyTo(_buffer);
                    _length -= used;
                    message.ReadInteger();
                    var tag = message.PeekTag();
                    return (tag, message.ReadSequence(tag));
                }
                if (_length == _buffer.Length)
                {
                    if (_length >= MaxAnswer) throw new ProbeFailure(Phrase.Of("probe.not_protocol", at, "LDAP"));
                    Array.Resize(ref _buffer, _length * 2);
                }
                var read = await stream.ReadAsync(_buffer.AsMemory(_length), cancel);
                if (read == 0) throw new ProbeFailure(Phrase.Of("probe.closed"));
                _length += read;
            }
        }
        catch (AsnContentException)
        {
            throw new ProbeFailure(Phrase.Of("probe.not_protocol", at, "LDAP"));
        }
    }

    private static (int Code, string Said) Result(AsnReader body)
    {
        var code = body.ReadEnumeratedBytes().Span[^1];
        body.ReadOctetString();
        return (code, Encoding.UTF8.GetString(body.ReadOctetString()));
    }

    private static List<string> Values(AsnReader entry)
    {
        entry.ReadOctetString();
        var values = new List<string>();
        var attributes = entry.ReadSequence();
        while (attributes.HasData)
        {
            var attribute = attributes.ReadSequence();
            attribute.ReadOctetString();
            var set = attribute.ReadSetOf(skipSortOrderValidation: true);
            while (set.HasData) values.Add(Encoding.UTF8.GetString(set.ReadOctetString()));
        }
        return values;
    }

    // RFC 4511, appendix A: what people know them by.
    private static string Named(int code, string said)
    {
        var name = code switch { 1 => "operationsError", 2 => "protocolError", 8 => "strongerAuthRequired", 13 => "confidentialityRequired", 48 => "inappropriateAuthentication", InvalidCredentials => "invalidCredentials", 50 => "insufficientAccessRights", 51 => "busy", 52 => "unavailable", 53 => "unwillingToPerform", _ => $"{code}" };
        return said.Length == 0 ? name : $"{name}, {ProbeReasons.Shown(said)}";
    }

    private static void Text(AsnWriter writer, string text, Asn1Tag? tag = null) => writer.WriteOctetString(Encoding.UTF8.GetBytes(text), tag);

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    private enum Scope { Base, One, Subtree }

    private enum Dereference { Never }
}
