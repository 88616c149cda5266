using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.People;

/// <summary>
/// Changes who can sign in. One context per change: these are called from pages that stay open for days.
/// Identity's own manager is not used here, for it keeps one context for as long as it lives; its tables, hashes and stamps are.
/// </summary>
public sealed partial class PersonActions(IDbContextFactory<OpsDbContext> contexts, IPasswordHasher<Person> hasher, ILookupNormalizer normalizer, IEnumerable<IPersonUser> users, TimeProvider time)
{
    /// <summary>Topic of <see cref="ChangeSignal"/>; the id is the person's.</summary>
    public const string Topic = "people";

    /// <summary>Longest password: hashing must not become a way to keep us busy.</summary>
    public const int LongestPassword = 200;

    /// <summary>Adds somebody.</summary>
    /// <param name="name">The name shown; null: the address up to its @.</param>
    /// <param name="password">Null: they choose one with an invitation.</param>
    public async Task<Outcome<Person>> AddAsync(string email, string? name, Role role, string? password, Actor by, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var made = await AddAsync(db, email, name, role, password, by, cancel);
        if (made.IsDone) await transaction.CommitAsync(cancel);
        return made;
    }

    /// <summary>The same within the caller's transaction.</summary>
    internal async Task<Outcome<Person>> AddAsync(OpsDbContext db, string email, string? name, Role role, string? password, Actor by, CancellationToken cancel)
    {
        email = email.Trim();
        List<FieldError> errors = [];
        var at = email.IndexOf('@', StringComparison.Ordinal);
        if (WrongEmail(email) is { } wrongEmail) errors.Add(wrongEmail);
        var shown = string.IsNullOrWhiteSpace(name) ? at > 0 ? email[..at] : "" : name.Trim();
        if (WrongName(shown) is { } wrongName) errors.Add(wrongName);
        if (password is not null && WrongPassword(password) is { } wrong) errors.Add(wrong);
        if (errors.Count > 0) return Refusal.Invalid(errors);

        var normalized = normalizer.NormalizeEmail(email);
        var person = new Person
        {
            UserName = email,
            NormalizedUserName = normalized,
            Email = email,
            NormalizedEmail = normalized,
            EmailConfirmed = true,
            Name = shown,
            Role = role,
            CreatedAt = time.GetUtcNow(),
            SecurityStamp = NewStamp(),
        };
        if (password is not null) person.PasswordHash = hasher.HashPassword(person, password);
        await LockAsync(db, cancel);
        if (await db.People.AnyAsync(p => p.NormalizedEmail == normalized, cancel)) return Refusal.Conflict(Phrase.Of("person.exists", email));
        if (await db.People.AnyAsync(p => p.Name == shown, cancel)) return Refusal.Conflict(Phrase.Of("input.taken", shown));
        db.People.Add(person);
        await SaveAsync(db, AuditEntry.Of(by, "person.add", email, null, Shown(person), time.GetUtcNow()), person, cancel);
        return person;
    }

    /// <summary>Changes what is given; null leaves it as it is. Somebody who is made inactive loses access within a minute.</summary>
    /// <param name="language"><c>fr</c>, <c>en</c>, or empty for the association's.</param>
    public Task<Outcome<Person>> ChangeAsync(long id, Actor by, CancellationToken cancel, string? name = null, Role? role = null, bool? isActive = null, string? language = null) =>
        ChangeAsync(id, "person.change", by, cancel, async (db, person) =>
        {
            if (person.FromFile && name is not null && name.Trim() != person.Name) return Refusal.Conflict(Phrase.Of("refused.from_file", person.Name));
            if (person.FileRole is not null && role is not null && role != person.FileRole) return Refusal.Conflict(Phrase.Of("refused.from_file", person.Name));
            if (name is not null && WrongName(name.Trim()) is { } wrong) return Refusal.Invalid([wrong]);
            if (language is not (null or "" or "fr" or "en")) return Refusal.Invalid("language", Phrase.Of("input.expected_choice", language, "fr, en"));
            if (name is not null && await db.People.AnyAsync(p => p.Name == name.Trim() && p.Id != id, cancel)) return Refusal.Conflict(Phrase.Of("input.taken", name.Trim()));
            if (name is not null && name.Trim() != person.Name && await UsesAsync(db, person.Name, cancel) is { Count: > 0 } uses) return Refusal.Conflict(Phrase.Of("inventory.in_use", person.Name, string.Join(", ", uses)));
            var staysAdmin = (role ?? person.Role) == Role.Admin && (isActive ?? person.IsActive);
            if (IsWorkingAdmin(person) && !staysAdmin && !await db.People.AnyAsync(p => p.Id != id && p.IsActive && p.Role == Role.Admin && p.PasswordHash != null, cancel))
                return Refusal.Conflict(Phrase.Of("person.last_admin", person.Name));
            person.Name = name?.Trim() ?? person.Name;
            person.Role = role ?? person.Role;
            person.Language = language is null ? person.Language : language.Length == 0 ? null : language;
            if (isActive is { } active && active != person.IsActive) (person.IsActive, person.SecurityStamp) = (active, NewStamp());
            return null;
        });

    /// <summary>Somebody chooses another password and knows the one they have. All other sessions end.</summary>
    public Task<Outcome<Person>> ChangePasswordAsync(long id, string current, string password, Actor by, CancellationToken cancel) =>
        ChangeAsync(id, "person.password", by, cancel, (_, person) =>
        {
            if (current.Length > LongestPassword || person.PasswordHash is null || hasher.VerifyHashedPassword(person, person.PasswordHash, current) == PasswordVerificationResult.Failed)
                return Task.FromResult<Refusal?>(Refusal.Invalid("current", Phrase.Of("person.password_wrong")));
            return Task.FromResult(SetPassword(person, password));
        });

    /// <summary>Sets a password for whoever holds an invitation that <paramref name="isValid"/> accepts, judged under the row's lock: it works once.</summary>
    internal Task<Outcome<Person>> AcceptAsync(long id, Func<Person, Refusal?> isValid, string password, string? address, CancellationToken cancel) =>
        ChangeAsync(id, "person.password", null, cancel, (_, person) => Task.FromResult(isValid(person) ?? SetPassword(person, password)), address);

    internal static Refusal? WrongNewPassword(string password) => WrongPassword(password) is { } wrong ? Refusal.Invalid([wrong]) : null;

    private async Task<Outcome<Person>> ChangeAsync(long id, string action, Actor? by, CancellationToken cancel, Func<OpsDbContext, Person, Task<Refusal?>> change, string? address = null)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await LockAsync(db, cancel);
        if (await db.People.FirstOrDefaultAsync(p => p.Id == id, cancel) is not { } person) return Refusal.NotFound("person", id);
        var before = Shown(person);
        if (await change(db, person) is { } refusal) return refusal;
        person.ConcurrencyStamp = Guid.NewGuid().ToString();
        by ??= new(ActorKind.Person, person.Id, person.Name, address);
        await SaveAsync(db, AuditEntry.Of(by, action, person.Email ?? person.Name, before, Shown(person), time.GetUtcNow()), person, cancel);
        await transaction.CommitAsync(cancel);
        return person;
    }

    private async Task<List<string>> UsesAsync(OpsDbContext db, string name, CancellationToken cancel)
    {
        List<string> uses = [];
        foreach (var user in users) uses.AddRange(await user.UsesAsync(db, name, cancel));
        uses.Sort(StringComparer.Ordinal);
        return uses;
    }

    private Refusal? SetPassword(Person person, string password)
    {
        if (WrongNewPassword(password) is { } refusal) return refusal;
        person.PasswordHash = hasher.HashPassword(person, password);
        person.SecurityStamp = NewStamp();
        return null;
    }

    private static async Task SaveAsync(OpsDbContext db, AuditEntry entry, Person person, CancellationToken cancel)
    {
        db.Audit.Add(entry);
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, Topic, person.Id, cancel);
    }

    /// <summary>Two changes at once could each leave the other as the last administrator: they go one after the other.</summary>
    private static Task<int> LockAsync(OpsDbContext db, CancellationToken cancel) =>
        db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtext('picasoft-ops people'))", cancel);

    private static bool IsWorkingAdmin(Person person) => person is { Role: Role.Admin, IsActive: true };

    internal static FieldError? WrongEmail(string email)
    {
        var at = email.IndexOf('@', StringComparison.Ordinal);
        return at <= 0 || at == email.Length - 1 || email.Length > 256 || email.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)) ? new("email", Phrase.Of("person.email_invalid", email)) : null;
    }

    private static FieldError? WrongName(string name) =>
        name.Length is 0 or > 100 || name.Any(char.IsControl) ? new("name", Phrase.Of("input.length", 1, 100)) : null;

    private static FieldError? WrongPassword(string password) => password.Length switch
    {
        < PeopleModule.ShortestPassword => new("password", Phrase.Of("person.password_short", PeopleModule.ShortestPassword)),
        > LongestPassword => new("password", Phrase.Of("input.too_long", LongestPassword)),
        _ => null,
    };

    private static string NewStamp() => Guid.NewGuid().ToString("N");

    private static object Shown(Person p) => new
    {
        p.Email,
        p.Name,
        p.Role,
        p.IsActive,
        p.Language,
        p.Contacts,
        // Of what opens something only that it is there.
        HasPassword = p.PasswordHash is not null,
        p.FromFile,
        Browsers = p.Browsers.Select(b => b.Name),
        HasAbsenceCalendar = p.AbsenceUrl is not null,
        p.FeedVersion,
    };
}
