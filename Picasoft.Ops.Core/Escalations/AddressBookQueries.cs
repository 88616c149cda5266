using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Escalations;

/// <summary>What is read for an <see cref="AddressBook"/>.</summary>
internal static class AddressBookQueries
{
    /// <summary>How these people are reached, by name; nobody is on call in it.</summary>
    public static async Task<AddressBook> OfPeopleAsync(OpsDbContext db, ChannelKinds kinds, IReadOnlyCollection<string> names, CancellationToken cancel)
    {
        var channels = await db.Channels.AsNoTracking().Where(c => c.Enabled).OrderBy(c => c.Id).ToListAsync(cancel);
        return AddressBook.Of(channels, kinds, await db.People.AsNoTracking().Where(p => names.Contains(p.Name)).ToListAsync(cancel));
    }
}
