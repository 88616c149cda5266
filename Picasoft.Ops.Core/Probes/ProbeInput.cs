using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes;

/// <summary>A probe as people write it, in a form, the API and <c>ops.yaml</c>; the settings of its kind stand under the kind's own name: <c>http: {…}</c>.</summary>
public sealed record ProbeInput : IChecked
{
    [Setting(Required = true, Name = true, Example = "mattermost-ping")]
    public string Name { get; init; } = "";

    /// <summary>Name of the service that is down when this probe fails.</summary>
    [Setting(Name = true, Example = "mattermost")]
    public string? Service { get; init; }

    /// <summary>The probe kind: <c>http</c>, <c>tcp</c>.</summary>
    [Setting(Required = true, MaxLength = 32, Example = "http")]
    public string Type { get; init; } = "";

    [Setting(Min = "1s", Max = "1d")]
    public TimeSpan Interval { get; init; } = ProbeDefinition.DefaultInterval;

    /// <summary>What suits the kind when nothing is said, 5 s for most, or the interval where that is shorter.</summary>
    [Setting(Min = "100ms", Max = "5m", Example = "5s")]
    public TimeSpan? Timeout { get; init; }

    [Setting(Min = "1", Max = "100")]
    public int Failures { get; init; } = 2;

    [Setting(Min = "1", Max = "100")]
    public int Recoveries { get; init; } = 1;

    /// <summary>2 s when nothing is said, or the interval where that is shorter.</summary>
    [Setting(Min = "500ms", Max = "1d", Example = "2s")]
    public TimeSpan? RetryInterval { get; init; }

    public Severity Severity { get; init; } = Severity.High;

    /// <summary>Where the nodes stand that check it, each for itself; empty: any node.</summary>
    [Setting(Name = true, MaxLength = 20)]
    public IReadOnlyList<string> Locations { get; init; } = [];

    /// <summary>How many locations must find it down; more than half of those heard when nothing is said.</summary>
    [Setting(Min = "1", Max = "20")]
    public int? Quorum { get; init; }

    /// <summary>Warned of when what it measures will reach its limit within this; what <c>prevention</c> says when nothing is said.</summary>
    [Setting(Min = "1d", Max = "365d", Example = "7d")]
    public TimeSpan? Forecast { get; init; }

    public bool Enabled { get; init; } = true;

    /// <summary>Everything else: one key, named like the type.</summary>
    [Rest]
    public IReadOnlyDictionary<string, InputNode> Settings { get; init; } = new Dictionary<string, InputNode>(StringComparer.Ordinal);

    internal TimeSpan TimeoutOf(IProbe kind) => Timeout ?? Least(kind.Usual.Timeout ?? ProbeDefinition.DefaultTimeout, Interval);

    public IEnumerable<FieldError> Check()
    {
        // Else a check could still be waiting when the next one begins.
        if (Timeout > Interval) yield return new("timeout", Phrase.Of("probe.input.longer_than_interval", DurationText.Exact(Timeout.Value), DurationText.Exact(Interval)));
        if (Locations.Distinct(StringComparer.Ordinal).Count() < Locations.Count) yield return new("locations", Phrase.Of("input.twice"));
        if (Quorum > Locations.Count) yield return new("quorum", Phrase.Of("probe.input.quorum", Quorum, Locations.Count));
        if (RetryInterval > Interval) yield return new("retry_interval", Phrase.Of("probe.input.longer_than_interval", DurationText.Exact(RetryInterval.Value), DurationText.Exact(Interval)));
    }

    /// <summary>Writes everything but the settings of the kind into a definition.</summary>
    internal void CopyTo(ProbeDefinition definition, IProbe kind)
    {
        definition.Name = Name;
        definition.Service = Service;
        definition.Type = Type;
        definition.Interval = Interval;
        definition.Timeout = TimeoutOf(kind);
        definition.Failures = Failures;
        definition.Recoveries = Recoveries;
        definition.RetryInterval = RetryInterval ?? Least(ProbeDefinition.DefaultRetryInterval, Interval);
        definition.Severity = Severity;
        definition.Enabled = Enabled;
        definition.Forecast = Forecast;
        (definition.Locations, definition.Quorum) = ([.. Locations], Quorum);
    }

    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
