namespace Picasoft.Ops.Core.Alerts.Active;

/// <summary>An alert that burns, as this node remembers it: the row, without what nobody asks for.</summary>
public sealed class ActiveAlert(long id, ulong fingerprint, AlertContent content, AlertTimes times, long updatedAt)
{
    private readonly Lock _lock = new();
    private AlertTimes _times = times;
    private long _updatedAt = updatedAt;
    private (SilenceIndex Index, Silence[] Silences)? _muting;

    public long Id => id;

    public ulong Fingerprint => fingerprint;

    public AlertContent Content => content;

    /// <summary>From when to when, and when it was last heard of (ticks of UTC).</summary>
    public (AlertTimes Times, long UpdatedAt) Now
    {
        get { lock (_lock) return (_times, _updatedAt); }
    }

    /// <summary>Those of the index that mute it, at one time or another. Labels do not change, so this is worked out once for each change of the silences.</summary>
    public Silence[] MutedBy(SilenceIndex index)
    {
        lock (_lock)
        {
            if (_muting is { } known && ReferenceEquals(known.Index, index)) return known.Silences;
            var found = index.Matching(content);
            _muting = (index, found);
            return found;
        }
    }

    internal void Touch(AlertTimes times, long updatedAt)
    {
        lock (_lock) (_times, _updatedAt) = (times, updatedAt);
    }
}
