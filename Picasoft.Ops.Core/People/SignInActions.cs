using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.People;

/// <summary>
/// Judges a name and a password. The audit log is the memory of mistakes: it is shared by all nodes and knows addresses that nobody has, too,
/// so a stranger learns nothing about who exists, neither from the answer nor from its time.
/// </summary>
public sealed class SignInActions(IDbContextFactory<OpsDbContext> contexts, IPasswordHasher<Person> hasher, ILookupNormalizer normalizer, TimeProvider time)
{
    public const string Done = "person.sign_in";
    public const string Failed = "person.sign_in_failed";

    private static readonly Person _nobody = new();
    private static string? _nobodysHash;

    public async Task<Outcome<Person>> SignInAsync(string email, string password, string? address, CancellationToken cancel)
    {
        email = email.Trim();
        if (email.Length > 256 || password.Length > PersonActions.LongestPassword || email.Contains('\0', StringComparison.Ordinal)) return Wrong();
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var now = time.GetUtcNow();
        var normalized = normalizer.NormalizeEmail(email);
        var target = email.ToLowerInvariant();
        if (await WaitUntilAsync(db, target, address, now, cancel) is { } until && until > now) return Refusal.Conflict(Phrase.Of("sign_in.wait", until - now));

        var person = await db.People.AsNoTracking().FirstOrDefaultAsync(p => p.NormalizedEmail == normalized, cancel);
        var hash = person?.PasswordHash ?? (_nobodysHash ??= hasher.HashPassword(_nobody, Guid.NewGuid().ToString()));
        var verdict = hasher.VerifyHashedPassword(person ?? _nobody, hash, password); // always, so that it takes as long for nobody
        var isRight = verdict != PasswordVerificationResult.Failed && person is { IsActive: true, PasswordHash: not null };

        var actor = isRight ? new Actor(ActorKind.Person, person!.Id, person.Name, address) : Actor.System with { Address = address };
        db.Audit.Add(AuditEntry.Of(actor, isRight ? Done : Failed, target, null, null, now));
        await db.SaveChangesAsync(cancel);
        return isRight ? person! : Wrong();
    }

    /// <summary>
    /// A stranger who tries an account must not lock its owner out: where the owner signed in before, only the mistakes made there count.
    /// Nor does the owner's success elsewhere forgive the stranger.
    /// </summary>
    private static async Task<DateTimeOffset?> WaitUntilAsync(OpsDbContext db, string target, string? address, DateTimeOffset now, CancellationToken cancel)
    {
        var known = await db.Audit.AnyAsync(a => a.Action == Done && a.Target == target && a.Address == address && a.At > now - TimeSpan.FromDays(30), cancel);
        var attempts = await db.Audit
            .Where(a => (a.Action == Failed || (a.Action == Done && known)) && a.At > now - SignInThrottle.Memory && a.Target == target && (!known || a.Address == address))
            .OrderByDescending(a => a.Id).Take(30).Select(a => new { a.Action, a.At }).ToListAsync(cancel);
        var mistakes = attempts.TakeWhile(a => a.Action == Failed).ToList();
        return mistakes.Count == 0 ? null : SignInThrottle.Until(mistakes.Count, mistakes[0].At);
    }

    private static Outcome<Person> Wrong() => Refusal.Forbidden(Phrase.Of("sign_in.wrong"));
}
