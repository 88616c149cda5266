using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.People;

/// <summary>
/// A link with which somebody chooses their password: for a new person, and for one who forgot it. Sealed with the secret key and bound
/// to the person's security stamp, which changes with the password: so it needs no row and works once.
/// </summary>
public sealed class InvitationActions(IDbContextFactory<OpsDbContext> contexts, PersonActions people, ISecretBox secrets, TimeProvider time)
{
    /// <summary>How long a link works.</summary>
    public static readonly TimeSpan ValidFor = TimeSpan.FromDays(3);

    private const string Purpose = "invitation";

    /// <summary>Adds somebody without a password.</summary>
    public async Task<Outcome<(Person Person, string Path)>> InviteAsync(string email, string? name, Role role, Actor by, CancellationToken cancel)
    {
        var made = await people.AddAsync(email, name, role, null, by, cancel);
        return made.Refusal is { } refusal ? refusal : (made.Value, PathFor(made.Value));
    }

    /// <summary>A new link for somebody who lost the link or the password. What they have goes on working until they use it.</summary>
    public async Task<Outcome<string>> RenewAsync(long id, Actor by, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        if (await db.People.FirstOrDefaultAsync(p => p.Id == id, cancel) is not { } person) return Refusal.NotFound("person", id);
        if (!person.IsActive) return Refusal.Conflict(Phrase.Of("person.inactive", person.Name));
        db.Audit.Add(AuditEntry.Of(by, "person.invite", person.Email ?? person.Name, null, new { validFor = ValidFor }, time.GetUtcNow()));
        await db.SaveChangesAsync(cancel);
        return PathFor(person);
    }

    /// <summary>Whose link it is.</summary>
    public async Task<Outcome<Person>> CheckAsync(string? key, CancellationToken cancel)
    {
        if (Parse(key) is not { } read) return Refusal.Forbidden(Phrase.Of("invitation.wrong_key"));
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var person = await db.People.AsNoTracking().FirstOrDefaultAsync(p => p.Id == read.Id, cancel);
        if (person is null || Judge(read, person) is not null) return Refusal.Forbidden(Phrase.Of("invitation.wrong_key"));
        return person;
    }

    public async Task<Outcome<Person>> AcceptAsync(string? key, string password, string? address, CancellationToken cancel) =>
        Parse(key) is { } read
            ? await people.AcceptAsync(read.Id, person => Judge(read, person), password, address, cancel)
            : Refusal.Forbidden(Phrase.Of("invitation.wrong_key"));

    private Refusal? Judge((long Id, string Stamp, DateTimeOffset Until) read, Person person) =>
        person.IsActive && person.SecurityStamp == read.Stamp && time.GetUtcNow() < read.Until ? null : Refusal.Forbidden(Phrase.Of("invitation.wrong_key"));

    private string PathFor(Person person) => "/setup?key=" + Uri.EscapeDataString(secrets.Seal(
        string.Create(CultureInfo.InvariantCulture, $"{Purpose} {person.Id} {person.SecurityStamp} {(time.GetUtcNow() + ValidFor).ToUnixTimeSeconds()}")));

    private (long Id, string Stamp, DateTimeOffset Until)? Parse(string? key)
    {
        try
        {
            return secrets.Open(key ?? "").Split(' ') is [Purpose, var id, var stamp, var until]
                ? (long.Parse(id, CultureInfo.InvariantCulture), stamp, DateTimeOffset.FromUnixTimeSeconds(long.Parse(until, CultureInfo.InvariantCulture))) : null;
        }
        catch (InvalidOperationException)
        {
            return null; // not sealed by us
        }
    }
}
