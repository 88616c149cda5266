using System.Text;

namespace Picasoft.Ops.Core.Logs.Matching;

/// <summary>What a line means to a rule.</summary>
[Flags]
public enum LogRole
{
    None = 0,
    /// <summary>It is what the rule looks for.</summary>
    Match = 1,
    /// <summary>It is what should follow (<see cref="FollowedByInput"/>).</summary>
    Follow = 2,
    /// <summary>It says that it is over (<see cref="ResolveInput"/>).</summary>
    End = 4,
}

/// <summary>A rule ready to be looked for.</summary>
public sealed class CompiledRule
{
    private readonly Glob[] _apps;
    private readonly Glob[] _hosts;

    /// <param name="id">The stored rule's; 0 for one that is only tried.</param>
    /// <exception cref="ArgumentException">A pattern cannot be used.</exception>
    public CompiledRule(long id, LogRuleInput input, DateTimeOffset createdAt = default)
    {
        (Id, Input, CreatedAt) = (id, input, createdAt);
        Match = LogPattern.Compile(input.Match);
        Unless = input.Unless is { Length: > 0 } unless ? LogPattern.Compile(unless) : null;
        Follow = input.FollowedBy is { } follow ? LogPattern.Compile(follow.Match) : null;
        End = input.Resolve?.Match is { Length: > 0 } end ? LogPattern.Compile(end) : null;
        _apps = [.. input.Source.App.Select(a => new Glob(a))];
        _hosts = [.. input.Source.Host.Select(h => new Glob(h))];
        MaxSeverity = input.Source.Level ?? LogSeverity.Debug;
    }

    public long Id { get; }

    public LogRuleInput Input { get; }

    public DateTimeOffset CreatedAt { get; }

    public LogPattern Match { get; }

    public LogPattern? Unless { get; }

    public LogPattern? Follow { get; }

    public LogPattern? End { get; }

    /// <summary>The least bad severity that it looks at.</summary>
    public LogSeverity MaxSeverity { get; }

    /// <summary>Whether lines of this machine and program concern it.</summary>
    public bool Wants(ReadOnlySpan<byte> host, ReadOnlySpan<byte> app) => Any(_apps, app) && Any(_hosts, host);

    /// <summary>The pattern behind a role.</summary>
    public LogPattern? Of(LogRole role) => role switch { LogRole.Match => Match, LogRole.Follow => Follow, _ => End };

    private static bool Any(Glob[] globs, ReadOnlySpan<byte> text)
    {
        foreach (var glob in globs)
            if (glob.IsMatch(text)) return true;
        return globs.Length == 0;
    }

    /// <summary>A text in which <c>*</c> stands for any text; the case of letters does not matter.</summary>
    private readonly struct Glob(string pattern)
    {
        private readonly byte[][] _parts = [.. pattern.Split('*').Select(Encoding.UTF8.GetBytes)];

        public bool IsMatch(ReadOnlySpan<byte> text)
        {
            if (_parts.Length == 1) return Ascii.EqualsIgnoreCase(text, _parts[0]);
            if (text.Length < _parts[0].Length + _parts[^1].Length || !Ascii.EqualsIgnoreCase(text[.._parts[0].Length], _parts[0]) || !Ascii.EqualsIgnoreCase(text[^_parts[^1].Length..], _parts[^1])) return false;
            text = text[_parts[0].Length..^_parts[^1].Length];
            foreach (var part in _parts.AsSpan(1, _parts.Length - 2))
            {
                var at = IndexOf(text, part);
                if (at < 0) return false;
                text = text[(at + part.Length)..];
            }
            return true;
        }

        private static int IndexOf(ReadOnlySpan<byte> text, byte[] part)
        {
            for (var i = 0; i + part.Length <= text.Length; i++)
                if (Ascii.EqualsIgnoreCase(text.Slice(i, part.Length), part)) return i;
            return -1;
        }
    }
}
