using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Picasoft.Ops.Core.Logs.Syslog;

/// <summary>Syslog over TCP, with TLS or without. Each connection is read as fast as its lines are looked at, so a sender that is too fast waits; memory is a buffer for each.</summary>
internal sealed class StreamListener(Socket socket, TlsReceiver? tls, LogIntake intake, TimeProvider time, ILogger log)
{
    /// <summary>Most connections at a time.</summary>
    public const int MaxConnections = 1000;

    private const int SmallBuffer = 16 * 1024;
    private const int LargeBuffer = Framing.MaxMessage + 64 * 1024;

    /// <summary>Who does not finish shaking hands by then is let go.</summary>
    private static readonly TimeSpan _handshake = TimeSpan.FromSeconds(10);

    private int _connections;

    public async Task RunAsync(CancellationToken cancel)
    {
        while (true)
        {
            var connection = await socket.AcceptAsync(cancel);
            if (Interlocked.Increment(ref _connections) > MaxConnections)
            {
                Interlocked.Decrement(ref _connections);
                connection.Dispose();
                intake.Lost(LogLoss.Connections);
                continue;
            }
            _ = ServeAsync(connection, cancel);
        }
    }

    private async Task ServeAsync(Socket connection, CancellationToken cancel)
    {
        // Left at once, so that the next is welcomed.
        await Task.Yield();
        var peer = (connection.RemoteEndPoint as IPEndPoint)?.Address.MapToIPv4IfMapped() ?? "?";
        var buffer = ArrayPool<byte>.Shared.Rent(SmallBuffer);
        try
        {
            connection.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            await using var stream = await WelcomeAsync(new NetworkStream(connection, ownsSocket: true), cancel);
            var receiver = new Receiver(intake.Open(), intake, Encoding.ASCII.GetBytes(peer), time);
            var filled = 0;
            while (true)
            {
                if (filled == buffer.Length) Grow(ref buffer, filled);
                var read = await stream.ReadAsync(buffer.AsMemory(filled), cancel);
                if (read == 0) break;
                filled += read;
                var done = receiver.Take(buffer.AsSpan(0, filled));
                buffer.AsSpan(done, filled - done).CopyTo(buffer);
                filled -= done;
                // A sender that fills the buffer has much to say.
                if (buffer.Length < LargeBuffer && filled + read >= buffer.Length) Grow(ref buffer, filled);
            }
            receiver.End(buffer.AsSpan(0, filled));
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested) { }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException or OperationCanceledException or System.ComponentModel.Win32Exception)
        {
            if (e is not IOException) LogsLog.Refused(log, peer, e.InnerException?.Message ?? e.Message); // a connection that breaks is the sender's to mend
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            connection.Dispose();
            Interlocked.Decrement(ref _connections);
        }
    }

    private async Task<Stream> WelcomeAsync(Stream stream, CancellationToken cancel)
    {
        if (tls is null) return stream;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(_handshake);
        return await tls.WelcomeAsync(stream, limit.Token);
    }

    private static void Grow(ref byte[] buffer, int filled)
    {
        var larger = ArrayPool<byte>.Shared.Rent(LargeBuffer);
        buffer.AsSpan(0, filled).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }

    /// <summary>What one connection's bytes become.</summary>
    private sealed class Receiver(LogGate gate, LogIntake intake, byte[] peer, TimeProvider time)
    {
        private Framing _framing;

        /// <returns>So many bytes are done with.</returns>
        public int Take(ReadOnlySpan<byte> received)
        {
            var now = time.GetUtcNow();
            var (done, cut) = (0, _framing.Cut);
            while (_framing.Next(received[done..], out var message, out var consumed))
            {
                done += consumed;
                if (!message.IsEmpty) gate.Accept(SyslogLine.Parse(message, peer, now));
            }
            if (_framing.Cut > cut) intake.Lost(LogLoss.Cut, _framing.Cut - cut);
            return done;
        }

        /// <summary>What came last without a line feed is a line too.</summary>
        public void End(ReadOnlySpan<byte> rest)
        {
            if (!rest.Trim("\r\n \0"u8).IsEmpty) gate.Accept(SyslogLine.Parse(rest, peer, time.GetUtcNow()));
        }
    }
}

internal static class PeerNames
{
    /// <summary>An address as text; one of IPv4 that came through an IPv6 socket, as people know it.</summary>
    public static string MapToIPv4IfMapped(this IPAddress address) => (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
}
