using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Probes;

/// <summary>How long results are kept; <c>retention:</c> in <c>ops.yaml</c>.</summary>
public sealed record RetentionInput : IChecked
{
    /// <summary>Every single result and measured value.</summary>
    [Setting(Min = "2d", Max = "90d", Example = "14d")]
    public TimeSpan Results { get; init; } = TimeSpan.FromDays(14);

    /// <summary>What they were by hour.</summary>
    [Setting(Min = "35d", Max = "3650d", Example = "730d")]
    public TimeSpan Hours { get; init; } = TimeSpan.FromDays(730);

    /// <summary>What they were by day.</summary>
    [Setting(Min = "90d", Max = "3650d", Example = "3650d")]
    public TimeSpan Days { get; init; } = TimeSpan.FromDays(3650);

    public IEnumerable<FieldError> Check()
    {
        if (Hours < Results) yield return new("hours", Phrase.Of("probe.input.retention", DurationText.Exact(Results)));
        if (Days < Hours) yield return new("days", Phrase.Of("probe.input.retention", DurationText.Exact(Hours)));
    }
}

public sealed class RetentionSettings : SettingsRow<RetentionInput>;

internal sealed class RetentionMapping() : SettingsMapping<RetentionSettings, RetentionInput>("retention_settings");
