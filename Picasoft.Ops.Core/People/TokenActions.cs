using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.People;

/// <summary>Makes and revokes the keys of programs.</summary>
public sealed class TokenActions(IDbContextFactory<OpsDbContext> contexts, TimeProvider time)
{
    /// <summary>Topic of <see cref="ChangeSignal"/>; the id is the token's.</summary>
    public const string Topic = "tokens";

    /// <summary>Makes a token; its text is in the answer and nowhere else.</summary>
    public async Task<Outcome<(ApiToken Token, string Text)>> CreateAsync(string name, Scopes scopes, DateTimeOffset? expiresAt, Actor by, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        name = name.Trim();
        List<FieldError> errors = [];
        if (name.Length is 0 or > 100 || name.Any(char.IsControl)) errors.Add(new("name", Phrase.Of("input.length", 1, 100)));
        if (scopes == Scopes.None || (scopes & ~Scopes.All) != Scopes.None) errors.Add(new("scopes", Phrase.Of("input.required")));
        if (expiresAt <= now) errors.Add(new("expiresAt", Phrase.Of("token.expiry_past")));
        if (errors.Count > 0) return Refusal.Invalid(errors);

        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtext('picasoft-ops tokens'))", cancel);
        if (await db.ApiTokens.AnyAsync(t => t.Name == name && t.RevokedAt == null, cancel)) return Refusal.Conflict(Phrase.Of("input.taken", name));
        var text = ApiToken.NewText();
        var token = new ApiToken
        {
            Name = name,
            Hash = ApiToken.HashOf(text),
            Prefix = text[..8],
            Scopes = scopes,
            CreatedAt = now,
            CreatedBy = by.Name,
            ExpiresAt = expiresAt?.ToUniversalTime(),
        };
        db.ApiTokens.Add(token);
        await SaveAsync(db, token, AuditEntry.Of(by, "token.add", name, null, new { scopes = token.Scopes, expiresAt = token.ExpiresAt }, now), cancel);
        await transaction.CommitAsync(cancel);
        return (token, text);
    }

    /// <summary>Ends a token; a second time changes nothing.</summary>
    public async Task<Outcome<ApiToken>> RevokeAsync(long id, Actor by, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var token = await db.ApiTokens.FromSql($"select * from api_tokens where id = {id} for update").SingleOrDefaultAsync(cancel);
        if (token is null) return Refusal.NotFound("token", id);
        if (token.RevokedAt is not null) return token;
        var now = time.GetUtcNow();
        token.RevokedAt = now;
        await SaveAsync(db, token, AuditEntry.Of(by, "token.revoke", token.Name, new { scopes = token.Scopes, expiresAt = token.ExpiresAt }, null, now), cancel);
        await transaction.CommitAsync(cancel);
        return token;
    }

    private static async Task SaveAsync(OpsDbContext db, ApiToken token, AuditEntry entry, CancellationToken cancel)
    {
        db.Audit.Add(entry);
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, Topic, token.Id, cancel);
    }
}
