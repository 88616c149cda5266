using System.Runtime.InteropServices;

namespace Picasoft.Ops.Core.Alerts.Active;

/// <summary>Every alert that burns, in memory, so that asking for them costs no database. <see cref="AlertGroupIntake"/> keeps it true.</summary>
public sealed class ActiveAlerts
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, ActiveAlert> _alerts = [];
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done when the alerts that the store holds have been read.</summary>
    public Task Loaded => _loaded.Task;

    /// <summary>Those that have not ended, in order of their fingerprints.</summary>
    public ActiveAlert[] At(DateTimeOffset now)
    {
        var ticks = now.UtcTicks;
        List<ActiveAlert> found;
        lock (_lock) found = [.. _alerts.Values];
        found.RemoveAll(a => a.Now.Times.End < ticks);
        CollectionsMarshal.AsSpan(found).Sort((a, b) => a.Fingerprint.CompareTo(b.Fingerprint));
        return [.. found];
    }

    /// <summary>Ids of those whose end has come.</summary>
    public long[] DueAt(DateTimeOffset now)
    {
        var ticks = now.UtcTicks;
        lock (_lock) return [.. _alerts.Values.Where(a => a.Now.Times.End <= ticks).Select(a => a.Id)];
    }

    internal int Count
    {
        get { lock (_lock) return _alerts.Count; }
    }

    internal ActiveAlert? Find(ulong fingerprint)
    {
        lock (_lock) return _alerts.GetValueOrDefault(fingerprint);
    }

    internal void Put(ActiveAlert alert)
    {
        lock (_lock) _alerts[alert.Fingerprint] = alert;
    }

    internal void Remove(ulong fingerprint)
    {
        lock (_lock) _alerts.Remove(fingerprint);
    }

    /// <summary>Forgets all others.</summary>
    internal void Keep(HashSet<ulong> fingerprints)
    {
        lock (_lock)
            foreach (var gone in _alerts.Keys.Where(f => !fingerprints.Contains(f)).ToList()) _alerts.Remove(gone);
    }

    internal void HasLoaded() => _loaded.TrySetResult();
}
