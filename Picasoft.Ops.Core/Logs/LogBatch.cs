using Picasoft.Ops.Core.Logs.Matching;
using Picasoft.Ops.Core.Logs.Windows;

namespace Picasoft.Ops.Core.Logs;

/// <summary>Why lines were lost.</summary>
public enum LogLoss
{
    /// <summary>Datagrams came faster than they could be read; the kernel counted them.</summary>
    Datagrams,
    /// <summary>Lines longer than we keep were cut.</summary>
    Cut,
    /// <summary>More different values than a rule can count apart.</summary>
    Keys,
    /// <summary>Lines to be kept, while the database was away for too long.</summary>
    Evidence,
    /// <summary>Connections beyond the limit.</summary>
    Connections,
}

/// <summary>What came since the last time it was stored. Bounded; guarded by a lock of <see cref="LogIntake"/>.</summary>
internal sealed class LogBatch
{
    /// <summary>Most pairs of rule and key.</summary>
    public const int MaxKeys = 10_000;

    /// <summary>Most lines that wait to be stored.</summary>
    public const int MaxPending = 5_000;

    /// <summary>A rule's first lines are all kept; then so many a minute, while all are counted.</summary>
    private const int Burst = 50, PerMinute = 10;

    private Dictionary<long, (double Left, DateTimeOffset At)> _budgets = [];

    public Dictionary<(long Rule, string Key), LogTallies> Tallies { get; private set; } = [];

    public List<PendingEvidence> Pending { get; } = [];

    public Dictionary<LogLoss, long> Losses { get; } = [];

    public Dictionary<string, string> Positions { get; } = new(StringComparer.Ordinal);

    public bool IsEmpty => Tallies.Count == 0 && Losses.Count == 0 && Positions.Count == 0;

    /// <summary>Counts a line.</summary>
    /// <returns>Whether it should be kept as well.</returns>
    public bool Add(CompiledRule rule, LogRole role, string key, DateTimeOffset at)
    {
        if (!Tallies.TryGetValue((rule.Id, key), out var tallies))
        {
            if (Tallies.Count >= MaxKeys)
            {
                Losses[LogLoss.Keys] = Losses.GetValueOrDefault(LogLoss.Keys) + 1;
                return false;
            }
            Tallies[(rule.Id, key)] = tallies = new(rule);
        }
        tallies.Add(role, at);
        if (role != LogRole.Match) return false;
        var (left, since) = _budgets.GetValueOrDefault(rule.Id, (Burst, at));
        left = Math.Min(Burst, left + Math.Max(0, (at - since).TotalMinutes) * PerMinute);
        _budgets[rule.Id] = (left >= 1 ? left - 1 : left, at > since ? at : since);
        if (left < 1) return false;
        if (Pending.Count < MaxPending) return true;
        Losses[LogLoss.Evidence] = Losses.GetValueOrDefault(LogLoss.Evidence) + 1;
        return false;
    }

    public void Keep(PendingEvidence pending, CompiledRule rule, string key)
    {
        Pending.Add(pending);
        if (Tallies.TryGetValue((rule.Id, key), out var tallies)) tallies.Line = pending.Row.Text;
    }

    public void TakeBudgets(LogBatch from) => _budgets = from._budgets;

    /// <summary>Takes back what could not be stored.</summary>
    public void Return(LogBatch batch, IReadOnlyList<LogEvidence> kept)
    {
        foreach (var (key, old) in batch.Tallies)
        {
            if (Tallies.TryGetValue(key, out var newer)) newer.Precede(old);
            else if (Tallies.Count < MaxKeys) Tallies[key] = old;
            else Losses[LogLoss.Keys] = Losses.GetValueOrDefault(LogLoss.Keys) + 1;
        }
        foreach (var (loss, count) in batch.Losses) Losses[loss] = Losses.GetValueOrDefault(loss) + count;
        foreach (var (source, position) in batch.Positions) Positions.TryAdd(source, position);
        var room = Math.Max(0, MaxPending - Pending.Count);
        Pending.InsertRange(0, kept.Take(room).Select(row => new PendingEvidence(row, row.At, 0)));
        if (kept.Count > room) Losses[LogLoss.Evidence] = Losses.GetValueOrDefault(LogLoss.Evidence) + kept.Count - room;
    }
}

/// <summary>The lines of one rule and key, by the second.</summary>
internal sealed class LogTallies(CompiledRule rule)
{
    /// <summary>Most instants kept apart while the database is away.</summary>
    private const int MaxEvents = 1000;

    private static readonly TimeSpan _together = TimeSpan.FromMilliseconds(100);

    public CompiledRule Rule { get; } = rule;

    public List<RuleEvent> Events { get; } = [];

    /// <summary>The last line that is kept, masked.</summary>
    public string? Line { get; set; }

    public long Matches => Events.Where(e => e.Role == LogRole.Match).Sum(e => (long)e.Count);

    public void Add(LogRole role, DateTimeOffset at)
    {
        if (Events.Count > 0 && Events[^1] is var last && last.Role == role && ((at - last.At).Duration() < _together || Events.Count >= MaxEvents)) Events[^1] = last with { Count = last.Count + 1 };
        else if (Events.Count < MaxEvents) Events.Add(new(role, at));
        else Events[^1] = new(role, at);
    }

    public void Precede(LogTallies older)
    {
        Events.InsertRange(0, older.Events);
        if (Events.Count > MaxEvents) Events.RemoveRange(0, Events.Count - MaxEvents);
        Line ??= older.Line;
    }
}
