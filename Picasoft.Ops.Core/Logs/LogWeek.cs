using System.Text;
using Picasoft.Ops.Core.Logs.Matching;
using Picasoft.Ops.Core.Logs.Patterns;

namespace Picasoft.Ops.Core.Logs;

/// <summary>How many lines of a kind one machine's program wrote.</summary>
/// <param name="Level">Syslog's severity of the worst, 0 to 7.</param>
/// <param name="Text">The kind, with holes.</param>
/// <param name="Hours">How many came when.</param>
public sealed record HeardKind(string Host, string App, int Level, string Text, IReadOnlyList<(DateTimeOffset Hour, long Lines)> Hours);

/// <summary>How a rule would have done.</summary>
/// <param name="Kept">Lines that were kept, whichever rule wanted them.</param>
/// <param name="Matched">Of these, what it looks for.</param>
/// <param name="Fires">Alerts that it would have begun on them; null: that cannot be told.</param>
/// <param name="Kinds">Kinds of lines that it looks for, of all that were heard.</param>
/// <param name="Lines">Lines of these kinds.</param>
/// <param name="Hours">Hours in which they came.</param>
/// <param name="HeardFires">About how often it would have fired on all that were heard, counted by the hour (<see cref="HourlyTrial"/>); null: that cannot be told.</param>
/// <param name="Known">Over how long lines were counted, seven days at most.</param>
public sealed record LogWeekTrial(int Kept, int Matched, int? Fires, int Kinds, long Lines, int Hours, int? HeardFires, TimeSpan Known);

/// <summary>
/// What is known of the last days, there being no log store: the lines that rules wanted, and of all others how many came of each kind in each hour. Enough to say on how many lines a
/// rule would have looked and about how often it would have fired, and, where other rules wanted them too, exactly how often.
/// </summary>
/// <param name="At">When they were read.</param>
public sealed record LogWeek(IReadOnlyList<LogEvidence> Lines, IReadOnlyList<HeardKind> Kinds, DateTimeOffset At)
{
    public const int Days = 7, MaxLines = 5000, MaxKinds = 20_000, MaxHours = 500_000;

    /// <summary>Over how long lines were counted. Known once: a rule is tried at every pause of whoever writes it.</summary>
    private TimeSpan Known { get; } = Since(Kinds, At);

    public static LogWeek Empty { get; } = new([], [], DateTimeOffset.UnixEpoch);

    public LogWeekTrial Try(LogRuleInput input)
    {
        var (matched, fires) = LogTrial.Replay(input, Lines, At);
        var rule = new CompiledRule(0, input);
        var meant = Kinds.Where(k => k.Level <= (int)rule.MaxSeverity && rule.Wants(Encoding.UTF8.GetBytes(k.Host), Encoding.UTF8.GetBytes(k.App)) && IsMeant(rule, k.Text)).ToList();
        var hours = meant.SelectMany(k => k.Hours).GroupBy(h => h.Hour).Select(g => (Hour: g.Key, Lines: g.Sum(h => h.Lines))).OrderBy(h => h.Hour).ToList();
        return new(Lines.Count, matched, fires, meant.Select(k => (k.App, k.Text)).Distinct().Count(), hours.Sum(h => h.Lines), hours.Count, HourlyTrial.Fires(input, hours, At), Known);
    }

    private static TimeSpan Since(IReadOnlyList<HeardKind> kinds, DateTimeOffset at)
    {
        var known = at - kinds.SelectMany(k => k.Hours).Select(h => h.Hour).DefaultIfEmpty(at).Min();
        return TimeSpan.FromTicks(Math.Clamp(known.Ticks, 0, TimeSpan.FromDays(Days).Ticks));
    }

    // What stands in a hole is not known: a number is the best guess, since most are.
    private static bool IsMeant(CompiledRule rule, string text)
    {
        var guess = text.Replace(Pattern.Hole, "1", StringComparison.Ordinal);
        return (rule.Match.IsMatch(text) || rule.Match.IsMatch(guess)) && rule.Unless?.IsMatch(guess) != true;
    }
}
