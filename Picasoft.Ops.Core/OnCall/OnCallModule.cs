using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Picasoft.Ops.Core.OnCall;

/// <summary>Registers who is on call.</summary>
public static class OnCallModule
{
    public static IServiceCollection AddOnCall(this IServiceCollection services) => services
        .AddSingleton<OnCallActions>()
        .AddSingleton<OnCallQueries>()
        .AddSingleton<People.IPersonUser, RosterQueries>()
        .AddHostedService<OnCallRunner>()
        .AddHostedService<AbsenceRunner>();
}

/// <summary>What on-call says in the log. Event numbers 1700–1749.</summary>
internal static partial class OnCallLog
{
    [LoggerMessage(1700, LogLevel.Error, "A round of writing down who is on call failed; the next one follows")]
    public static partial void RoundFailed(ILogger log, Exception exception);

    [LoggerMessage(1701, LogLevel.Warning, "The calendar of {Person} could not be read: {Why}")]
    public static partial void CalendarUnread(ILogger log, string person, string why);
}
