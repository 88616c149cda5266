namespace Picasoft.Ops.Core.Logs.Windows;

/// <summary>What a rule remembers about one key; stored, so that a restart forgets nothing.</summary>
public sealed record RuleState
{
    public static RuleState New { get; } = new();

    /// <summary>The last line it looks for.</summary>
    public DateTimeOffset? LastAt { get; init; }

    /// <summary>Of a threshold: the lines within its time.</summary>
    public IReadOnlyList<Tally> Window { get; init; } = [];

    /// <summary>Of a sequence: since when the second line is missing.</summary>
    public DateTimeOffset? WaitingSince { get; init; }

    /// <summary>There is an alert, and until when if nothing more comes; null: until something says so.</summary>
    public bool Firing { get; init; }

    public DateTimeOffset? EndsAt { get; init; }
}

/// <summary>Lines of one role that came at (about) one instant.</summary>
public sealed record RuleEvent(Matching.LogRole Role, DateTimeOffset At, int Count = 1);

/// <summary>What becomes of the alert.</summary>
public enum RuleTurn
{
    /// <summary>Nothing.</summary>
    None,
    /// <summary>It begins, or goes on and its end moves.</summary>
    Begin,
    End,
}

/// <summary>What a rule makes of what came.</summary>
/// <param name="State">To be remembered.</param>
/// <param name="Turn">What becomes of the alert.</param>
/// <param name="Since">When what is wrong began.</param>
/// <param name="Count">How many lines, where that says something.</param>
public sealed record RuleVerdict(RuleState State, RuleTurn Turn, DateTimeOffset Since, int Count);
