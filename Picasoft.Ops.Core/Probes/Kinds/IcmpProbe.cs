using System.Net.NetworkInformation;
using System.Net.Sockets;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes.Kinds;

/// <summary>Whom to ping, and what is too slow or too lossy.</summary>
public sealed record IcmpSettings
{
    [Setting(Required = true, MaxLength = 253, Example = "alice.example.org")]
    public string Host { get; init; } = "";

    /// <summary>Echoes of one check, all at once a tenth of a second apart.</summary>
    [Setting(Min = "1", Max = "20")]
    public int Count { get; init; } = 3;

    /// <summary>Most of them, in percent, that may stay without an answer.</summary>
    [Setting(Min = "0", Max = "99")]
    public int LossAllowed { get; init; } = 34;

    /// <summary>Longest that the answers may take on average.</summary>
    [Setting(Min = "1ms", Max = "10s", Example = "200ms")]
    public TimeSpan? Latency { get; init; }

    public IpVersion IpVersion { get; init; }
}

/// <summary>A host answers echo requests (ping).</summary>
public sealed class IcmpProbe(TimeProvider time) : Probe<IcmpSettings>
{
    private static readonly TimeSpan _apart = TimeSpan.FromMilliseconds(100);

    public override string Kind => "icmp";

    public override ProbeGroup Group => ProbeGroup.Network;

    protected override string Target(IcmpSettings settings) => settings.Host;

    protected override async ValueTask<Observation> CheckAsync(IcmpSettings settings, ProbeContext context, CancellationToken cancel)
    {
        try
        {
            var addresses = await LookupRunner.FindAsync(settings.Host, cancel);
            if (settings.IpVersion != IpVersion.Any) addresses = Array.FindAll(addresses, a => a.AddressFamily == (settings.IpVersion == IpVersion.Ipv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6));
            if (addresses.Length == 0) return Observation.Down("probe.no_address", ProbeReasons.Shown(settings.Host), settings.IpVersion == IpVersion.Ipv4 ? "IPv4" : "IPv6");
            // Somewhat less than the whole timeout, so that the losses are told and not the timeout.
            var patience = (context.Timeout * 0.9) - (_apart * settings.Count);
            var echoes = new List<Task<PingReply>>();
            for (var i = 0; i < settings.Count; i++)
            {
                if (i > 0) await Task.Delay(_apart, time, cancel);
                echoes.Add(EchoAsync(addresses[0], patience > _apart ? patience : _apart, cancel));
            }
            return Judge(settings, await Task.WhenAll(echoes));
        }
        catch (PingException e) when (!cancel.IsCancellationRequested)
        {
            return Observation.Down(e.InnerException is SocketException ? "probe.no_route" : "probe.no_echo", ProbeReasons.Shown(settings.Host));
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            return new(false, ProbeReasons.Of(e, settings.Host, 0));
        }
    }

    private static async Task<PingReply> EchoAsync(System.Net.IPAddress address, TimeSpan patience, CancellationToken cancel)
    {
        using var ping = new Ping();
        return await ping.SendPingAsync(address, patience, cancellationToken: cancel);
    }

    private static Observation Judge(IcmpSettings settings, IReadOnlyList<PingReply> replies) =>
        Judge(settings, [.. replies.Select(r => r.Status == IPStatus.Success ? (double?)r.RoundtripTime : null)], replies.FirstOrDefault(r => r.Status is not (IPStatus.Success or IPStatus.TimedOut))?.Status);

    /// <summary>What the answers mean. Pure.</summary>
    /// <param name="times">Round trips in milliseconds; null: no answer.</param>
    /// <param name="said">What a router said instead, if one did.</param>
    public static Observation Judge(IcmpSettings settings, IReadOnlyList<double?> times, IPStatus? said)
    {
        var answered = times.OfType<double>().ToList();
        var lost = 100.0 * (times.Count - answered.Count) / times.Count;
        var loss = new Measurement("loss", lost, "%", Crit: settings.LossAllowed, Min: 0, Max: 100);
        if (answered.Count == 0) return (said is null ? Observation.Down("probe.no_echo", ProbeReasons.Shown(settings.Host)) : Observation.Down("probe.no_route", ProbeReasons.Shown(settings.Host))).With(loss);
        var average = TimeSpan.FromMilliseconds(answered.Average());
        var seen = lost > settings.LossAllowed ? Observation.Down("probe.echo_loss", times.Count - answered.Count, times.Count)
            : average > settings.Latency ? Observation.Down("probe.slow", average, settings.Latency.Value)
            : Observation.Up;
        return seen.With(loss, new Measurement("round_trip", average.TotalMilliseconds, "ms", Crit: settings.Latency?.TotalMilliseconds));
    }
}
