using System.Globalization;
using System.Net.Sockets;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes.Places;

/// <summary>
/// Whether this node has lost its own network: then it blames nobody. Asked only when a check failed. One reference target that takes a TCP connection is enough.
/// </summary>
public sealed class NetworkRunner : IDisposable
{
    /// <summary>Public resolvers of several operators, on their port for DNS over TCP; used by nodes that say where they stand.</summary>
    public static readonly IReadOnlyList<string> Usual = ["9.9.9.9:53", "80.67.169.12:53", "1.1.1.1:53", "[2620:fe::fe]:53"];

    private static readonly TimeSpan _fresh = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(3);

    private readonly IReadOnlyList<(string Host, int Port)> _targets;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _one = new(1);
    private DateTimeOffset _askedAt;
    private bool _everReached;

    public NetworkRunner(OpsSettings settings, TimeProvider time)
    {
        _time = time;
        _targets = Parse(settings.References ?? (settings.Location is null ? "" : string.Join(',', Usual)));
        _everReached = settings.References is not null; // those that somebody named are believed from the start; the usual ones may never answer behind a firewall
    }

    /// <summary>Since when; null: it has its network, or nobody said how to tell.</summary>
    public DateTimeOffset? LostSince { get; private set; }

    /// <summary>Reads <c>host:port, [v6]:port</c>.</summary>
    /// <exception cref="PlainError">One of them is neither.</exception>
    public static IReadOnlyList<(string Host, int Port)> Parse(string text) => [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(target =>
    {
        var colon = target.LastIndexOf(':');
        return colon > 0 && int.TryParse(target.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536
            ? (target[..colon].Trim('[', ']'), port)
            : throw new PlainError($"OPS_REFERENCES: “{target}” is not a host and a port, such as 9.9.9.9:53.");
    })];

    /// <summary>Asks, unless it asked a moment ago.</summary>
    public async Task<bool> IsLostAsync(CancellationToken cancel)
    {
        if (_targets.Count == 0) return false;
        await _one.WaitAsync(cancel);
        try
        {
            var now = _time.GetUtcNow();
            if (now - _askedAt < _fresh) return LostSince is not null;
            var reached = await AnyAsync(cancel);
            _everReached |= reached;
            LostSince = reached || !_everReached ? null : LostSince ?? now;
            _askedAt = _time.GetUtcNow();
            return LostSince is not null;
        }
        finally { _one.Release(); }
    }

    private async Task<bool> AnyAsync(CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(_timeout);
        var tries = _targets.Select(t => ReachAsync(t.Host, t.Port, limit.Token)).ToList();
        while (tries.Count > 0)
        {
            var first = await Task.WhenAny(tries);
            if (await first)
            {
                await limit.CancelAsync();
                return true;
            }
            tries.Remove(first);
        }
        return false;
    }

    private static async Task<bool> ReachAsync(string host, int port, CancellationToken cancel)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(host, port, cancel);
            return true;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return false;
        }
    }

    public void Dispose() => _one.Dispose();
}
