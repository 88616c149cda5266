using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.People;

namespace Picasoft.Ops.Core.Escalations;

/// <summary>Who can be told, and how: the channels that are switched on, and people by their mail address. Pure.</summary>
/// <param name="everybody">Every recipient of every channel that is switched on.</param>
/// <param name="people">Mail address of a person by name.</param>
/// <param name="mail">The channel that carries mail to a person; null when there is none.</param>
/// <param name="unreadable">Channels that are switched on and whose settings this node cannot read: nobody knows any more to whom they speak.</param>
public sealed class AddressBook(IReadOnlyList<NoticeTarget> everybody, IReadOnlyDictionary<string, string> people, Channel? mail, IReadOnlyList<string>? unreadable = null)
{
    public IReadOnlyList<NoticeTarget> Everybody => everybody;

    /// <param name="channels">Those that are switched on.</param>
    public static AddressBook Of(IReadOnlyList<Channel> channels, ChannelKinds kinds, IEnumerable<Person> people)
    {
        var read = channels.Select(c => (Channel: c, Settings: kinds.SettingsOf(c))).ToLookup(c => c.Settings is not null);
        return new(
            [.. read[true].SelectMany(c => kinds.Find(c.Channel.Type)!.Recipients(c.Settings!).Select(r => new NoticeTarget(c.Channel.Id, c.Channel.Name, r.Address)))],
            people.Where(p => p.Email is { Length: > 0 }).GroupBy(p => p.Name, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First().Email!, StringComparer.Ordinal),
            read[true].Select(c => c.Channel).FirstOrDefault(c => c.Type == "email"),
            [.. read[false].Select(c => c.Channel.Name)]);
    }

    /// <summary>Whom these name, each once; what is switched off or gone names nobody.</summary>
    public IReadOnlyList<NoticeTarget> Find(IReadOnlyList<NotifyTarget> names) => [.. names.SelectMany(Find).Distinct()];

    /// <summary>The channels among these that cannot be read.</summary>
    public IReadOnlyList<string> Unreadable(IReadOnlyList<NotifyTarget> names) =>
        [.. (unreadable ?? []).Where(c => names.Any(n => n.Kind == NotifyTarget.Everybody || (n.Kind == "channel" && n.Name == c) || (n.Kind == "person" && mail is null)))];

    private IEnumerable<NoticeTarget> Find(NotifyTarget target) => target.Kind switch
    {
        NotifyTarget.Everybody => everybody,
        "channel" => everybody.Where(t => t.ChannelName == target.Name),
        "person" when mail is not null && people.TryGetValue(target.Name, out var address) => [new(mail.Id, mail.Name, address)],
        _ => [],
    };
}
