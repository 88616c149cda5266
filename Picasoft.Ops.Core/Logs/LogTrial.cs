using System.Text;
using Picasoft.Ops.Core.Logs.Matching;
using Picasoft.Ops.Core.Logs.Syslog;
using Picasoft.Ops.Core.Logs.Windows;

namespace Picasoft.Ops.Core.Logs;

/// <summary>Why a line was not for a rule.</summary>
public enum TrialOutcome
{
    /// <summary>It is what the rule looks for.</summary>
    Match,
    /// <summary>It is what should follow, or says that it is over.</summary>
    Answer,
    /// <summary>Another machine, program or severity.</summary>
    OtherSource,
    /// <summary>It matches, but also what excludes it.</summary>
    Excluded,
    NoMatch,
}

/// <summary>One line of a sample.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Fields">What was taken out of it; empty unless it matched.</param>
/// <param name="Fires">With this line the rule would begin an alert, or because nothing came after it in time.</param>
public sealed record TrialLine(int Number, string Line, DateTimeOffset At, string Host, string App, string Text, TrialOutcome Outcome, IReadOnlyDictionary<string, string> Fields, bool Fires);

/// <summary>
/// A rule tried on a text, as if its lines came in now: with headers as syslog has them or without. Where a sample says no program, it is taken to be
/// the rule's: people paste the text alone. Pure.
/// </summary>
public static class LogTrial
{
    /// <summary>Most lines that are looked at.</summary>
    public const int MaxLines = 2000;

    /// <summary>
    /// The rule on lines that are kept: how often it would have fired. What no rule wanted is not kept, and cannot be counted; so of what should follow a line, and of what is usual, nothing is known.
    /// </summary>
    /// <param name="until">So far silence counts, too.</param>
    /// <returns>Fires: null where it cannot be told.</returns>
    public static (int Matched, int? Fires) Replay(LogRuleInput input, IEnumerable<LogEvidence> lines, DateTimeOffset until)
    {
        var rule = new CompiledRule(0, input);
        var (matcher, scratch, hits, memory) = (new LogMatcher([rule]), new LogScratch(), new List<LogHit>(), new Memory(input));
        var (matched, fires) = (0, 0);
        var isKnown = input.FollowedBy is null && input.Unusual is null;
        foreach (var line in lines.DistinctBy(l => (l.At, l.Host, l.App, l.Text)).OrderBy(l => l.At))
        {
            if (!rule.Wants(Encoding.UTF8.GetBytes(line.Host), Encoding.UTF8.GetBytes(line.App))) continue;
            if (isKnown) fires += memory.Waited(line.At).Count;
            matcher.Match(new LogLine { Text = Encoding.UTF8.GetBytes(line.Text), Severity = line.Severity, Received = line.At }, scratch, hits);
            foreach (var hit in hits)
            {
                if (hit.Role == LogRole.Match) matched++;
                if (isKnown && memory.Hear(LogFields.Key(input.By(), LogFields.Extract(rule.Of(hit.Role)!, line.Host, line.App, line.Text)), hit.Role, line.At, 0)) fires++;
            }
        }
        if (isKnown) fires += memory.Waited(until).Count;
        return (matched, isKnown ? fires : null);
    }

    public static IReadOnlyList<TrialLine> Run(LogRuleInput input, string sample, DateTimeOffset now)
    {
        var rule = new CompiledRule(0, input);
        var (matcher, scratch, hits, memory) = (new LogMatcher([rule]), new LogScratch(), new List<LogHit>(), new Memory(input));
        var lines = new List<TrialLine>();
        foreach (var (number, written) in sample.Split('\n').Take(MaxLines).Index())
        {
            if (string.IsNullOrWhiteSpace(written)) continue;
            var bytes = Encoding.UTF8.GetBytes(written.TrimEnd('\r'));
            var line = SyslogLine.Parse(bytes, default, now, LogOrigin.Sample);
            if (line.Stamp.IsEmpty && bytes[0] != '<') line = new() { Text = bytes, Received = now, Severity = LogSeverity.Emergency, Origin = LogOrigin.Sample }; // the text alone
            var (host, app, text) = (LogFields.Text(line.Host), LogFields.Text(line.App), LogFields.Text(line.Text));
            var at = LogTime.TryParse(line.Stamp, now, TimeZoneInfo.Local, out var said) ? said : now;
            foreach (var after in memory.Waited(at)) lines[after] = lines[after] with { Fires = true };
            var wanted = (line.App.IsEmpty || rule.Wants(line.Host, line.App)) && line.Severity <= rule.MaxSeverity;
            hits.Clear();
            if (wanted) matcher.Match(line, scratch, hits);
            var role = hits.Count == 0 ? LogRole.None : hits[0].Role;
            var fields = role == LogRole.None ? new Dictionary<string, string>(StringComparer.Ordinal) : LogFields.Extract(rule.Of(role)!, host, app, text);
            var fires = false;
            foreach (var hit in hits)
            {
                var key = LogFields.Key(input.By(), LogFields.Extract(rule.Of(hit.Role)!, host, app, text));
                fires |= memory.Hear(key, hit.Role, at, lines.Count);
            }
            var outcome = role switch
            {
                LogRole.Match => TrialOutcome.Match,
                not LogRole.None => TrialOutcome.Answer,
                _ when !wanted => TrialOutcome.OtherSource,
                _ => rule.Match.IsMatch(text) ? TrialOutcome.Excluded : TrialOutcome.NoMatch,
            };
            lines.Add(new(number + 1, written.TrimEnd('\r'), at, host, app, text, outcome, fields, fires));
        }
        return lines;
    }

    /// <summary>What a rule would remember of the lines so far.</summary>
    private sealed class Memory(LogRuleInput input)
    {
        private readonly Dictionary<string, (RuleState State, int Line)> _known = new(StringComparer.Ordinal);

        // Nothing is due before, so that not every line asks every key.
        private DateTimeOffset _next = DateTimeOffset.MaxValue;

        /// <summary>Whether this line begins an alert.</summary>
        public bool Hear(string key, LogRole role, DateTimeOffset at, int line)
        {
            RuleState? before = null;
            if (_known.TryGetValue(key, out var known)) before = known.State;
            var verdict = RuleJudge.Heard(input, DateTimeOffset.MinValue, before, [new(role, at)], at);
            // It waits since the first line that nothing followed, or since the last before the silence.
            _known[key] = (verdict.State, before?.WaitingSince is not null && verdict.State.WaitingSince is not null ? known.Line : line);
            Expect(verdict.State);
            return verdict.Turn == RuleTurn.Begin && !(before is { Firing: true } && !(before.EndsAt <= at));
        }

        /// <summary>The lines after which what should have come did not come in time.</summary>
        public List<int> Waited(DateTimeOffset until)
        {
            if (until < _next || (input.AbsentFor is null && input.FollowedBy is null)) return [];
            var after = new List<int>();
            _next = DateTimeOffset.MaxValue;
            foreach (var (key, (state, line)) in _known.ToList())
            {
                if (RuleJudge.DueAt(input, DateTimeOffset.MinValue, state) is not { } due || due > until)
                {
                    Expect(state);
                    continue;
                }
                var verdict = RuleJudge.Waited(input, DateTimeOffset.MinValue, state, due);
                _known[key] = (verdict.State, line);
                Expect(verdict.State);
                if (verdict.Turn == RuleTurn.Begin) after.Add(line);
            }
            return after;
        }

        private void Expect(RuleState state)
        {
            if (RuleJudge.DueAt(input, DateTimeOffset.MinValue, state) is { } due && due < _next) _next = due;
        }
    }
}
