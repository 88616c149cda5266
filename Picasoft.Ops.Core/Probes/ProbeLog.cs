using Microsoft.Extensions.Logging;

namespace Picasoft.Ops.Core.Probes;

/// <summary>What the probes say in the log. Event numbers 1200–1299.</summary>
internal static partial class ProbeLog
{
    [LoggerMessage(1200, LogLevel.Warning, "The database is away: for a minute this node goes on with the checks that it made last")]
    public static partial void DatabaseAway(ILogger log, Exception exception);

    [LoggerMessage(1201, LogLevel.Information, "The database is back: checks go on")]
    public static partial void DatabaseBack(ILogger log);

    [LoggerMessage(1202, LogLevel.Warning, "More than {Limit} checks are under way: {Probe} was left out this time")]
    public static partial void TooManyUnderWay(ILogger log, int limit, string probe);

    [LoggerMessage(1203, LogLevel.Error, "The check {Probe} broke; this is a mistake of ours")]
    public static partial void CheckFailed(ILogger log, string probe, Exception exception);

    [LoggerMessage(1204, LogLevel.Error, "The settings of the check {Probe} cannot be read")]
    public static partial void SettingsUnreadable(ILogger log, string probe, Exception exception);

    [LoggerMessage(1205, LogLevel.Warning, "{Count} results cannot be stored now; trying again every second")]
    public static partial void NotStored(ILogger log, int count, Exception exception);

    [LoggerMessage(1206, LogLevel.Error, "{Count} results were lost: the database was away for too long")]
    public static partial void Lost(ILogger log, long count);

    [LoggerMessage(1207, LogLevel.Error, "{Count} results were given up: the database refuses them")]
    public static partial void GivenUp(ILogger log, int count, Exception exception);

    [LoggerMessage(1208, LogLevel.Information, "Partitions of {Table}: {Made} made, {Dropped} dropped")]
    public static partial void Partitions(ILogger log, string table, int made, int dropped);
}
