using Picasoft.Ops.Core.Logs.Matching;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Logs;

/// <summary>
/// A log rule as people write it, in a form, the API and <c>ops.yaml</c>: which lines it wants, and when these are an alert: each of them, so many of them
/// (<see cref="Threshold"/>), none of them (<see cref="AbsentFor"/>), one without another (<see cref="FollowedBy"/>), more than usual (<see cref="Unusual"/>), one that says something new (<see cref="FirstSeen"/>).
/// </summary>
public sealed record LogRuleInput : IChecked
{
    /// <summary>Longest pattern, in characters.</summary>
    public const int MaxPattern = 2000;

    /// <summary>An alert ends when its lines stayed away for this long, if nothing else is said.</summary>
    public static readonly TimeSpan DefaultResolve = TimeSpan.FromMinutes(30);

    [Setting(Required = true, Name = true, Example = "postfix-deferred")]
    public string Name { get; init; } = "";

    /// <summary>What it means that this rule fires, in one line.</summary>
    [Setting(MaxLength = 200)]
    public string? Title { get; init; }

    /// <summary>The service that has a problem when this rule fires.</summary>
    [Setting(Name = true, Example = "mail")]
    public string? Service { get; init; }

    public LogSourceInput Source { get; init; } = new();

    /// <summary>What the line must hold: a regular expression that runs in linear time; a named group is a field.</summary>
    [Setting(Required = true, MaxLength = MaxPattern, Example = "status=deferred")]
    public string Match { get; init; } = "";

    /// <summary>A line that holds this is not meant.</summary>
    [Setting(MaxLength = MaxPattern)]
    public string? Unless { get; init; }

    public ThresholdInput? Threshold { get; init; }

    /// <summary>It is an alert that no such line came for this long.</summary>
    [Setting(Min = "1m", Max = "400d", Example = "26h")]
    public TimeSpan? AbsentFor { get; init; }

    public FollowedByInput? FollowedBy { get; init; }

    public UnusualInput? Unusual { get; init; }

    public FirstSeenInput? FirstSeen { get; init; }

    public ResolveInput? Resolve { get; init; }

    public Severity Severity { get; init; } = Severity.High;

    /// <summary>Markdown, or one URL; in the file also a path beside it.</summary>
    [Setting(Multiline = true, MaxLength = 8192)]
    public string? Runbook { get; init; }

    public bool Enabled { get; init; } = true;

    /// <summary>The fields whose values keep alerts of one rule apart.</summary>
    public IReadOnlyList<string> By() => Threshold?.By ?? FollowedBy?.By ?? FirstSeen?.Fields ?? [];

    /// <summary>Without the line break that a runbook in YAML ends with.</summary>
    public LogRuleInput Trimmed() => this with { Runbook = string.IsNullOrWhiteSpace(Runbook) ? null : Runbook.Trim() };

    public IEnumerable<FieldError> Check()
    {
        var patterns = new (string Field, string? Text)[] { ("match", Match), ("unless", Unless), ("followed_by.match", FollowedBy?.Match), ("resolve.match", Resolve?.Match) };
        foreach (var (field, text) in patterns)
            if (!string.IsNullOrEmpty(text) && LogPattern.WhyNot(text) is { } why) yield return new(field, Phrase.Of("input.bad_regex", text.Length > 100 ? text[..100] + "…" : text, why));

        string[] conditions = [.. new (string Name, bool Said)[] { ("threshold", Threshold is not null), ("absent_for", AbsentFor is not null), ("followed_by", FollowedBy is not null), ("unusual", Unusual is not null), ("first_seen", FirstSeen is not null) }.Where(c => c.Said).Select(c => c.Name)];
        if (conditions.Length > 1) yield return new(conditions[1], Phrase.Of("log.input.one_condition", string.Join(", ", conditions)));

        var (list, names) = Threshold is not null ? ("threshold.by", Threshold.By) : FollowedBy is not null ? ("followed_by.by", FollowedBy.By) : ("first_seen.fields", FirstSeen?.Fields ?? []);
        if (!string.IsNullOrEmpty(Match) && LogPattern.WhyNot(Match) is null)
        {
            var known = LogFields.Of(LogPattern.Compile(Match));
            foreach (var (index, name) in names.Index())
                if (!known.Contains(name, StringComparer.Ordinal)) yield return new($"{list}[{index}]", Phrase.Of("log.input.no_field", name, string.Join(", ", known)));
        }
        if (FirstSeen is { Fields.Count: 0 }) yield return new("first_seen.fields", Phrase.Of("input.required"));
    }
}

/// <summary>Whose lines: all that is said must hold. <c>*</c> stands for any text.</summary>
public sealed record LogSourceInput
{
    /// <summary>Programs: <c>sshd</c>, <c>postfix/*</c>.</summary>
    [Setting(MaxLength = 50, Example = "postfix/*")]
    public IReadOnlyList<string> App { get; init; } = [];

    /// <summary>Machines.</summary>
    [Setting(MaxLength = 100, Example = "alice")]
    public IReadOnlyList<string> Host { get; init; } = [];

    /// <summary>As bad as this, or worse.</summary>
    public LogSeverity? Level { get; init; }
}

/// <summary>So many lines within a time.</summary>
public sealed record ThresholdInput
{
    [Setting(Min = "1", Max = "1000000", Example = "20")]
    public int Count { get; init; } = 1;

    [Setting(Min = "1s", Max = "7d", Example = "10m")]
    public TimeSpan Within { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Counted apart for each value of these fields: <c>host</c>, <c>app</c>, or a named group.</summary>
    [Setting(MaxLength = 50, Example = "host")]
    public IReadOnlyList<string> By { get; init; } = [];
}

/// <summary>The line must be followed by another.</summary>
public sealed record FollowedByInput
{
    [Setting(Required = true, MaxLength = LogRuleInput.MaxPattern, Example = "finished")]
    public string Match { get; init; } = "";

    [Setting(Min = "1s", Max = "30d", Example = "2h")]
    public TimeSpan Within { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The two belong together when these fields are equal.</summary>
    [Setting(MaxLength = 50, Example = "host")]
    public IReadOnlyList<string> By { get; init; } = [];
}

/// <summary>More lines, or a greater share of lines, than in the same hour of past weeks.</summary>
public sealed record UnusualInput
{
    /// <summary>So many times what is usual.</summary>
    [Setting(Min = "1.1", Max = "1000", Example = "3")]
    public double Times { get; init; } = 3;

    /// <summary>Fewer lines in an hour are never unusual.</summary>
    [Setting(Min = "1", Max = "1000000", Example = "20")]
    public int AtLeast { get; init; } = 20;

    /// <summary>How many past weeks are looked at.</summary>
    [Setting(Min = "1", Max = "8")]
    public int Weeks { get; init; } = 4;

    /// <summary>Compare the share among all lines of the source instead of the number: a quiet Sunday is not a calm one.</summary>
    public bool Share { get; init; }
}

/// <summary>Values that were never seen before.</summary>
public sealed record FirstSeenInput
{
    /// <summary>Named groups, <c>host</c> or <c>app</c>; their values together are what is new.</summary>
    [Setting(MaxLength = 50, Example = "user")]
    public IReadOnlyList<string> Fields { get; init; } = [];

    /// <summary>For so long after its making the rule only learns.</summary>
    [Setting(Min = "0s", Max = "90d", Example = "7d")]
    public TimeSpan Learn { get; init; } = TimeSpan.FromDays(7);
}

/// <summary>What ends the alert.</summary>
public sealed record ResolveInput
{
    /// <summary>The lines stayed away for so long.</summary>
    [Setting(Min = "10s", Max = "30d", Example = "30m")]
    public TimeSpan? After { get; init; }

    /// <summary>A line that says it is over.</summary>
    [Setting(MaxLength = LogRuleInput.MaxPattern)]
    public string? Match { get; init; }
}
