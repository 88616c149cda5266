using System.Threading.RateLimiting;

namespace Picasoft.Ops.Web.Compat.Healthchecks;

/// <summary>How often one heartbeat may be pinged, and so how fast its pings may fill the disk: sixty at once, then one a second.</summary>
internal sealed class PingLimit : IDisposable
{
    public const int Burst = 60;

    private static readonly TimeSpan _pace = TimeSpan.FromSeconds(1);

    private readonly PartitionedRateLimiter<string> _limiter = PartitionedRateLimiter.Create<string, string>(heartbeat =>
        RateLimitPartition.GetTokenBucketLimiter(heartbeat, _ => new() { TokenLimit = Burst, TokensPerPeriod = 1, ReplenishmentPeriod = _pace, QueueLimit = 0 }));

    /// <summary>Counts one; how long to wait when there were too many.</summary>
    public TimeSpan? Note(string heartbeat)
    {
        using var lease = _limiter.AttemptAcquire(heartbeat);
        if (lease.IsAcquired) return null;
        return lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : _pace;
    }

    public void Dispose() => _limiter.Dispose();
}
