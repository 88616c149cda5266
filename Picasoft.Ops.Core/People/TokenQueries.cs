using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.People;

/// <summary>Finds the token of a request. What was found is kept for some seconds, and forgotten at once when a token changes anywhere.</summary>
public sealed class TokenQueries : IDisposable
{
    private static readonly TimeSpan _fresh = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan _usedEvery = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);
    private readonly IDbContextFactory<OpsDbContext> _contexts;
    private readonly TimeProvider _time;
    private readonly IDisposable _subscription;

    public TokenQueries(IDbContextFactory<OpsDbContext> contexts, ChangeSignal signal, TimeProvider time)
    {
        (_contexts, _time) = (contexts, time);
        _subscription = signal.Subscribe(_ => _known.Clear(), TokenActions.Topic);
    }

    /// <summary>The token, if it is valid now; notes its use, to the minute.</summary>
    public async Task<ApiToken?> FindAsync(string text, CancellationToken cancel)
    {
        if (text.Length is 0 or > 512) return null;
        var now = _time.GetUtcNow();
        var hash = ApiToken.HashOf(text);
        if (!_known.TryGetValue(hash, out var known) || now - known.ReadAt > _fresh || known.ReadAt > now)
        {
            await using var db = await _contexts.CreateDbContextAsync(cancel);
            // Only tokens that exist are kept: a stranger's guesses cost a look-up by key, and no memory.
            if (await db.ApiTokens.AsNoTracking().FirstOrDefaultAsync(t => t.Hash == hash, cancel) is not { } token) return null;
            known = _known[hash] = new(token, now);
            await NoteUseAsync(db, token, now, cancel);
        }
        return known.Token.IsValidAt(now) ? known.Token : null;
    }

    public void Dispose() => _subscription.Dispose();

    private static async Task NoteUseAsync(OpsDbContext db, ApiToken token, DateTimeOffset now, CancellationToken cancel)
    {
        if (!token.IsValidAt(now) || token.LastUsedAt > now - _usedEvery) return;
        try
        {
            await db.ApiTokens.Where(t => t.Id == token.Id && (t.LastUsedAt == null || t.LastUsedAt < now - _usedEvery))
                .ExecuteUpdateAsync(s => s.SetProperty(t => t.LastUsedAt, now), cancel);
        }
        catch (Exception e) when (StoreAway.Is(e)) { } // what is asked for matters more than the minute it was asked at
    }

    private sealed record Known(ApiToken Token, DateTimeOffset ReadAt);
}
