namespace Picasoft.Ops.Core.Logs.Patterns;

/// <summary>A row to be written.</summary>
/// <param name="Add">Lines since the last time.</param>
/// <param name="Replaces">Hashes of patterns of this program and host that turned out to be this one.</param>
public sealed record PatternChange(
    string Host, string App, long Hash, string Key, string Text, long Add, DateTimeOffset FirstSeen, DateTimeOffset LastSeen, int Level, int Peak, PatternState State, IReadOnlyList<long> Replaces);

/// <summary>
/// What is usual for each program and host: one <see cref="PatternMiner"/> a program, and how often each kind came from which host. Memory is bounded whatever is sent. Pure, and not thread-safe.
/// </summary>
public sealed class LearntPatterns
{
    /// <summary>Longest name of a host or a program kept, in characters.</summary>
    public const int MaxName = 100;

    /// <summary>Programs with a miner of their own; the rest share one.</summary>
    public const int MaxPrograms = 200;

    /// <summary>Kinds kept of a program.</summary>
    public const int MaxKinds = 1000;

    /// <summary>For so long after its first line, what a program says on a host is learnt rather than news, unless it looks serious.</summary>
    public static readonly TimeSpan Learning = TimeSpan.FromDays(1);

    /// <summary>Stands for the programs beyond <see cref="MaxPrograms"/>.</summary>
    public const string Others = "*";

    private readonly Dictionary<string, Known> _programs = new(StringComparer.Ordinal);

    public void Hear(string host, string app, ReadOnlySpan<char> text, int level, DateTimeOffset now)
    {
        if (text.IsWhiteSpace()) return;
        var program = Program(app);
        program.FirstHeard.TryAdd(host, now);
        var pattern = program.Miner.Add(text);
        var seen = program.Seen(pattern, host);
        if (seen.Count++ == 0) (seen.First, seen.Fresh) = (now, true);
        seen.Last = now;
        seen.Level = Math.Min(seen.Level, level);
        var minute = now.ToUnixTimeSeconds() / 60;
        if (seen.Minute != minute) (seen.Minute, seen.InMinute) = (minute, 0);
        seen.Peak = Math.Max(seen.Peak, ++seen.InMinute);
        seen.Unsaved++;
    }

    /// <summary>Puts back what was stored, at the start.</summary>
    public void Restore(LearntPattern row)
    {
        var program = Program(row.App);
        var seen = program.Seen(program.Miner.Restore(row.Key, row.Count), row.Host);
        (seen.First, seen.Last, seen.Level, seen.Peak, seen.Count, seen.State, seen.Stored) = (row.FirstSeen, row.LastSeen, row.Level, row.Peak, seen.Count + row.Count, row.State, row.Hash);
        if (!program.FirstHeard.TryGetValue(row.Host, out var first) || row.FirstSeen < first) program.FirstHeard[row.Host] = row.FirstSeen;
        program.Rows++;
    }

    /// <summary>A person said so: kinds that come from other hosts later are judged by it.</summary>
    public void Decide(string app, long hash, PatternState state)
    {
        if (!_programs.TryGetValue(app, out var program)) return;
        foreach (var seen in program.Kinds.Where(k => (long)k.Key.Current.Hash == hash).SelectMany(k => k.Value.Values)) seen.State = state;
    }

    /// <summary>What changed since the last time. Whoever takes it writes it.</summary>
    public List<PatternChange> Take(DateTimeOffset now)
    {
        var changes = new List<PatternChange>();
        foreach (var (app, program) in _programs)
        {
            program.Miner.Settle();
            program.Reconcile();
            foreach (var (pattern, hosts) in program.Kinds)
            {
                foreach (var (host, seen) in hosts.Where(h => h.Value.Unsaved > 0 || h.Value.Replaced.Count > 0))
                {
                    if (seen.Stored is null && program.Rows >= MaxKinds) continue; // counted, not kept: a program that never says the same thing twice
                    var text = pattern.ToString();
                    if (seen.Fresh) seen.State ??= Judge(text, seen, hosts, now - program.FirstHeard[host]);
                    if (seen.Stored is null) program.Rows++;
                    seen.Stored = (long)pattern.Hash;
                    changes.Add(new(host, app, (long)pattern.Hash, pattern.ToKey(), text, seen.Unsaved, seen.First, seen.Last, seen.Level, seen.Peak, seen.State ?? PatternState.New, [.. seen.Replaced]));
                    (seen.Unsaved, seen.Fresh) = (0, false);
                    seen.Replaced.Clear();
                }
            }
        }
        return changes;
    }

    private static PatternState Judge(string text, Seen seen, Dictionary<string, Seen> hosts, TimeSpan known)
    {
        var elsewhere = hosts.Values.FirstOrDefault(s => s != seen && s.State is not (null or PatternState.New))?.State;
        if (elsewhere is PatternState.Noise or PatternState.Rule) return elsewhere.Value;
        if (PatternRank.Of(text, seen.Level, seen.Count, seen.Peak) >= PatternRank.Serious) return PatternState.New;
        return elsewhere ?? (known < Learning ? PatternState.Usual : PatternState.New);
    }

    private Known Program(string app)
    {
        if (_programs.TryGetValue(app, out var program)) return program;
        if (_programs.Count >= MaxPrograms) app = Others;
        return _programs.TryGetValue(app, out program) ? program : _programs[app] = new();
    }

    /// <summary>A program.</summary>
    private sealed class Known
    {
        public PatternMiner Miner { get; } = new(new() { MaxPatterns = MaxKinds });

        public Dictionary<Pattern, Dictionary<string, Seen>> Kinds { get; } = [];

        public Dictionary<string, DateTimeOffset> FirstHeard { get; } = new(StringComparer.Ordinal);

        public int Rows { get; set; }

        public Seen Seen(Pattern pattern, string host)
        {
            if (!Kinds.TryGetValue(pattern, out var hosts)) Kinds[pattern] = hosts = new(StringComparer.Ordinal);
            return hosts.TryGetValue(host, out var seen) ? seen : hosts[host] = new();
        }

        /// <summary>Joins what the miner has merged, drops what it forgot.</summary>
        public void Reconcile()
        {
            foreach (var (pattern, hosts) in Kinds.Where(k => k.Key.Current != k.Key || k.Key.IsForgotten).ToList())
            {
                Kinds.Remove(pattern);
                if (pattern.Current.IsForgotten) continue;
                foreach (var (host, seen) in hosts)
                {
                    var into = Seen(pattern.Current, host);
                    into.Join(seen);
                    if (seen.Stored is not null) Rows--;
                }
            }
        }
    }

    /// <summary>A kind on a host.</summary>
    private sealed class Seen
    {
        public DateTimeOffset First { get; set; }

        public DateTimeOffset Last { get; set; }

        public int Level { get; set; } = 7;

        public long Count { get; set; }

        public long Unsaved { get; set; }

        public int Peak { get; set; }

        public long Minute { get; set; }

        public int InMinute { get; set; }

        public bool Fresh { get; set; }

        public PatternState? State { get; set; }

        /// <summary>Hash of the row; null: none yet.</summary>
        public long? Stored { get; set; }

        public List<long> Replaced { get; } = [];

        public void Join(Seen other)
        {
            Fresh = Count == 0 ? other.Fresh : Fresh && other.Fresh;
            First = Count == 0 || other.First < First ? other.First : First;
            Last = other.Last > Last ? other.Last : Last;
            (Level, Peak) = (Math.Min(Level, other.Level), Math.Max(Peak, other.Peak));
            (Count, Unsaved) = (Count + other.Count, Unsaved + other.Unsaved);
            // What somebody decided outlives what was only learnt.
            if (State is null or PatternState.New or PatternState.Usual && other.State is not null) State = other.State ?? State;
            if (other.Stored is { } row) Replaced.Add(row);
            Replaced.AddRange(other.Replaced);
        }
    }
}
