using System.Net;
using System.Net.Sockets;

namespace Picasoft.Ops.Tests.Support;

/// <summary>Sends datagrams faster than one call each can: lines are padded to one length, and the kernel cuts what it is given into datagrams of it (UDP_SEGMENT, udp(7)).</summary>
/// <param name="port">On loopback.</param>
/// <param name="length">Bytes of each; longer lines are cut.</param>
public sealed class DatagramSender(int port, int length) : IDisposable
{
    private const int Together = 60;
    private readonly Socket _socket = Connect(port, length);
    private readonly byte[] _buffer = new byte[length * Together];
    private int _filled;

    public void Add(ReadOnlySpan<byte> line)
    {
        var slot = _buffer.AsSpan(_filled, length);
        slot.Fill((byte)' ');
        line[..Math.Min(line.Length, length)].CopyTo(slot);
        if ((_filled += length) == _buffer.Length) Flush();
    }

    public void Flush()
    {
        if (_filled > 0) _socket.Send(_buffer.AsSpan(0, _filled));
        _filled = 0;
    }

    public void Dispose() => _socket.Dispose();

    private static Socket Connect(int port, int length)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(new IPEndPoint(IPAddress.Loopback, port));
        socket.SetRawSocketOption(17, 103, BitConverter.GetBytes(length));
        return socket;
    }
}
