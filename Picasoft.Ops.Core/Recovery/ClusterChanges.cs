using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Recovery;

/// <summary>Something that happened to a cluster between two looks: written onto the incidents it may explain.</summary>
public sealed record ClusterEvent(DateTimeOffset At, Phrase Words);

/// <summary>What is different since the look before. Pure.</summary>
public static class ClusterChanges
{
    /// <summary>Most events that are remembered of one cluster.</summary>
    public const int Kept = 50;

    /// <summary>Most events on one incident: a cluster that comes and goes all night must not bury it.</summary>
    public const int MostPerIncident = 200;

    /// <summary>How long before an incident opened something may have happened that explains it: what fails is confirmed first, and failover takes its seconds.</summary>
    public static readonly TimeSpan Before = TimeSpan.FromMinutes(2);

    /// <param name="leader">Who led when somebody last did.</param>
    public static IReadOnlyList<ClusterEvent> Between(string cluster, string? leader, ClusterView? before, ClusterView now)
    {
        if (before is null) return [];
        var words = new List<Phrase>();
        if (now.Leader is { } leads && leader is not null && leads != leader) words.Add(Phrase.Of("cluster.moved", cluster, leader, leads));
        // The engine's own word of it comes with it, or a little later. Where nothing was known before (its first, or nobody answered), what is old is no news.
        if (now.History.Count > 0 && now.History[^1] is var last && last.At > (before.History.Count > 0 ? before.History[^1].At : before.At - Before)) words.Add(Phrase.Of("cluster.event_history", cluster, last.Leader, last.At, last.Timeline, last.Reason));
        foreach (var member in now.Members)
            if (before.Members.FirstOrDefault(m => m.Name == member.Name) is { } then && then.Answers != member.Answers) words.Add(Phrase.Of(member.Answers ? "cluster.event_answers" : "cluster.event_silent", cluster, member.Name));
        foreach (var way in Ways(now).Except(Ways(before)).Where(w => before.Backends.Any(b => b.Member == w.Member)).GroupBy(w => (w.Proxy, w.To)))
            words.Add(Phrase.Of(way.Key.To.Length == 0 ? "cluster.event_no_way" : "cluster.event_way", cluster, way.Key.Proxy, way.Key.To, string.Join(", ", way.Select(w => w.Member))));
        var (said, saying) = (Troubles(before), Troubles(now));
        // That somebody is silent has been said above.
        words.AddRange(saying.Where(p => p.Key is not ("cluster.member_silent" or "cluster.nothing_behind") && !said.Exists(q => q.Key == p.Key && AboutOf(q) == AboutOf(p))).Select(p => Phrase.Of("cluster.event_began", cluster, p)));
        return [.. words.Select(w => new ClusterEvent(now.At, w))];
    }

    /// <summary>Where each machine's HAProxy sends what comes for a backend; to nobody: empty.</summary>
    private static IEnumerable<(string Member, string Proxy, string To)> Ways(ClusterView view) =>
        view.Backends.GroupBy(b => (b.Member, b.Proxy)).Select(g => (g.Key.Member, g.Key.Proxy, string.Join(", ", g.Where(b => b.IsUp).Select(b => b.Server))));

    private static string? AboutOf(Phrase words) => words.Args is [var first, ..] ? first : null;

    private static List<Phrase> Troubles(ClusterView view) => [.. view.Findings.Where(f => f.Level > FindingLevel.Note || f.Words.Key.StartsWith("cluster.why.", StringComparison.Ordinal) && f.Words.Key != "cluster.why.leads").Select(f => f.Words)];
}
