using Picasoft.Ops.Core.Inventory;

namespace Picasoft.Ops.Core.Heartbeats;

/// <summary>One backup that was made.</summary>
public sealed record BackupMade(DateTimeOffset At, BackupFacts? Facts);

/// <summary>One restore that was proven.</summary>
/// <param name="Took">How long it took; null: it did not say.</param>
public sealed record RestoreProven(DateTimeOffset At, TimeSpan? Took, IReadOnlyDictionary<string, string> Proof);

/// <summary>What is known, not hoped, of a backup. Pure.</summary>
/// <param name="Row">The backup's heartbeat.</param>
/// <param name="Service">What it saves; null: nobody said.</param>
/// <param name="Last">The last good one.</param>
/// <param name="Sizes">Of the good ones, oldest first.</param>
/// <param name="Size">How the last size is, compared with those before.</param>
/// <param name="Rpo">Most that would have been lost: the longest time without a good backup, of the last 30 days and up to now; null: none was made.</param>
/// <param name="Restore">The last proven restore.</param>
public sealed record BackupTruth(HeartbeatRow Row, Service? Service, BackupMade? Last, IReadOnlyList<long> Sizes, SizeVerdict? Size, TimeSpan? Rpo, RestoreProven? Restore)
{
    /// <summary>How far back the proven RPO looks.</summary>
    public static readonly TimeSpan Span = TimeSpan.FromDays(30);

    /// <summary>More could be lost than was promised; null: nothing was promised, or nothing is known.</summary>
    public bool? KeepsRpo => Service?.Rpo is { } promised && Rpo is { } proven ? proven <= promised : null;

    /// <summary>Restoring takes longer than was promised.</summary>
    public bool? KeepsRto => Service?.Rto is { } promised && Restore?.Took is { } proven ? proven <= promised : null;

    /// <param name="made">The good backups, oldest first.</param>
    public static BackupTruth Of(HeartbeatRow row, Service? service, IReadOnlyList<BackupMade> made, RestoreProven? restore, DateTimeOffset now)
    {
        var sizes = made.Where(m => m.Facts?.Size is not null).Select(m => m.Facts!.Size!.Value).ToList();
        var verdict = sizes.Count == 0 ? null : SizeVerdict.Of(sizes[^1], [.. sizes.SkipLast(1).TakeLast(SizeVerdict.Window)]);
        return new(row, service, made.Count > 0 ? made[^1] : null, sizes, verdict, RpoOf(made, now), restore);
    }

    private static TimeSpan? RpoOf(IReadOnlyList<BackupMade> made, DateTimeOffset now)
    {
        if (made.Count == 0) return null;
        var longest = TimeSpan.Zero;
        foreach (var (index, backup) in made.Index())
        {
            var until = index + 1 < made.Count ? made[index + 1].At : now;
            if (until > now - Span && until - backup.At > longest) longest = until - backup.At;
        }
        return longest;
    }
}
