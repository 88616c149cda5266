using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Logs.Syslog;

/// <summary>Hears syslog on all places of <c>OPS_SYSLOG</c>. A place that cannot be had is said and tried again: another node may hold it for a moment.</summary>
public sealed class SyslogListener(LogIntake intake, OpsSettings settings, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<SyslogListener> log) : BackgroundService
{
    private static readonly TimeSpan _again = TimeSpan.FromSeconds(5);

    private readonly List<Socket> _open = [];

    /// <summary>Where it is heard now, with the ports that were given out for port 0.</summary>
    public IReadOnlyList<(SyslogTransport Transport, IPEndPoint Address)> Addresses
    {
        get { lock (_open) return [.. _open.Select(s => (s.ProtocolType == ProtocolType.Udp ? SyslogTransport.Udp : SyslogTransport.Tcp, (IPEndPoint)s.LocalEndPoint!))]; }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        IReadOnlyList<SyslogEndpoint> endpoints;
        try { endpoints = SyslogEndpoint.Read(settings.Syslog); }
        catch (FormatException e)
        {
            LogsLog.CannotListen(log, settings.Syslog, e.Message);
            return;
        }
        // A start that fails after all (the page's port is taken) must not have heard anything.
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (lifetime.ApplicationStarted.Register(started.SetResult)) await started.Task.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // Nothing is heard before there are rules to hear it with.
        while (!intake.IsReady && !stoppingToken.IsCancellationRequested) await Task.Delay(TimeSpan.FromMilliseconds(50), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(endpoints.Select(e => HearAsync(e, stoppingToken)));
    }

    private async Task HearAsync(SyslogEndpoint endpoint, CancellationToken cancel)
    {
        for (var first = true; !cancel.IsCancellationRequested; first = false)
        {
            Socket? socket = null;
            try
            {
                socket = Bind(endpoint);
                lock (_open) _open.Add(socket);
                LogsLog.Listening(log, $"{endpoint.Transport.ToString().ToLowerInvariant()}://{socket.LocalEndPoint}");
                if (endpoint.Transport == SyslogTransport.Udp) await new DatagramListener(socket, intake, time).RunAsync(cancel);
                else await new StreamListener(socket, TlsOf(endpoint), intake, time, log).RunAsync(cancel);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested) { }
            catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException or CryptographicException)
            {
                if (first) LogsLog.CannotListen(log, endpoint.ToString(), e.Message);
            }
            finally
            {
                if (socket is not null)
                {
                    lock (_open) _open.Remove(socket);
                    socket.Dispose();
                }
            }
            await Task.Delay(_again, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static TlsReceiver? TlsOf(SyslogEndpoint endpoint) => endpoint.Transport == SyslogTransport.Tls ? TlsReceiver.Load(endpoint) : null;

    private static Socket Bind(SyslogEndpoint endpoint)
    {
        var isUdp = endpoint.Transport == SyslogTransport.Udp;
        var socket = new Socket(endpoint.Address.AddressFamily, isUdp ? SocketType.Dgram : SocketType.Stream, isUdp ? ProtocolType.Udp : ProtocolType.Tcp);
        try
        {
            if (endpoint.Address.AddressFamily == AddressFamily.InterNetworkV6) socket.DualMode = true;
            if (isUdp) DatagramListener.Widen(socket);
            socket.Bind(endpoint.Address);
            if (!isUdp) socket.Listen(128);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
