using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>
/// Tells a dead-man's switch outside (a Healthchecks-compatible address) that this node lives: that it reaches its database, and that what it has to say is sent.
/// When it goes silent, somebody else's product tells the humans.
/// </summary>
public sealed class DeadManRunner(IDbContextFactory<OpsDbContext> contexts, OpsSettings settings, TimeProvider time, ILogger<DeadManRunner> log)
    : RoundRunner(time, TimeSpan.FromMinutes(1))
{
    /// <summary>A message that could have been tried for so long and was not: the outbox stands still.</summary>
    private static readonly TimeSpan _stuck = TimeSpan.FromMinutes(5);

    private static readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(15) };

    protected override Task RoundAsync(CancellationToken cancel) => settings.DeadManUrl is { Length: > 0 } ? PingAsync(cancel) : Task.CompletedTask;

    protected override void RoundFailed(Exception exception) => NotificationsLog.DeadManFailed(log, exception.Message);

    /// <summary>One sign of life, or of trouble (<c>/fail</c>) while the outbox stands still. Without a database there is none: that is the point.</summary>
    public async Task PingAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var limit = Time.GetUtcNow() - _stuck;
        var isStuck = await db.Deliveries.AnyAsync(d => (d.State == DeliveryState.Pending && d.NextAttemptAt < limit) || (d.State == DeliveryState.Sending && d.LeaseUntil < limit), cancel);
        using var answer = await _http.GetAsync(new Uri(settings.DeadManUrl!.TrimEnd('/') + (isStuck ? "/fail" : "")), cancel);
        answer.EnsureSuccessStatusCode();
    }
}
