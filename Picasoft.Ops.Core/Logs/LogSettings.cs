using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Logs;

/// <summary>What is kept of logs, and which are read on this machine; <c>logs:</c> in <c>ops.yaml</c>.</summary>
public sealed record LogSettingsInput : IChecked
{
    /// <summary>Lines that matched are kept this long: short, since logs tell of people.</summary>
    [Setting(Min = "1d", Max = "90d", Example = "7d")]
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(7);

    /// <summary>So many lines before and after each.</summary>
    [Setting(Min = "0", Max = "5", Example = "3")]
    public int Context { get; init; } = 3;

    /// <summary>Mail addresses are masked like passwords.</summary>
    public bool MaskAddresses { get; init; }

    /// <summary>Files to follow, on the node that has them.</summary>
    [Setting(MaxLength = 100)]
    public IReadOnlyList<LogFileInput> Files { get; init; } = [];

    /// <summary>Follow systemd's journal.</summary>
    public bool Journal { get; init; }

    public IEnumerable<FieldError> Check()
    {
        foreach (var (index, file) in Files.Index())
            if (file.Path.Length > 0 && !System.IO.Path.IsPathRooted(file.Path)) yield return new($"files[{index}].path", Phrase.Of("log.input.relative_path", file.Path));
    }
}

/// <summary>A file that is followed as it grows.</summary>
public sealed record LogFileInput
{
    /// <summary>Absolute; the last part may hold <c>*</c>.</summary>
    [Setting(Required = true, MaxLength = 1000, Example = "/var/log/mail.log")]
    public string Path { get; init; } = "";

    /// <summary>The program its lines are from, where they do not say so.</summary>
    [Setting(MaxLength = 100, Example = "nginx")]
    public string? App { get; init; }
}

public sealed class LogSettings : SettingsRow<LogSettingsInput>
{
    /// <summary>Topic of <see cref="ChangeSignal"/>.</summary>
    public const string Topic = "log-settings";
}

internal sealed class LogSettingsMapping() : SettingsMapping<LogSettings, LogSettingsInput>("log_settings");
