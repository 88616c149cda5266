using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Picasoft.Ops.Core.Logs.Syslog;

/// <summary>Takes what waits on a UDP socket out of it, many datagrams with one call of the kernel (recvmmsg(2)).</summary>
internal sealed unsafe partial class DatagramReceiver : IDisposable
{
    private const int Together = 64;
    private const int SenderSize = 28; // sockaddr_in6
    private const int WaitForOne = 0x10000; // MSG_WAITFORONE
    private const int Again = 11, Interrupted = 4; // EAGAIN, EINTR

    private readonly Socket _socket;
    private readonly byte* _buffers = (byte*)NativeMemory.Alloc(Together * Framing.MaxMessage); // of each only what was written to takes memory
    private readonly byte* _senders = (byte*)NativeMemory.AllocZeroed(Together * SenderSize);
    private readonly Vector* _vectors = (Vector*)NativeMemory.AllocZeroed(Together, (nuint)sizeof(Vector));
    private readonly Header* _headers = (Header*)NativeMemory.AllocZeroed(Together, (nuint)sizeof(Header));

    /// <param name="socket">Blocking; a call waits for a datagram for so long at most as its <see cref="Socket.ReceiveTimeout"/> says.</param>
    public DatagramReceiver(Socket socket)
    {
        _socket = socket;
        for (var i = 0; i < Together; i++)
        {
            _vectors[i] = new() { Base = _buffers + i * Framing.MaxMessage, Length = Framing.MaxMessage };
            _headers[i] = new() { Name = _senders + i * SenderSize, Vectors = _vectors + i, Count = 1, Received = 0 };
        }
    }

    /// <summary>Waits for one, and takes all that wait by then.</summary>
    /// <returns>How many; 0: none came in time.</returns>
    /// <exception cref="SocketException">The socket broke.</exception>
    public int Receive()
    {
        for (var i = 0; i < Together; i++) _headers[i].NameLength = SenderSize;
        var count = ReceiveMany(_socket.SafeHandle, _headers, Together, WaitForOne, null);
        if (count >= 0) return count;
        var error = Marshal.GetLastPInvokeError();
        return error is Again or Interrupted ? 0 : throw new SocketException(error);
    }

    /// <summary>The sender's address as the system writes it.</summary>
    public ReadOnlySpan<byte> Sender(int index) => new(_senders + index * SenderSize, (int)Math.Min(_headers[index].NameLength, SenderSize));

    public ReadOnlySpan<byte> Message(int index) => new(_buffers + index * Framing.MaxMessage, (int)_headers[index].Received);

    public void Dispose()
    {
        NativeMemory.Free(_buffers);
        NativeMemory.Free(_senders);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_headers);
    }

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    private static partial int ReceiveMany(SafeHandle socket, Header* headers, uint count, int flags, void* timeout);

    /// <summary><c>struct iovec</c>.</summary>
    private struct Vector
    {
        public byte* Base;
        public nuint Length;
    }

    /// <summary><c>struct mmsghdr</c> of Linux with 64 bits.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 64)]
    private struct Header
    {
        [FieldOffset(0)] public byte* Name;
        [FieldOffset(8)] public uint NameLength;
        [FieldOffset(16)] public Vector* Vectors;
        [FieldOffset(24)] public nuint Count;
        [FieldOffset(56)] public uint Received;
    }
}
