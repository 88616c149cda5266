using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Picasoft.Ops.Core.Logs.Syslog;

/// <summary>
/// Syslog over UDP, one message a datagram. A datagram that is not taken in time is gone, so one thread does nothing but take them, before all others of the machine where we may, and lays them
/// up, within bounds, for another that looks at them. What the kernel had to throw away all the same it has counted, and we tell.
/// </summary>
internal sealed class DatagramListener(Socket socket, LogIntake intake, TimeProvider time)
{
    private const int Buffer = 32 * 1024 * 1024;

    private static readonly TimeSpan _countEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _stopWithin = TimeSpan.FromMilliseconds(500);

    private readonly DatagramQueue _queue = new();

    /// <summary>Asks for a large buffer: for that of the system's limit, and beyond it where we may.</summary>
    public static void Widen(Socket socket)
    {
        socket.ReceiveBufferSize = Buffer;
        try { socket.SetRawSocketOption(1, 33, BitConverter.GetBytes(Buffer)); } // SO_RCVBUFFORCE
        catch (SocketException) { } // only root may
    }

    public async Task RunAsync(CancellationToken cancel)
    {
        socket.ReceiveTimeout = (int)_stopWithin.TotalMilliseconds;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task[] threads = [Start("syslog-udp", () => Receive(stop.Token)), Start("syslog-udp-look", () => Look(stop.Token))];
        var failed = Task.WhenAny(threads);
        var counted = 0L; // the socket is new: what it could not take since it was made was for us
        while (!failed.IsCompleted && !cancel.IsCancellationRequested)
        {
            await Task.WhenAny(failed, Task.Delay(_countEvery, time, cancel));
            if (Dropped() is not (> 0 and var dropped) || dropped <= counted) continue;
            intake.Lost(LogLoss.Datagrams, dropped - counted);
            counted = dropped;
        }
        await stop.CancelAsync();
        await Task.WhenAll(threads);
    }

    private static Task Start(string name, Action body)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                body();
                done.SetResult();
            }
            catch (OperationCanceledException e) { done.SetCanceled(e.CancellationToken); }
            catch (Exception e) { done.SetException(e); }
        })
        { IsBackground = true, Name = name }.Start();
        return done.Task;
    }

    private void Receive(CancellationToken cancel)
    {
        UrgentThread.First();
        using var receiver = new DatagramReceiver(socket);
        while (!cancel.IsCancellationRequested)
            if (receiver.Receive() is > 0 and var count) _queue.Add(receiver, count, time.GetUtcNow(), cancel);
    }

    private void Look(CancellationToken cancel)
    {
        UrgentThread.Early();
        var gate = intake.Open();
        var address = new IPEndPoint(IPAddress.Any, 0);
        var (last, peer) = (Array.Empty<byte>(), Array.Empty<byte>());
        while (true) // also at the end: what was taken is looked at
        {
            var block = _queue.Take(cancel);
            for (var at = 0; block.TryRead(ref at, out var sender, out var message);)
            {
                if (!sender.SequenceEqual(last))
                {
                    last = sender.ToArray();
                    peer = Encoding.ASCII.GetBytes(AddressOf(sender));
                }
                gate.Accept(SyslogLine.Parse(message, peer, block.Received));
            }
            _queue.Return(block);
        }

        string AddressOf(ReadOnlySpan<byte> sender)
        {
            var written = new SocketAddress(socket.AddressFamily, sender.Length);
            sender.CopyTo(written.Buffer.Span);
            return ((IPEndPoint)address.Create(written)).Address.MapToIPv4IfMapped();
        }
    }

    /// <summary>What the socket had no room for (SO_MEMINFO, its ninth number).</summary>
    private long Dropped()
    {
        var numbers = new byte[9 * sizeof(uint)];
        try { return socket.GetRawSocketOption(1, 55, numbers) == numbers.Length ? BitConverter.ToUInt32(numbers, 8 * sizeof(uint)) : 0; }
        catch (Exception e) when (e is SocketException or ObjectDisposedException) { return 0; }
    }
}
