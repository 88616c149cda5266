using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>Links and buttons of messages work once: whoever clicks again is told who was first, also when two click at the same instant on two nodes.</summary>
public sealed class ClickActions(IDbContextFactory<OpsDbContext> contexts, TimeProvider time)
{
    // Longer than any of them is valid.
    private static readonly TimeSpan _remembered = AcknowledgeLink.Lifetime * 2;

    /// <summary>The first use of a link; null: it was not used.</summary>
    public async Task<MessageClick?> UsedAsync(string signed, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var key = KeyOf(signed);
        return await db.Set<MessageClick>().AsNoTracking().SingleOrDefaultAsync(c => c.Key == key, cancel);
    }

    /// <summary>Does what a click asks for, unless it was done; what is refused leaves the link as good as it was.</summary>
    /// <param name="signed">What makes this link or button itself, signature included.</param>
    /// <param name="act">Why not; null: done.</param>
    public async Task<Refusal?> OnceAsync(string signed, long incident, string action, Actor actor, Func<Task<Refusal?>> act, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var (key, now) = (KeyOf(signed), time.GetUtcNow());
        // Who comes second waits here until the first is done, or was refused.
        var isFirst = await db.Database.ExecuteSqlAsync($"insert into message_clicks (key, incident_number, action, by, at) values ({key}, {incident}, {action}, {actor.Name}, {now}) on conflict do nothing", cancel) > 0;
        if (!isFirst)
        {
            var first = await db.Set<MessageClick>().AsNoTracking().SingleAsync(c => c.Key == key, cancel);
            return Refusal.Conflict(Used(first));
        }
        if (await act() is { } refusal) return refusal;
        await db.Database.ExecuteSqlAsync($"delete from message_clicks where at < {now - _remembered}", cancel);
        await transaction.CommitAsync(CancellationToken.None);
        return null;
    }

    public static Phrase Used(MessageClick first) => Phrase.Of("click.used", first.By, first.At, Phrase.Of("message.action." + first.Action));

    private static string KeyOf(string signed) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(signed)));
}
