using System.Globalization;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes.Kinds;

/// <summary>When a value is bad. Nothing said: it is never bad.</summary>
public sealed record Limits : IChecked
{
    /// <summary>Fails when more than this.</summary>
    public double? Above { get; init; }

    /// <summary>Fails when less than this.</summary>
    public double? Below { get; init; }

    /// <summary>Warns when more than this.</summary>
    public double? WarnAbove { get; init; }

    /// <summary>Warns when less than this.</summary>
    public double? WarnBelow { get; init; }

    public IEnumerable<FieldError> Check()
    {
        if (WarnAbove > Above) yield return new("warn_above", Phrase.Of("probe.input.warn_after_fail"));
        if (WarnBelow < Below) yield return new("warn_below", Phrase.Of("probe.input.warn_after_fail"));
    }

    /// <summary>Judges one value. <paramref name="name"/>: what it is of, for words.</summary>
    public Observation Of(string name, double value, string? unit = null)
    {
        // A value that is not a number says that the thing could not be measured: never silently fine.
        if (double.IsNaN(value) || value > Above) return Observation.Down("probe.above", name, Shown(value), Shown(Above ?? WarnAbove ?? double.NaN));
        if (value < Below) return Observation.Down("probe.below", name, Shown(value), Shown(Below.Value));
        if (value > WarnAbove) return Observation.Warn("probe.above", name, Shown(value), Shown(WarnAbove.Value));
        return value < WarnBelow ? Observation.Warn("probe.below", name, Shown(value), Shown(WarnBelow.Value)) : Observation.Up;

        string Shown(double number) => Units.Text(number, unit, CultureInfo.InvariantCulture);
    }

    /// <summary>The value as a measurement, with these limits as its lines.</summary>
    public Measurement Measured(string name, double value, string? unit = null) => new(name, value, unit, WarnAbove ?? WarnBelow, Above ?? Below);
}
