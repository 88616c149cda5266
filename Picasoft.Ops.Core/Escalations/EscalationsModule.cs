using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Picasoft.Ops.Core.Escalations;

/// <summary>Registers who decides whom to tell.</summary>
public static class EscalationsModule
{
    public static IServiceCollection AddEscalations(this IServiceCollection services) => services
        .AddSingleton<SimulationQueries>()
        .AddSingleton<ReviewQueries>()
        .AddSingleton<ReachActions>()
        .AddSingleton<PolicyQueries>()
        .AddSingleton<PolicyActions>()
        .AddHostedService<SwapRunner>()
        .AddHostedService<NoticeRunner>();
}

/// <summary>What escalation says in the log. Event numbers 1600–1699.</summary>
internal static partial class EscalationsLog
{
    [LoggerMessage(1600, LogLevel.Error, "A round of deciding whom to tell failed; the next one follows")]
    public static partial void RoundFailed(ILogger log, Exception exception);
}
