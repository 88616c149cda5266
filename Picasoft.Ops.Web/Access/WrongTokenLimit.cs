using System.Net;
using System.Threading.RateLimiting;

namespace Picasoft.Ops.Web.Access;

/// <summary>
/// How often one address may come with a wrong token: thirty times at once, then once every two seconds. Only wrong ones are counted,
/// so a program with a good token never waits for its neighbour.
/// </summary>
internal sealed class WrongTokenLimit : IDisposable
{
    public const int Burst = 30;

    private static readonly TimeSpan _pace = TimeSpan.FromSeconds(2);

    private readonly PartitionedRateLimiter<IPAddress?> _limiter = PartitionedRateLimiter.Create<IPAddress?, string>(address =>
        RateLimitPartition.GetTokenBucketLimiter(AttemptLimit.Neighbourhood(address), _ => new() { TokenLimit = Burst, TokensPerPeriod = 1, ReplenishmentPeriod = _pace, QueueLimit = 0 }));

    /// <summary>Counts one; how long to wait when there were too many.</summary>
    public TimeSpan? Note(IPAddress? address)
    {
        using var lease = _limiter.AttemptAcquire(address);
        if (lease.IsAcquired) return null;
        return lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : _pace;
    }

    public void Dispose() => _limiter.Dispose();
}
