using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.People;

/// <summary>Changes who can sign in.</summary>
public sealed class PersonActions(OpsDbContext db, UserManager<Person> people, TimeProvider time)
{
    /// <summary>Adds somebody.</summary>
    /// <param name="name">The name shown; null: the address up to its @.</param>
    public async Task<Outcome<Person>> AddAsync(string email, string? name, Role role, string password, Actor by, CancellationToken cancel)
    {
        email = email.Trim();
        var at = email.IndexOf('@', StringComparison.Ordinal);
        if (at <= 0 || at == email.Length - 1 || email.Any(char.IsWhiteSpace)) return Refusal.Invalid("email", Phrase.Of("person.email_invalid", email));
        if (password.Length < PeopleModule.ShortestPassword) return Refusal.Invalid("password", Phrase.Of("person.password_short", PeopleModule.ShortestPassword));

        // A transaction of our own unless the caller has one: the person and the line in the audit log come together or not at all.
        await using var own = db.Database.CurrentTransaction is null ? await db.Database.BeginTransactionAsync(cancel) : null;
        var person = new Person { UserName = email, Email = email, EmailConfirmed = true, Name = string.IsNullOrWhiteSpace(name) ? email[..at] : name.Trim(), Role = role, CreatedAt = time.GetUtcNow() };
        var made = await people.CreateAsync(person, password);
        if (made.Errors.Any(e => e.Code is nameof(IdentityErrorDescriber.DuplicateEmail) or nameof(IdentityErrorDescriber.DuplicateUserName)))
            return Refusal.Conflict(Phrase.Of("person.exists", email));
        if (!made.Succeeded) return Refusal.Invalid("", Phrase.Of("person.refused", string.Join(" ", made.Errors.Select(e => e.Description))));

        db.Audit.Add(AuditEntry.Of(by, "person.add", email, null, new { person.Email, person.Name, person.Role }, time.GetUtcNow()));
        await db.SaveChangesAsync(cancel);
        if (own is not null) await own.CommitAsync(cancel);
        return person;
    }
}
