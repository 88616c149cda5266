using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Probes.Trends;

/// <summary>When trends warn; <c>prevention:</c> in <c>ops.yaml</c>.</summary>
public sealed record PreventionInput
{
    /// <summary>What fills is warned of when it will be full within this; a probe may say otherwise (<see cref="ProbeInput.Forecast"/>).</summary>
    [Setting(Min = "1d", Max = "365d", Example = "14d")]
    public TimeSpan Forecast { get; init; } = TimeSpan.FromDays(7);
}

public sealed class PreventionSettings : SettingsRow<PreventionInput>;

internal sealed class PreventionMapping() : SettingsMapping<PreventionSettings, PreventionInput>("prevention_settings");
