using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.People;

namespace Picasoft.Ops.Core.Escalations;

/// <summary>Who can be told, and how: the channels that are switched on, people by the ways they want, and who is on call. Pure.</summary>
/// <param name="everybody">Every recipient of every channel that is switched on.</param>
/// <param name="people">How each person is reached, by name.</param>
/// <param name="onCall">Who is on call when.</param>
/// <param name="unreadable">Channels that are switched on and whose settings this node cannot read: nobody knows any more to whom they speak.</param>
public sealed class AddressBook(
    IReadOnlyList<NoticeTarget> everybody, IReadOnlyDictionary<string, IReadOnlyList<NoticeTarget>>? people = null, OnCallBook? onCall = null, IReadOnlyList<string>? unreadable = null)
{
    public IReadOnlyList<NoticeTarget> Everybody => everybody;

    /// <param name="channels">Those that are switched on.</param>
    public static AddressBook Of(IReadOnlyList<Channel> channels, ChannelKinds kinds, IEnumerable<Person> people, OnCallBook? onCall = null)
    {
        var read = channels.Select(c => (Channel: c, Settings: kinds.SettingsOf(c))).ToLookup(c => c.Settings is not null);
        var usable = read[true].Select(c => (c.Channel, Settings: c.Settings!, Kind: kinds.Find(c.Channel.Type)!)).ToList();
        return new(
            [.. usable.SelectMany(c => c.Kind.Recipients(c.Settings).Select(r => new NoticeTarget(c.Channel.Id, c.Channel.Name, r.Address) { IsFolded = c.Channel.FoldStorms && c.Kind.IsForPeople }))],
            people.Where(p => p.IsActive).GroupBy(p => p.Name, StringComparer.Ordinal).ToDictionary(g => g.Key, IReadOnlyList<NoticeTarget> (g) => WaysTo(g.First(), usable), StringComparer.Ordinal),
            onCall,
            [.. read[false].Select(c => c.Channel.Name)]);
    }

    /// <summary>Whom these name at an instant, each once; what is switched off or gone names nobody, and who is out of their hours neither.</summary>
    public IReadOnlyList<NoticeTarget> Find(IReadOnlyList<NotifyTarget> names, DateTimeOffset at) =>
        [.. names.Where(n => n.Hours?.Allows(at) != false).OrderBy(n => n.Digest is not null).SelectMany(n => Find(n, at).Select(t => n.Digest is null ? t : t with { Digest = n.Digest })).Distinct()]; // at once, if one of them says so

    /// <summary>The same target, with whose it is when that is known.</summary>
    public NoticeTarget Known(NoticeTarget target) => people?.Values.SelectMany(w => w).FirstOrDefault(w => w.Equals(target)) ?? everybody.FirstOrDefault(w => w.Equals(target)) ?? target;

    /// <summary>The channels among these that cannot be read.</summary>
    public IReadOnlyList<string> Unreadable(IReadOnlyList<NotifyTarget> names, DateTimeOffset at) =>
        [.. (unreadable ?? []).Where(c => names.Any(n => n.Kind == NotifyTarget.Everybody || (n.Kind == NotifyTarget.Channel && n.Name == c) || (n.Kind is NotifyTarget.Person or NotifyTarget.Schedule && !Find(n, at).Any())))];

    /// <summary>The schedules among these in which nobody is on call.</summary>
    public IReadOnlyList<string> Empty(IReadOnlyList<NotifyTarget> names, DateTimeOffset at) =>
        [.. names.Where(n => n.Kind == NotifyTarget.Schedule && onCall?.At(n.Name, at) is not { Count: > 0 }).Select(n => n.Name)];

    private IEnumerable<NoticeTarget> Find(NotifyTarget target, DateTimeOffset at) => target.Kind switch
    {
        NotifyTarget.Everybody => everybody,
        NotifyTarget.Channel => everybody.Where(t => t.ChannelName == target.Name),
        NotifyTarget.Person => Ways(target.Name),
        NotifyTarget.Schedule => (onCall?.At(target.Name, at) ?? []).SelectMany(Ways),
        _ => [],
    };

    private IReadOnlyList<NoticeTarget> Ways(string person) => people?.GetValueOrDefault(person) ?? [];

    /// <summary>The ways somebody chose; when none of these works, mail; when there is none, whatever knows them.</summary>
    private static List<NoticeTarget> WaysTo(Person person, List<(Channel Channel, object Settings, IChannel Kind)> channels)
    {
        var ways = channels.Select(c => (c.Channel, c.Kind, Address: c.Kind.AddressOf(c.Settings, person))).Where(w => w.Address is { Length: > 0 })
            .Select(w => (w.Channel, Target: new NoticeTarget(w.Channel.Id, w.Channel.Name, w.Address!) { Person = person.Name, Quiet = person.Contacts.Quiet, IsFolded = w.Channel.FoldStorms && w.Kind.IsForPeople })).ToList();
        var chosen = ways.Where(w => person.Contacts.Through.Contains(w.Channel.Name, StringComparer.Ordinal)).Select(w => w.Target).ToList();
        if (chosen.Count > 0) return chosen;
        return (ways.Find(w => w.Channel.Type == "email").Target ?? ways.FirstOrDefault().Target) is { } one ? [one] : [];
    }
}
