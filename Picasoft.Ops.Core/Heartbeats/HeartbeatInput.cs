using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Heartbeats;

/// <summary>A heartbeat as people write it, in a form, the API and <c>ops.yaml</c>.</summary>
public sealed record HeartbeatInput : IChecked
{
    /// <summary>The grace when nothing is said, as with Healthchecks.</summary>
    public static readonly TimeSpan DefaultGrace = TimeSpan.FromHours(1);

    /// <summary>The period of one that a first ping created, as with Healthchecks.</summary>
    public static readonly TimeSpan DefaultPeriod = TimeSpan.FromDays(1);

    /// <summary>Lengths of a token: ten letters have those that Uptime Kuma 1 gave out.</summary>
    public const int MinToken = 10, MaxToken = 64;

    [Setting(Required = true, Name = true, Example = "borg-alice")]
    public string Name { get; init; } = "";

    [Setting(Name = true, Example = "backups")]
    public string? Service { get; init; }

    /// <summary>Cron: minute, hour, day, month, weekday.</summary>
    [Setting(MaxLength = 100, Example = "0 3 * * *")]
    public string? Schedule { get; init; }

    [Setting(MaxLength = 64, Example = "UTC")]
    public string? TimeZone { get; init; }

    /// <summary>Instead of a schedule: a sign of life at least this often.</summary>
    [Setting(Min = "1s", Max = "366d", Example = "24h")]
    public TimeSpan? Period { get; init; }

    /// <summary>How late a sign of life may be, and how long a run may take.</summary>
    [Setting(Min = "1s", Max = "31d")]
    public TimeSpan Grace { get; init; } = DefaultGrace;

    public Severity Severity { get; init; } = Severity.High;

    public bool Enabled { get; init; } = true;

    public bool PostOnly { get; init; }

    public bool ManualResume { get; init; }

    public KeywordsInput? Keywords { get; init; }

    /// <summary>It is a backup: what it says of its size is compared with those before.</summary>
    public BackupInput? Backup { get; init; }

    /// <summary>It is a restore test of this backup: the name of another heartbeat.</summary>
    [Setting(Name = true, Example = "borg-alice")]
    public string? RestoreTestOf { get; init; }

    /// <summary>What stands in the ping URL: a UUID, or an Uptime Kuma push token. One is made when nothing is said.</summary>
    [Setting(MaxLength = MaxToken)]
    public Secret? Token { get; init; }

    public IEnumerable<FieldError> Check()
    {
        if (Schedule is { } schedule)
        {
            if (Period is not null) yield return new("period", Phrase.Of("heartbeat.input.both"));
            foreach (var error in Recurrence.Parse(schedule, TimeZone, Grace).Refusal?.Errors ?? []) yield return error;
        }
        else if (Period is null) yield return new("schedule", Phrase.Of("heartbeat.input.neither"));
        if (RestoreTestOf is not null && (Backup is not null || RestoreTestOf == Name)) yield return new("restore_test_of", Phrase.Of("heartbeat.input.backup_and_test"));
        if (Backup?.MinSize is { } least && BackupFacts.Bytes(least) is null) yield return new("backup.min_size", Phrase.Of("heartbeat.input.size", least));
        if (Token?.Reveal() is { Length: > 0 } token && (token.Length < MinToken || !token.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')))
            yield return new("token", Phrase.Of("heartbeat.input.token", MinToken, MaxToken));
    }

    /// <summary>Writes everything but the token.</summary>
    internal void CopyTo(Heartbeat heartbeat)
    {
        (heartbeat.Name, heartbeat.Service, heartbeat.Severity, heartbeat.Enabled) = (Name, Service, Severity, Enabled);
        (heartbeat.Schedule, heartbeat.TimeZone, heartbeat.Period, heartbeat.Grace) = (Schedule?.Trim(), TimeZone?.Trim(), Period, Grace);
        (heartbeat.PostOnly, heartbeat.ManualResume) = (PostOnly, ManualResume);
        (heartbeat.Backup, heartbeat.RestoreTestOf) = (Backup, RestoreTestOf);
        heartbeat.Keywords = Keywords is { IsEmpty: false } ? Keywords : null;
    }

    /// <param name="token">The token, if its owner chose it.</param>
    public static HeartbeatInput Of(Heartbeat heartbeat, Secret? token) => new()
    {
        Name = heartbeat.Name,
        Service = heartbeat.Service,
        Schedule = heartbeat.Schedule,
        TimeZone = heartbeat.TimeZone,
        Period = heartbeat.Period,
        Grace = heartbeat.Grace,
        Severity = heartbeat.Severity,
        Enabled = heartbeat.Enabled,
        PostOnly = heartbeat.PostOnly,
        ManualResume = heartbeat.ManualResume,
        Keywords = heartbeat.Keywords,
        Backup = heartbeat.Backup,
        RestoreTestOf = heartbeat.RestoreTestOf,
        Token = token,
    };
}

/// <summary>Words in the body of a ping that decide what it means: failure is looked for first, then success, then start; a body without any is ignored.</summary>
public sealed record KeywordsInput
{
    [Setting(MaxLength = 100, Example = "ERROR")]
    public IReadOnlyList<string> Failure { get; init; } = [];

    [Setting(MaxLength = 100, Example = "terminating with success")]
    public IReadOnlyList<string> Success { get; init; } = [];

    [Setting(MaxLength = 100)]
    public IReadOnlyList<string> Start { get; init; } = [];

    internal bool IsEmpty => Failure.Count + Success.Count + Start.Count == 0;

    /// <summary>What a body means. Pure.</summary>
    public PingKind Meaning(string body) =>
        Has(Failure, body) ? PingKind.Fail : Has(Success, body) ? PingKind.Success : Has(Start, body) ? PingKind.Start : PingKind.Ignored;

    private static bool Has(IReadOnlyList<string> words, string body) => words.Any(w => w.Length > 0 && body.Contains(w, StringComparison.Ordinal));
}

/// <summary>What a backup must keep to: <c>backup: {max_age: 26h, min_size: 1GB}</c>.</summary>
public sealed record BackupInput
{
    /// <summary>The last good one may be this old; when nothing is said, its schedule and grace decide.</summary>
    [Setting(Min = "1s", Max = "366d", Example = "26h")]
    public TimeSpan? MaxAge { get; init; }

    /// <summary>A smaller one is a failure, whatever those before were.</summary>
    [Setting(MaxLength = 20, Example = "1GB")]
    public string? MinSize { get; init; }

    /// <summary>One much smaller than those before is a failure.</summary>
    public bool CompareSizes { get; init; } = true;
}
