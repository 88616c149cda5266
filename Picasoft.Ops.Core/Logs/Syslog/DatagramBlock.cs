using System.Buffers.Binary;

namespace Picasoft.Ops.Core.Logs.Syslog;

/// <summary>Datagrams on their way from whoever receives to whoever looks at them, packed one after the other: sender, length, bytes. Used by one thread at a time.</summary>
internal sealed class DatagramBlock
{
    /// <summary>Room for two datagrams of the longest kind, or some five hundred lines.</summary>
    public const int Size = 2 * (Framing.MaxMessage + Head);

    private const int MaxSender = 28; // sockaddr_in6
    private const int Head = 2 + MaxSender + 4;

    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(Size);
    private int _filled;

    /// <summary>When the first of them came.</summary>
    public DateTimeOffset Received { get; set; }

    public bool IsEmpty => _filled == 0;

    /// <returns>Whether there was room.</returns>
    public bool TryAdd(ReadOnlySpan<byte> sender, ReadOnlySpan<byte> message)
    {
        if (sender.Length > MaxSender || Head + message.Length > Size - _filled) return false;
        var to = _bytes.AsSpan(_filled, Head + message.Length);
        BinaryPrimitives.WriteInt16LittleEndian(to, (short)sender.Length);
        sender.CopyTo(to[2..]);
        BinaryPrimitives.WriteInt32LittleEndian(to[(2 + MaxSender)..], message.Length);
        message.CopyTo(to[Head..]);
        _filled += to.Length;
        return true;
    }

    /// <summary>Reads from <paramref name="at"/>, 0 at first, which is moved on.</summary>
    /// <returns>Whether there was one more.</returns>
    public bool TryRead(ref int at, out ReadOnlySpan<byte> sender, out ReadOnlySpan<byte> message)
    {
        sender = message = default;
        if (at >= _filled) return false;
        var from = _bytes.AsSpan(at, _filled - at);
        sender = from.Slice(2, BinaryPrimitives.ReadInt16LittleEndian(from));
        message = from.Slice(Head, BinaryPrimitives.ReadInt32LittleEndian(from[(2 + MaxSender)..]));
        at += Head + message.Length;
        return true;
    }

    public void Clear() => _filled = 0;
}
