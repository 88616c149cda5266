namespace Picasoft.Ops.Core.Notifications;

/// <summary>Which way a message takes when its own is down. Pure.</summary>
public static class Fallback
{
    /// <summary>The next channel that does not stand on the same ground: along the chain of <see cref="Channel.Fallback"/>, then those that scream. Null: there is none.</summary>
    /// <param name="failed">The one that cannot be used.</param>
    /// <param name="channels">All that are switched on.</param>
    /// <param name="broken">Services that are part of an open incident.</param>
    /// <param name="used">Names of the channels that carried, or were to carry, this message already.</param>
    /// <param name="standsOn">All services that a channel needs, also those behind what it names.</param>
    public static Channel? Next(Channel failed, IReadOnlyList<Channel> channels, IReadOnlySet<string> broken, IReadOnlySet<string> used, Func<Channel, IReadOnlySet<string>> standsOn)
    {
        var seen = new HashSet<string>(used, StringComparer.Ordinal) { failed.Name };
        for (var at = failed; at?.Fallback is { Length: > 0 } name;)
        {
            at = channels.FirstOrDefault(c => c.Name == name);
            if (at is null || !seen.Add(name)) break;
            if (IsSound(at)) return at;
        }
        return channels.FirstOrDefault(c => c.Scream && !seen.Contains(c.Name) && IsSound(c));

        bool IsSound(Channel channel) => channel.Enabled && !standsOn(channel).Overlaps(broken);
    }
}
