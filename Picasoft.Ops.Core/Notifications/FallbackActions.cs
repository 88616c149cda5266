using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>Sends a message another way as well, at once, when its own way is down or stands on what is down; the incident says why. Never twice the same way.</summary>
public sealed class FallbackActions(ChannelKinds kinds, TimeProvider time)
{
    /// <summary>The services a channel stands on that are part of an open incident; none: it is sound.</summary>
    public static async Task<IReadOnlyList<string>> BrokenUnderAsync(OpsDbContext db, Channel channel, CancellationToken cancel)
    {
        if (channel.DependsOn.Count == 0) return [];
        var (broken, graph) = await GroundAsync(db, cancel);
        return [.. StandsOn(channel, graph).Where(broken.Contains).Order(StringComparer.Ordinal)];
    }

    /// <summary>Through which other channel the same message reached its person already, along the chain of what stood in for what; null: through none. A room is another public, and hears it when it can.</summary>
    public static async Task<string?> StoodInAsync(OpsDbContext db, Delivery delivery, CancellationToken cancel) => delivery.Person is null ? null : (await db.Database.SqlQuery<string>($"""
        with recursive family as (
            select id, stands_in_for, state, channel_name, person from deliveries where id = {delivery.Id}
            union select d.id, d.stands_in_for, d.state, d.channel_name, d.person from deliveries d join family f on d.stands_in_for = f.id or d.id = f.stands_in_for)
        select channel_name as "Value" from family where state = 'Sent' and person = {delivery.Person} limit 1
        """).ToListAsync(cancel)).FirstOrDefault();

    /// <summary>Writes the deliveries of the next way within the caller's transaction. False: there is none.</summary>
    public async Task<bool> UseAsync(OpsDbContext db, Delivery delivery, Channel channel, Phrase why, CancellationToken cancel)
    {
        if (delivery.IncidentNumber is not { } number || delivery.Reason is DeliveryReason.Resolved or DeliveryReason.Later or DeliveryReason.Test) return false;
        if (await db.Deliveries.AnyAsync(d => d.StandsInFor == delivery.Id, cancel)) return true; // it goes another way already
        var channels = await db.Channels.AsNoTracking().Where(c => c.Enabled).OrderBy(c => c.Id).ToListAsync(cancel);
        var (broken, graph) = await GroundAsync(db, cancel);
        var key = delivery.IdempotencyKey.Split(":channel:")[0];
        var used = await db.Deliveries.AsNoTracking().Where(d => d.IncidentNumber == number && d.IdempotencyKey.StartsWith(key + ":channel:") && d.Person == delivery.Person).Select(d => d.ChannelName).Distinct().ToListAsync(cancel);
        if (Fallback.Next(channel, channels, broken, used.ToHashSet(StringComparer.Ordinal), c => StandsOn(c, graph)) is not { } next) return false;
        var now = time.GetUtcNow();
        var made = 0;
        foreach (var (address, person) in await TargetsAsync(db, delivery, next, cancel))
        {
            made += await db.Database.ExecuteSqlAsync($"""
                insert into deliveries (idempotency_key, channel_id, channel_name, recipient, person, incident_number, timeline_entry_id, reason, state, attempts, created_at, next_attempt_at, shown_revision, stands_in_for)
                values ({string.Create(CultureInfo.InvariantCulture, $"{key}:channel:{next.Id}:{address}")}, {next.Id}, {next.Name}, {address}, {person}, {number}, {delivery.TimelineEntryId}, {delivery.Reason}, 'Pending', 0, {now}, {now}, 0, {delivery.Id})
                on conflict (idempotency_key) do nothing
                """, cancel);
        }
        if (made == 0) return false;
        db.Timeline.Add(new() { IncidentNumber = number, At = now, Kind = TimelineKind.Decision, By = Actor.System.Name, Phrase = Phrase.Of("delivery.fallback", channel.Name, next.Name, why), Data = Json.Text(new { decision = "fallback", from = channel.Name, to = next.Name }) });
        await ChangeSignal.PublishAsync(db, DeliveryRunner.Topic, 0, cancel);
        return true;
    }

    /// <summary>The same person, if that way knows them; else whoever it speaks to.</summary>
    private async Task<IReadOnlyList<(string Address, string? Person)>> TargetsAsync(OpsDbContext db, Delivery delivery, Channel next, CancellationToken cancel)
    {
        if (kinds.SettingsOf(next) is not { } settings) return [];
        var kind = kinds.Find(next.Type)!;
        if (delivery.Person is { } name && await db.Set<People.Person>().AsNoTracking().FirstOrDefaultAsync(p => p.Name == name, cancel) is { } person && kind.AddressOf(settings, person) is { Length: > 0 } own) return [(own, name)];
        return [.. kind.Recipients(settings).Select(r => (r.Address, (string?)null))];
    }

    private static async Task<(HashSet<string> Broken, Dictionary<string, List<string>> Graph)> GroundAsync(OpsDbContext db, CancellationToken cancel)
    {
        var open = await db.Incidents.AsNoTracking().Where(i => i.State != IncidentState.Resolved).Select(i => new { i.Service, i.Impact }).ToListAsync(cancel);
        var services = await db.Services.AsNoTracking().Select(s => new { s.Name, s.DependsOn }).ToListAsync(cancel);
        return (open.SelectMany(i => i.Impact.Append(i.Service ?? "")).Where(s => s.Length > 0).ToHashSet(StringComparer.Ordinal), services.ToDictionary(s => s.Name, s => s.DependsOn, StringComparer.Ordinal));
    }

    private static HashSet<string> StandsOn(Channel channel, Dictionary<string, List<string>> graph)
    {
        var all = new HashSet<string>(channel.DependsOn, StringComparer.Ordinal);
        var next = new Queue<string>(all);
        while (next.TryDequeue(out var service))
            foreach (var below in graph.GetValueOrDefault(service) ?? [])
                if (all.Add(below)) next.Enqueue(below);
        return all;
    }
}
