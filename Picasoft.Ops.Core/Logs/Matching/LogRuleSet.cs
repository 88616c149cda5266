using System.Collections.Concurrent;

namespace Picasoft.Ops.Core.Logs.Matching;

/// <summary>All enabled rules. Most look at few programs, so each pair of machine and program gets the matcher of just its rules; pairs with the same rules share it.</summary>
public sealed class LogRuleSet
{
    private readonly ConcurrentDictionary<string, LogMatcher> _matchers = new(StringComparer.Ordinal);

    public LogRuleSet(IReadOnlyList<CompiledRule> rules) => Rules = rules;

    public static LogRuleSet Empty { get; } = new([]);

    public IReadOnlyList<CompiledRule> Rules { get; }

    /// <summary>The matcher for lines of one machine and program; ask once and keep it.</summary>
    public LogMatcher For(ReadOnlySpan<byte> host, ReadOnlySpan<byte> app)
    {
        var wanted = new List<int>();
        for (var i = 0; i < Rules.Count; i++)
            if (Rules[i].Wants(host, app)) wanted.Add(i);
        return _matchers.GetOrAdd(string.Join(',', wanted), (_, chosen) => new([.. chosen.Select(i => Rules[i])]), wanted);
    }
}
