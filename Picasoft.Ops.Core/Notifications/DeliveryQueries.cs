using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>Which deliveries to show; null: all.</summary>
/// <param name="Person">Who was told.</param>
/// <param name="Text">Part of an address, a person's name, or a channel's.</param>
public sealed record DeliveryFilter(DeliveryState? State = null, string? Channel = null, long? Incident = null, string? Person = null, string? Text = null);

/// <summary>A channel and how it fared.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="Recipients">To whom it speaks.</param>
/// <param name="LastSentAt">When a message was last handed over; null: never.</param>
/// <param name="LastFailedAt">When one last failed; null: never.</param>
/// <param name="LastFailure">Why.</param>
/// <param name="Waiting">Messages not handed over yet.</param>
public sealed record ChannelOverview(Channel Channel, IReadOnlyList<Recipient> Recipients, DateTimeOffset? LastSentAt, DateTimeOffset? LastFailedAt, Phrase? LastFailure, int Waiting)
{
    /// <summary>The last thing that happened was a failure.</summary>
    public bool IsFailing => LastFailedAt > (LastSentAt ?? DateTimeOffset.MinValue);
}

/// <summary>What the pages and the API read about channels and deliveries.</summary>
public sealed class DeliveryQueries(IDbContextFactory<OpsDbContext> contexts, ChannelKinds kinds)
{
    /// <summary>The newest first, older than <paramref name="after"/>.</summary>
    public async Task<IReadOnlyList<Delivery>> ListAsync(DeliveryFilter filter, long? after, int limit, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var query = db.Deliveries.AsNoTracking();
        if (filter.State is { } state) query = query.Where(d => d.State == state);
        if (filter.Channel is { } channel) query = query.Where(d => d.ChannelName == channel);
        if (filter.Incident is { } incident) query = query.Where(d => d.IncidentNumber == incident);
        if (filter.Person is { } person) query = query.Where(d => d.Person == person);
        if (filter.Text is { } text)
        {
            var like = "%" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal) + "%";
            query = query.Where(d => EF.Functions.ILike(d.Recipient, like) || (d.Person != null && EF.Functions.ILike(d.Person, like)) || EF.Functions.ILike(d.ChannelName, like));
        }
        if (after is { } id) query = query.Where(d => d.Id < id);
        return await query.OrderByDescending(d => d.Id).Take(limit).ToListAsync(cancel);
    }

    /// <summary>The attempts of some deliveries, oldest first.</summary>
    public async Task<ILookup<long, DeliveryAttempt>> AttemptsAsync(IReadOnlyList<long> deliveries, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var attempts = await db.DeliveryAttempts.AsNoTracking().Where(a => deliveries.Contains(a.DeliveryId)).OrderBy(a => a.Id).ToListAsync(cancel);
        return attempts.ToLookup(a => a.DeliveryId);
    }

    public async Task<IReadOnlyList<string>> ChannelNamesAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.Channels.OrderBy(c => c.Name).Select(c => c.Name).ToListAsync(cancel);
    }

    public async Task<IReadOnlyList<ChannelOverview>> ChannelsAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var channels = await db.Channels.AsNoTracking().OrderBy(c => c.Name).ToListAsync(cancel);
        var overviews = new List<ChannelOverview>();
        foreach (var channel in channels) overviews.Add(await OverviewAsync(db, channel, cancel));
        return overviews;
    }

    /// <summary>One channel; null when there is none by that name.</summary>
    public async Task<ChannelOverview?> ChannelAsync(string name, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var channel = await db.Channels.AsNoTracking().SingleOrDefaultAsync(c => c.Name == name, cancel);
        return channel is null ? null : await OverviewAsync(db, channel, cancel);
    }

    private async Task<ChannelOverview> OverviewAsync(OpsDbContext db, Channel channel, CancellationToken cancel)
    {
        var mine = db.Deliveries.AsNoTracking().Where(d => d.ChannelId == channel.Id);
        var sent = await mine.Where(d => d.SentAt != null).MaxAsync(d => d.SentAt, cancel);
        var waiting = await mine.CountAsync(d => d.State == DeliveryState.Pending || d.State == DeliveryState.Sending, cancel);
        var failure = await db.DeliveryAttempts.AsNoTracking().Where(a => !a.Ok && mine.Any(d => d.Id == a.DeliveryId)).OrderByDescending(a => a.Id).FirstOrDefaultAsync(cancel);
        return new(channel, kinds.RecipientsOf(channel), sent, failure?.At, failure?.Outcome, waiting);
    }
}
