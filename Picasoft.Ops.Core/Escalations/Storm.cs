namespace Picasoft.Ops.Core.Escalations;

/// <summary>
/// So many incidents at once that nobody reads one message of each: from the sixth within two minutes on, what is to be told at one address is one message each half minute, with
/// counts, as long as the storm lasts. Programs still get every message.
/// </summary>
public sealed class Storm(IReadOnlyList<StormTold> lately)
{
    /// <summary>So many incidents are told one by one.</summary>
    public const int Most = 5;

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(2);

    /// <summary>How long a message waits for more, at most.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private readonly Dictionary<NoticeTarget, HashSet<long>> _incidents = lately.GroupBy(l => l.Target).ToDictionary(g => g.Key, g => g.Select(l => l.Incident).ToHashSet());
    private readonly Dictionary<NoticeTarget, DateTimeOffset> _waiting = lately.Where(l => l.WaitsUntil is not null).GroupBy(l => l.Target).ToDictionary(g => g.Key, g => g.Min(l => l.WaitsUntil!.Value));

    /// <summary>Until when what is to be told of an incident now waits for more; null: it is told at once. What was asked counts from then on.</summary>
    public DateTimeOffset? Until(NoticeTarget target, long incident, DateTimeOffset now)
    {
        if (!target.IsFolded) return null;
        if (!_incidents.TryGetValue(target, out var incidents)) _incidents[target] = incidents = [];
        incidents.Add(incident);
        if (incidents.Count <= Most) return null;
        if (!_waiting.TryGetValue(target, out var until) || until < now) _waiting[target] = until = now + Pause;
        return until;
    }
}

/// <summary>What was decided lately.</summary>
/// <param name="WaitsUntil">When it is sent with others; null: it does not wait.</param>
public sealed record StormTold(NoticeTarget Target, long Incident, DateTimeOffset? WaitsUntil);
