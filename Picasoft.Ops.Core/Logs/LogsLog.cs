using Microsoft.Extensions.Logging;

namespace Picasoft.Ops.Core.Logs;

/// <summary>What log watching says in the log. Event numbers 1700–1799.</summary>
internal static partial class LogsLog
{
    [LoggerMessage(1700, LogLevel.Warning, "What rules found in logs cannot be stored now; trying again every second")]
    public static partial void NotStored(ILogger log, Exception exception);

    [LoggerMessage(1701, LogLevel.Error, "The log rule {Rule} cannot be used")]
    public static partial void RuleUnusable(ILogger log, string rule, Exception exception);

    [LoggerMessage(1702, LogLevel.Error, "Cannot listen for syslog on {Endpoint}: {Reason}")]
    public static partial void CannotListen(ILogger log, string endpoint, string reason);

    [LoggerMessage(1703, LogLevel.Information, "Listening for syslog on {Endpoint}")]
    public static partial void Listening(ILogger log, string endpoint);

    [LoggerMessage(1704, LogLevel.Warning, "A syslog sender at {Peer} was refused: {Reason}")]
    public static partial void Refused(ILogger log, string peer, string reason);

    [LoggerMessage(1705, LogLevel.Warning, "Could not look for what is missing in logs; trying again")]
    public static partial void TickFailed(ILogger log, Exception exception);

    [LoggerMessage(1707, LogLevel.Error, "What {Rules} rules found, and {Lines} lines, were given up: the database refuses them; this is a mistake of ours")]
    public static partial void GivenUp(ILogger log, int rules, int lines, Exception exception);

    [LoggerMessage(1706, LogLevel.Warning, "Cannot read {Source}: {Reason}")]
    public static partial void CannotRead(ILogger log, string source, string reason);
}
