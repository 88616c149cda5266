namespace Picasoft.Ops.Core.Alerts.Active;

/// <summary>From when to when an alert burns, in ticks of UTC.</summary>
/// <param name="End"><see cref="Never"/>: until its source says otherwise.</param>
/// <param name="IsTimeout">Its source said no end; this is only when we stop believing it.</param>
public readonly record struct AlertTimes(long Start, long End, bool IsTimeout)
{
    public const long Never = long.MaxValue;

    /// <summary>
    /// What holds when an alert that burns (this) is sent again, by Alertmanager's rules: spans that overlap are one, which began at the earlier beginning; an end that
    /// somebody named stands against an earlier one, unless it is over now.
    /// </summary>
    public AlertTimes With(AlertTimes again, long now)
    {
        var overlap = (again.End > Start && again.End < End) || (again.Start > Start && again.Start < End);
        if (!overlap) return again;
        var (start, end, timeout) = (Math.Min(Start, again.Start), again.End, again.IsTimeout);
        if (again.End > now && End > again.End && !IsTimeout) (end, timeout) = (End, again.IsTimeout);
        return new(start, end, timeout);
    }
}
