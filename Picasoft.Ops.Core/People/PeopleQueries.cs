using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.People;

/// <summary>Reads who can sign in.</summary>
public sealed class PeopleQueries(IDbContextFactory<OpsDbContext> contexts)
{
    public async Task<Person?> FindAsync(long id, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.People.AsNoTracking().FirstOrDefaultAsync(p => p.Id == id, cancel);
    }

    /// <summary>Somebody active, by name or e-mail address; an exact name comes first.</summary>
    public async Task<Person?> FindActiveAsync(string nameOrEmail, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var email = nameOrEmail.Trim().ToUpperInvariant();
        var name = nameOrEmail.Trim();
        return await db.People.AsNoTracking().Where(p => p.IsActive && (p.Name == name || p.NormalizedEmail == email)).OrderByDescending(p => p.Name == name).ThenBy(p => p.Id).FirstOrDefaultAsync(cancel);
    }

    /// <summary>Everybody, those who left last.</summary>
    public async Task<List<Person>> AllAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.People.AsNoTracking().OrderByDescending(p => p.IsActive).ThenBy(p => p.Name).ToListAsync(cancel);
    }

    /// <summary>The names of everybody, those who left last.</summary>
    public async Task<List<string>> NamesAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.People.OrderByDescending(p => p.IsActive).ThenBy(p => p.Name).Select(p => p.Name).ToListAsync(cancel);
    }

    /// <summary>All tokens, the revoked ones last.</summary>
    public async Task<List<ApiToken>> TokensAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.ApiTokens.AsNoTracking().OrderBy(t => t.RevokedAt != null).ThenBy(t => t.Name).ThenByDescending(t => t.Id).ToListAsync(cancel);
    }
}
