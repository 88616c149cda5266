using System.Globalization;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes.Trends;

namespace Picasoft.Ops.Core.Heartbeats;

/// <summary>Warns of a backup that is not what it used to be, before its heartbeat is down or nothing is left to restore: measured by its own history. Pure.</summary>
public static class BackupDrift
{
    /// <summary><see cref="Alert.Source"/> of these alerts.</summary>
    public const string Source = "backup_trend";

    public const string Age = "backup_age", Size = "backup_size";

    /// <summary>Fewer sizes have no direction.</summary>
    private const int Least = 8;

    private const double MinTau = 0.6;

    /// <summary>Little by little it may lose a quarter, or double, within <see cref="BackupTruth.Span"/>.</summary>
    private static readonly double _shrinks = Math.Log(1 - SizeVerdict.Tolerance), _grows = Math.Log(2);

    /// <summary>Older than it usually lets itself get: the same measure as of its sizes.</summary>
    /// <param name="made">When the good ones were made, oldest first.</param>
    public static AlertSignal? OfAge(Heartbeat backup, string? host, IReadOnlyList<DateTimeOffset> made, DateTimeOffset now)
    {
        if (made.Count == 0) return null;
        var gaps = made.Zip(made.Skip(1), (a, b) => (long)(b - a).TotalSeconds).ToList();
        var age = now - made[^1];
        var verdict = SizeVerdict.Of((long)age.TotalSeconds, [.. gaps.TakeLast(SizeVerdict.Window)]);
        return verdict.Judgement != SizeJudgement.Large ? null
            : Signal(backup, host, Age, Phrase.Of("heartbeat.drift.age", backup.Name, age, TimeSpan.FromSeconds(verdict.Median)), [.. gaps.Append((long)age.TotalSeconds).Select(s => (double)s)], made[0], "s", now);
    }

    /// <summary>Much larger than those before, or smaller or larger little by little. One that is suddenly smaller is a failure, and no warning.</summary>
    /// <param name="sizes">Of the good ones within <see cref="BackupTruth.Span"/>, oldest first.</param>
    public static AlertSignal? OfSize(Heartbeat backup, string? host, IReadOnlyList<(DateTimeOffset At, long Bytes)> sizes, DateTimeOffset now)
    {
        if (backup.Backup is not { CompareSizes: true } || sizes.Count == 0) return null;
        var picture = sizes.Select(s => (double)s.Bytes).ToList();
        var last = sizes[^1].Bytes;
        var verdict = SizeVerdict.Of(last, [.. sizes.SkipLast(1).TakeLast(SizeVerdict.Window).Select(s => s.Bytes)]);
        if (verdict.Judgement == SizeJudgement.Large) return Signal(backup, host, Size, Phrase.Of("heartbeat.drift.large", backup.Name, SizeText.Of(last), SizeText.Of(verdict.Median)), picture, sizes[0].At, "B", now);
        var days = (sizes[^1].At - sizes[0].At).TotalDays;
        if (sizes.Count < Least || TheilSen.Through([.. sizes.Select(s => ((s.At - sizes[0].At).TotalDays, Math.Log(s.Bytes + 1.0)))]) is not { } line || Math.Abs(line.Tau) < MinTau) return null;
        var change = line.Slope * days;
        if (Math.Abs(change) < 3 * line.Spread || (change > _shrinks && change < _grows)) return null;
        return Signal(backup, host, Size, Phrase.Of(change < 0 ? "heartbeat.drift.shrinks" : "heartbeat.drift.grows", backup.Name, SizeText.Of((long)Math.Exp(line.At(0))), SizeText.Of((long)Math.Exp(line.At(days))), sizes[^1].At - sizes[0].At), picture, sizes[0].At, "B", now);
    }

    private static AlertSignal Signal(Heartbeat backup, string? host, string name, Phrase summary, IReadOnlyList<double> values, DateTimeOffset from, string unit, DateTimeOffset now) => new(
        LabelSet.Of(("alertname", name), (HeartbeatAlerts.Label, backup.Name), ("service", backup.Service ?? ""), ("host", host ?? ""), ("severity", Words.Of(backup.Severity < Severity.Medium ? backup.Severity : Severity.Medium))),
        LabelSet.Of(("summary", summary.In(CultureInfo.InvariantCulture)), (TrendPicture.Annotation, new TrendPicture(values, from, now, null, null, unit).ToString())),
        now, null, Source, summary);
}
