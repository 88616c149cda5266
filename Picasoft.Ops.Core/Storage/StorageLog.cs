using Microsoft.Extensions.Logging;

namespace Picasoft.Ops.Core.Storage;

/// <summary>What the storage says in the log. Event numbers 1000–1099.</summary>
internal static partial class StorageLog
{
    [LoggerMessage(1000, LogLevel.Warning, "Lost the connection that hears changes; reconnecting in a second")]
    public static partial void ListenerLost(ILogger log, Exception exception);

    [LoggerMessage(1001, LogLevel.Error, "A listener of {Topic} failed")]
    public static partial void SubscriberFailed(ILogger log, string topic, Exception exception);
}
