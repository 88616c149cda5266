using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Picasoft.Ops.Core.Logs.Syslog;

/// <summary>Syslog over UDP, on a thread of its own, one message a datagram. What the kernel had to throw away it has counted, and we tell.</summary>
internal sealed class DatagramListener(Socket socket, LogIntake intake, TimeProvider time)
{
    private const int Buffer = 32 * 1024 * 1024;
    private static readonly TimeSpan _countEvery = TimeSpan.FromSeconds(5);

    /// <summary>Asks for a large buffer: for that of the system's limit, and beyond it where we may.</summary>
    public static void Widen(Socket socket)
    {
        socket.ReceiveBufferSize = Buffer;
        try { socket.SetRawSocketOption(1, 33, BitConverter.GetBytes(Buffer)); } // SO_RCVBUFFORCE
        catch (SocketException) { } // only root may
    }

    public async Task RunAsync(CancellationToken cancel)
    {
        var failed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() => Hear(failed, cancel)) { IsBackground = true, Name = "syslog-udp", Priority = ThreadPriority.AboveNormal }.Start();
        await using var stop = cancel.Register(() => failed.TrySetCanceled(cancel));
        var counted = 0L; // the socket is new: what it could not take since it was made was for us
        while (!failed.Task.IsCompleted)
        {
            await Task.WhenAny(failed.Task, Task.Delay(_countEvery, time, cancel));
            if (Dropped() is var dropped && dropped > counted) intake.Lost(LogLoss.Datagrams, dropped - counted);
            counted = dropped;
        }
        await failed.Task;
    }

    private void Hear(TaskCompletionSource failed, CancellationToken cancel)
    {
        var (gate, buffer) = (intake.Open(), new byte[Framing.MaxMessage]);
        var from = new SocketAddress(socket.AddressFamily);
        var (last, peer) = (Array.Empty<byte>(), Array.Empty<byte>());
        try
        {
            while (!cancel.IsCancellationRequested)
            {
                var length = socket.ReceiveFrom(buffer, SocketFlags.None, from);
                var address = from.Buffer.Span[..from.Size];
                if (!address.SequenceEqual(last))
                {
                    last = address.ToArray();
                    peer = Encoding.ASCII.GetBytes(((IPEndPoint)new IPEndPoint(IPAddress.Any, 0).Create(from)).Address.MapToIPv4IfMapped());
                }
                gate.Accept(SyslogLine.Parse(buffer.AsSpan(0, length), peer, time.GetUtcNow()));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            failed.TrySetException(e is SocketException ? e : new SocketException((int)SocketError.Shutdown));
        }
    }

    // /proc/net/udp: the last column is what the socket could not take; it is found by its port.
    private long Dropped()
    {
        try
        {
            var port = ":" + ((IPEndPoint)socket.LocalEndPoint!).Port.ToString("X4", CultureInfo.InvariantCulture) + " ";
            var file = socket.AddressFamily == AddressFamily.InterNetworkV6 ? "/proc/net/udp6" : "/proc/net/udp";
            return File.ReadLines(file).Where(l => l.Contains(port, StringComparison.Ordinal)).Sum(l => long.TryParse(l.TrimEnd().Split(' ')[^1], CultureInfo.InvariantCulture, out var dropped) ? dropped : 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            return 0; // not Linux
        }
    }
}
