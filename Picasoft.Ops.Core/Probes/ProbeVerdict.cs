namespace Picasoft.Ops.Core.Probes;

/// <summary>What a check changed.</summary>
public enum ProbeEvent
{
    None,
    /// <summary>It failed, or warned, often enough: an alert begins.</summary>
    WentDown,
    /// <summary>A warning became a failure, or the other way round: another alert takes the first one's place.</summary>
    Changed,
    /// <summary>It was good often enough: the alert ends.</summary>
    CameBack,
}

/// <summary>What one more check means for a probe. Pure.</summary>
/// <param name="RecheckIn">Check again this long after the check that failed, rather than wait for the next slot; null: the next slot will do.</param>
public sealed record ProbeVerdict(ProbeStatus Status, DateTimeOffset Since, int Failing, int Succeeding, ProbeEvent Event, TimeSpan? RecheckIn)
{
    /// <param name="state">What was known; null: nothing yet.</param>
    /// <param name="seen">What the check found.</param>
    /// <param name="at">When the check began.</param>
    /// <param name="rules">How often is enough.</param>
    public static ProbeVerdict Of(ProbeState? state, Observation seen, DateTimeOffset at, ProbeDefinition rules)
    {
        var (status, since) = state is null ? (ProbeStatus.Unknown, at) : (state.Status, state.Since);
        var found = seen.Status;
        var better = found < status; // only while there is an alert
        var failing = found == ProbeStatus.Up || better || (status == ProbeStatus.Warning && found == status) ? 0 : (state?.Failing ?? 0) + 1;
        var succeeding = found == ProbeStatus.Up || better ? (state?.Succeeding ?? 0) + 1 : 0;
        // Nothing was known, so nothing came back: one good check is enough.
        if (status == ProbeStatus.Unknown && found == ProbeStatus.Up) return new(ProbeStatus.Up, at, failing, succeeding, ProbeEvent.None, null);
        if (better) return succeeding < rules.Recoveries ? new(status, since, failing, succeeding, ProbeEvent.None, null) : new(found, at, failing, found == ProbeStatus.Up ? succeeding : 0, found == ProbeStatus.Up ? ProbeEvent.CameBack : ProbeEvent.Changed, null);
        if (found == status) return new(status, since, failing, succeeding, ProbeEvent.None, null);
        // From a warning on, its failures are counted anew.
        if (failing >= rules.Failures) return new(found, at, found == ProbeStatus.Warning ? 0 : failing, succeeding, status == ProbeStatus.Warning ? ProbeEvent.Changed : ProbeEvent.WentDown, null);
        return new(status, since, failing, succeeding, ProbeEvent.None, rules.RetryInterval < rules.Interval ? rules.RetryInterval : rules.Interval);
    }

    public void CopyTo(ProbeState state) => (state.Status, state.Since, state.Failing, state.Succeeding) = (Status, Since, Failing, Succeeding);
}
