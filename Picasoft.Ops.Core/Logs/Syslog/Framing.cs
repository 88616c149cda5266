namespace Picasoft.Ops.Core.Logs.Syslog;

/// <summary>
/// Cuts a stream into syslog messages (RFC 6587): counted octets (<c>LEN SP MSG</c>) or lines, told apart for each message by its first byte, as rsyslog does.
/// A message that is too long is cut, and what is left of it passed over. Pure.
/// </summary>
public struct Framing
{
    /// <summary>Longest message that is kept, in bytes.</summary>
    public const int MaxMessage = 64 * 1024;

    private int _skip;
    private bool _skipLine;

    /// <summary>Messages that were cut.</summary>
    public long Cut { get; private set; }

    /// <summary>Takes the next message from what was received.</summary>
    /// <param name="message">The message; empty when something was only passed over.</param>
    /// <param name="consumed">So many bytes are done with.</param>
    /// <returns>Whether something was taken; else more must be received, up to <see cref="MaxMessage"/> and a little.</returns>
    public bool Next(ReadOnlySpan<byte> received, out ReadOnlySpan<byte> message, out int consumed)
    {
        message = default;
        consumed = 0;
        if (received.IsEmpty) return false;
        if (_skip > 0)
        {
            consumed = Math.Min(_skip, received.Length);
            _skip -= consumed;
            return true;
        }
        if (_skipLine)
        {
            var end = received.IndexOf((byte)'\n');
            _skipLine = end < 0;
            consumed = end < 0 ? received.Length : end + 1;
            return true;
        }
        if (received[0] is >= (byte)'1' and <= (byte)'9' && Count(received, out var length, out var digits))
        {
            if (digits == 0) return false;
            if (length > MaxMessage)
            {
                if (received.Length < digits + MaxMessage) return false;
                Cut++;
                _skip = length - MaxMessage;
                message = received.Slice(digits, MaxMessage);
                consumed = digits + MaxMessage;
                return true;
            }
            if (received.Length < digits + length) return false;
            message = received.Slice(digits, length);
            consumed = digits + length;
            return true;
        }
        var line = received.IndexOf((byte)'\n');
        if (line >= 0)
        {
            message = received[..Math.Min(line, MaxMessage)];
            if (line > MaxMessage) Cut++;
            consumed = line + 1;
            return true;
        }
        if (received.Length < MaxMessage) return false;
        Cut++;
        _skipLine = true;
        message = received[..MaxMessage];
        consumed = MaxMessage;
        return true;
    }

    // "123 <": a length and a space. Up to eight digits; when the space is still to come, digits is 0.
    private static bool Count(ReadOnlySpan<byte> received, out int length, out int digits)
    {
        (length, digits) = (0, 0);
        for (var i = 0; i < received.Length && i < 9; i++)
        {
            if (received[i] == ' ')
            {
                digits = i + 1;
                return true;
            }
            if (received[i] is < (byte)'0' or > (byte)'9' || i == 8) return false;
            length = length * 10 + received[i] - '0';
        }
        return received.Length < 9;
    }
}
