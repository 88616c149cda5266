using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.People;

public sealed partial class PersonActions
{
    /// <summary>Somebody says how they want to be reached.</summary>
    public Task<Outcome<Person>> SetContactsAsync(long id, PersonContacts contacts, Actor by, CancellationToken cancel) =>
        ChangeAsync(id, "person.contacts", by, cancel, (_, person) =>
        {
            if (person.FromFile) return Task.FromResult<Refusal?>(Refusal.Conflict(Phrase.Of("refused.from_file", person.Name)));
            person.Contacts = contacts with { Mattermost = contacts.Mattermost?.TrimStart('@') };
            return Task.FromResult<Refusal?>(null);
        });

    /// <summary>Most browsers that one person has switched on; the oldest makes room.</summary>
    public const int MaxBrowsers = 10;

    /// <summary>Somebody lets a browser take pushes; one that is known already gets its new keys.</summary>
    public Task<Outcome<Person>> AddBrowserAsync(long id, PushBrowserInput browser, Actor by, CancellationToken cancel) =>
        ChangeAsync(id, "person.browser_add", by, cancel, (_, person) =>
        {
            person.Browsers = [.. person.Browsers.Where(b => b.Endpoint != browser.Endpoint).TakeLast(MaxBrowsers - 1), new(browser.Endpoint, browser.P256dh, browser.Auth, browser.Name, time.GetUtcNow())];
            return Task.FromResult<Refusal?>(null);
        });

    /// <summary>A browser takes no more pushes; null: none does.</summary>
    public Task<Outcome<Person>> RemoveBrowserAsync(long id, string? endpoint, Actor by, CancellationToken cancel) =>
        ChangeAsync(id, "person.browser_remove", by, cancel, (_, person) =>
        {
            person.Browsers = [.. person.Browsers.Where(b => endpoint is not null && b.Endpoint != endpoint)];
            return Task.FromResult<Refusal?>(null);
        });

    /// <summary>Where somebody's own calendar says when they cannot be on call.</summary>
    /// <param name="sealedUrl">Sealed: such an address opens a private calendar. Null: no more.</param>
    public Task<Outcome<Person>> SetAbsenceUrlAsync(long id, string? sealedUrl, Actor by, CancellationToken cancel) =>
        ChangeAsync(id, "person.absence_url", by, cancel, async (db, person) =>
        {
            (person.AbsenceUrl, person.AbsenceReadAt, person.AbsenceFault) = (sealedUrl, null, null);
            if (sealedUrl is null) await db.Database.ExecuteSqlAsync($"delete from absences where person_id = {id}", cancel);
            return null;
        });

    /// <summary>The addresses of somebody's calendar feeds work no longer; new ones do.</summary>
    public Task<Outcome<Person>> RenewFeedAsync(long id, Actor by, CancellationToken cancel) =>
        ChangeAsync(id, "person.renew_feed", by, cancel, (_, person) =>
        {
            person.FeedVersion++;
            return Task.FromResult<Refusal?>(null);
        });

    /// <summary>
    /// Makes somebody as the configuration file says, within the caller's transaction. Who is there already keeps password and history:
    /// a file that names the first administrator takes over their contacts, not their account.
    /// </summary>
    public async Task<Refusal?> ApplyFileAsync(OpsDbContext db, FilePersonInput input, Person? existing, Actor by, CancellationToken cancel)
    {
        await LockAsync(db, cancel);
        var normalized = normalizer.NormalizeEmail(input.Email);
        existing ??= await db.People.FirstOrDefaultAsync(p => p.NormalizedEmail == normalized, cancel);
        if (await db.People.AnyAsync(p => p.Name == input.Name && (existing == null || p.Id != existing.Id), cancel)) return Refusal.Invalid("name", Phrase.Of("input.taken", input.Name));
        if (await db.People.AnyAsync(p => p.NormalizedEmail == normalized && (existing == null || p.Id != existing.Id), cancel)) return Refusal.Invalid("email", Phrase.Of("person.exists", input.Email));
        var before = existing is null ? null : Shown(existing);
        var person = existing ?? db.People.Add(new() { Role = Role.Responder, CreatedAt = time.GetUtcNow(), SecurityStamp = NewStamp(), EmailConfirmed = true }).Entity;
        if (input.Role is { } role && role != Role.Admin && IsWorkingAdmin(person) && !await db.People.AnyAsync(p => p.Id != person.Id && p.IsActive && p.Role == Role.Admin && p.PasswordHash != null, cancel))
            return Refusal.Invalid("role", Phrase.Of("person.last_admin", person.Name));
        (person.Name, person.UserName, person.NormalizedUserName, person.Email, person.NormalizedEmail) = (input.Name, input.Email, normalized, input.Email, normalized);
        (person.Role, person.FileRole, person.Language, person.Contacts, person.FromFile, person.IsActive) = (input.Role ?? person.Role, input.Role, input.Language, input.Contacts(), true, true);
        person.ConcurrencyStamp = Guid.NewGuid().ToString();
        await SaveAsync(db, AuditEntry.Of(by, before is null ? "person.add" : "person.change", input.Email, before, Shown(person), time.GetUtcNow()), person, cancel);
        return null;
    }

    /// <summary>The file no longer names somebody: who can sign in stays, and is the page's; who never could does not.</summary>
    public async Task ReleaseFromFileAsync(OpsDbContext db, Person person, Actor by, CancellationToken cancel)
    {
        var before = Shown(person);
        (person.FromFile, person.FileRole) = (false, null);
        if (person.PasswordHash is null) (person.IsActive, person.SecurityStamp) = (false, NewStamp());
        person.ConcurrencyStamp = Guid.NewGuid().ToString();
        await SaveAsync(db, AuditEntry.Of(by, "person.change", person.Email ?? person.Name, before, Shown(person), time.GetUtcNow()), person, cancel);
    }
}
