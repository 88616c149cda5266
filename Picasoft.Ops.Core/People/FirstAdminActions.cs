using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.People;

/// <summary>
/// The way in when nobody can sign in yet: a link that works once, for a day. Its key is sealed with the secret key, so it needs no row,
/// and any node that shares the secret key accepts it.
/// </summary>
public sealed class FirstAdminActions(OpsDbContext db, PersonActions actions, ISecretBox secrets, TimeProvider time)
{
    private const string Purpose = "first-admin ";

    /// <summary>How long a link works.</summary>
    public static readonly TimeSpan ValidFor = TimeSpan.FromDays(1);

    /// <summary>True while there is nobody.</summary>
    public async Task<bool> IsNeededAsync(CancellationToken cancel) => !await db.People.AnyAsync(cancel);

    /// <summary>The path of the page, with a key.</summary>
    public string NewPath() =>
        "/setup?key=" + Uri.EscapeDataString(secrets.Seal(Purpose + (time.GetUtcNow() + ValidFor).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)));

    /// <summary>Why a key opens nothing; null when it does.</summary>
    public async Task<Refusal?> CheckAsync(string? key, CancellationToken cancel)
    {
        if (!await IsNeededAsync(cancel)) return Refusal.Conflict(Phrase.Of("first_admin.exists"));
        return ExpiryOf(key) switch
        {
            null => Refusal.Forbidden(Phrase.Of("first_admin.wrong_key")),
            { } expiry when expiry <= time.GetUtcNow() => Refusal.Forbidden(Phrase.Of("first_admin.expired")),
            _ => null,
        };
    }

    /// <summary>Makes the first administrator of whoever has the key.</summary>
    public async Task<Outcome<Person>> CreateAsync(string? key, string email, string? name, string password, string? address, CancellationToken cancel)
    {
        await using var transaction = await BeginAloneAsync(cancel);
        if (await CheckAsync(key, cancel) is { } refusal) return refusal;
        var made = await actions.AddAsync(db, email, name, Role.Admin, password, Actor.System with { Address = address }, cancel);
        if (made.IsDone) await transaction.CommitAsync(cancel);
        return made;
    }

    /// <summary>Provisions a new store with nobody at the keyboard; does nothing to one that has people, or tokens.</summary>
    public async Task BootstrapAsync(OpsSettings settings, CancellationToken cancel)
    {
        await using var transaction = await BeginAloneAsync(cancel);
        if (settings.BootstrapAdmin is { IsEmpty: false } admin && await IsNeededAsync(cancel)) await AddAdminAsync(admin.Reveal(), cancel);
        if (settings.BootstrapToken is { IsEmpty: false } token && !await db.ApiTokens.AnyAsync(cancel)) await AddTokenAsync(token.Reveal().Trim(), cancel);
        await transaction.CommitAsync(cancel);
    }

    private async Task AddAdminAsync(string text, CancellationToken cancel)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0) throw new PlainError("OPS_BOOTSTRAP_ADMIN must be email:password.");
        var made = await actions.AddAsync(db, text[..colon], null, Role.Admin, text[(colon + 1)..].TrimEnd('\r', '\n'), Actor.System, cancel);
        if (made.Refusal is { } refusal) throw new PlainError($"OPS_BOOTSTRAP_ADMIN makes no administrator: {refusal}");
    }

    private async Task AddTokenAsync(string text, CancellationToken cancel)
    {
        if (text.Length < 32) throw new PlainError("OPS_BOOTSTRAP_TOKEN must have 32 characters or more: make one with openssl rand -hex 32.");
        var now = time.GetUtcNow();
        db.ApiTokens.Add(new() { Name = "bootstrap", Hash = ApiToken.HashOf(text), Prefix = text[..8], Scopes = Scopes.All, CreatedAt = now, CreatedBy = Actor.System.Name });
        db.Audit.Add(AuditEntry.Of(Actor.System, "token.add", "bootstrap", null, new { Scopes = Scopes.All }, now));
        await db.SaveChangesAsync(cancel);
    }

    /// <summary>Two nodes that start together, or two clicks on the link, make one administrator.</summary>
    private async Task<Microsoft.EntityFrameworkCore.Storage.IDbContextTransaction> BeginAloneAsync(CancellationToken cancel)
    {
        var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtext('picasoft-ops first admin'))", cancel);
        return transaction;
    }

    private DateTimeOffset? ExpiryOf(string? key)
    {
        try
        {
            var text = secrets.Open(key ?? "");
            return text.StartsWith(Purpose, StringComparison.Ordinal)
                ? DateTimeOffset.FromUnixTimeSeconds(long.Parse(text.AsSpan(Purpose.Length), CultureInfo.InvariantCulture)) : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
