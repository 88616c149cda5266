namespace Picasoft.Ops.Core.Probes;

/// <summary>What a check changed.</summary>
public enum ProbeEvent
{
    None,
    /// <summary>It failed often enough: an alert begins.</summary>
    WentDown,
    /// <summary>It was good often enough: the alert ends.</summary>
    CameBack,
}

/// <summary>What one more check means for a probe. Pure.</summary>
/// <param name="RecheckIn">Check again this long after the check that failed, rather than wait for the next slot; null: the next slot will do.</param>
public sealed record ProbeVerdict(ProbeStatus Status, DateTimeOffset Since, int Failing, int Succeeding, ProbeEvent Event, TimeSpan? RecheckIn)
{
    /// <param name="state">What was known; null: nothing yet.</param>
    /// <param name="isUp">What the check found.</param>
    /// <param name="at">When the check began.</param>
    /// <param name="rules">How often is enough.</param>
    public static ProbeVerdict Of(ProbeState? state, bool isUp, DateTimeOffset at, ProbeDefinition rules)
    {
        var (status, since) = state is null ? (ProbeStatus.Unknown, at) : (state.Status, state.Since);
        var failing = isUp ? 0 : (state?.Failing ?? 0) + 1;
        var succeeding = isUp ? (state?.Succeeding ?? 0) + 1 : 0;
        return status switch
        {
            ProbeStatus.Down when succeeding >= rules.Recoveries => new(ProbeStatus.Up, at, failing, succeeding, ProbeEvent.CameBack, null),
            ProbeStatus.Down => new(status, since, failing, succeeding, ProbeEvent.None, null),
            // Nothing was known, so nothing came back: one good check is enough.
            ProbeStatus.Unknown when isUp => new(ProbeStatus.Up, at, failing, succeeding, ProbeEvent.None, null),
            _ when failing >= rules.Failures => new(ProbeStatus.Down, at, failing, succeeding, ProbeEvent.WentDown, null),
            _ => new(status, since, failing, succeeding, ProbeEvent.None, isUp ? null : rules.RetryInterval < rules.Interval ? rules.RetryInterval : rules.Interval),
        };
    }

    public void CopyTo(ProbeState state) => (state.Status, state.Since, state.Failing, state.Succeeding) = (Status, Since, Failing, Succeeding);
}
