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
        .AddSingleton<QuieterActions>()
        .AddSingleton<People.IPersonUser, PoliciesOfPerson>()
        .AddHostedService<SwapRunner>()
        .AddHostedService<ShiftRunner>()
        .AddSingleton<NoticeRunner>()
        .AddHostedService(services => services.GetRequiredService<NoticeRunner>())
        .AddHostedService<RehearsalRunner>();
}

/// <summary>What escalation says in the log. Event numbers 1600–1699.</summary>
internal static partial class EscalationsLog
{
    [LoggerMessage(1600, LogLevel.Error, "A round of deciding whom to tell failed; the next one follows")]
    public static partial void RoundFailed(ILogger log, Exception exception);

    [LoggerMessage(1601, LogLevel.Information, "The way of an alarm could not be rehearsed; the first one takes a little longer")]
    public static partial void RehearsalFailed(ILogger log, Exception? exception);
}
