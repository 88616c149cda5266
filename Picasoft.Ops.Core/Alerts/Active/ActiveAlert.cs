namespace Picasoft.Ops.Core.Alerts.Active;

/// <summary>An alert that burns, as this node remembers it: the row, without what nobody asks for.</summary>
public sealed class ActiveAlert(long id, ulong fingerprint, AlertContent content, AlertTimes times, long updatedAt)
{
    // One for each would be as large as the rest.
    private static readonly Lock[] _locks = [.. Enumerable.Range(0, 64).Select(_ => new Lock())];

    private AlertTimes _times = times;
    private long _updatedAt = updatedAt;
    private SilenceIndex? _index;
    private Silence[] _muting = [];

    public long Id => id;

    public ulong Fingerprint => fingerprint;

    public AlertContent Content => content;

    /// <summary>From when to when, and when it was last heard of (ticks of UTC).</summary>
    public (AlertTimes Times, long UpdatedAt) Now
    {
        get { lock (_locks[fingerprint % 64]) return (_times, _updatedAt); }
    }

    /// <summary>Those of the index that mute it, at one time or another. Labels do not change, so this is worked out once for each change of the silences.</summary>
    public Silence[] MutedBy(SilenceIndex index)
    {
        lock (_locks[fingerprint % 64])
        {
            if (!ReferenceEquals(_index, index)) (_index, _muting) = (index, index.Matching(content));
            return _muting;
        }
    }

    internal void Touch(AlertTimes times, long updatedAt)
    {
        lock (_locks[fingerprint % 64]) (_times, _updatedAt) = (times, updatedAt);
    }
}
