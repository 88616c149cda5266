using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>Somebody says how they want to be reached: through channels that there are.</summary>
public sealed class ContactActions(IDbContextFactory<OpsDbContext> contexts, PersonActions people)
{
    public async Task<Outcome<Person>> SetAsync(long person, PersonContacts contacts, Actor actor, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var known = await db.Channels.Select(c => c.Name).ToListAsync(cancel);
        var unknown = contacts.Through.Index().Where(t => !known.Contains(t.Item, StringComparer.Ordinal)).Select(t => new FieldError($"through[{t.Index}]", Phrase.Of("channel.no_such", t.Item, string.Join(", ", known)))).ToList();
        return unknown.Count > 0 ? Refusal.Invalid(unknown) : await people.SetContactsAsync(person, contacts, actor, cancel);
    }
}
