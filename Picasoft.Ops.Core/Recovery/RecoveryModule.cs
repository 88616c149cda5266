using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Recovery.Engines;
using Quartz;

namespace Picasoft.Ops.Core.Recovery;

/// <summary>Registers what looks at clusters and goes through recovery plans.</summary>
public static class RecoveryModule
{
    public static IServiceCollection AddRecovery(this IServiceCollection services)
    {
        services.AddSingleton<IClusterEngine, PatroniEngine>();
        services.AddSingleton<IClusterEngine, HaproxyEngine>();
        services.AddSingleton<IClusterEngine, ActiveEngine>();
        services.AddSingleton<IClusterEngine, LdapEngine>();
        services.AddSingleton<IClusterEngine, AddressEngine>();
        services.AddSingleton<ClusterQueries>();
        services.AddSingleton<ClusterRunner>();
        services.AddHostedService(provider => provider.GetRequiredService<ClusterRunner>());
        services.AddSingleton<StepActions>();
        services.AddSingleton<RecoveryActions>();
        services.AddSingleton<DefinitionActions>();
        services.AddSingleton<Inventory.IInventoryUser>(provider => provider.GetRequiredService<DefinitionActions>());
        services.AddSingleton<RecoveryRunner>();
        services.AddHostedService(provider => provider.GetRequiredService<RecoveryRunner>());
        services.AddSingleton<PlanRunner>();
        services.AddHostedService(provider => provider.GetRequiredService<PlanRunner>());
        services.AddSingleton<ReadinessQueries>();
        services.AddSingleton<ILetter, RecoveryLetter>();
        services.AddTransient<RecoveryLetterJob>();
        services.AddQuartz(quartz => quartz.ScheduleJob<RecoveryLetterJob>(
            trigger => trigger.WithIdentity("letter", "recovery").StartNow().WithSimpleSchedule(schedule => schedule.WithInterval(TimeSpan.FromMinutes(30)).RepeatForever()),
            job => job.WithIdentity("letter", "recovery")));
        return services;
    }
}

/// <summary>What recovery says in the log. Event numbers 1800–1849.</summary>
internal static partial class RecoveryLog
{
    [LoggerMessage(1800, LogLevel.Warning, "Could not look at the clusters; trying again in five seconds")]
    public static partial void LookingFailed(ILogger log, Exception exception);

    [LoggerMessage(1801, LogLevel.Warning, "A step of a recovery plan could not be done or recorded")]
    public static partial void StepFailed(ILogger log, Exception exception);

    [LoggerMessage(1802, LogLevel.Warning, "Could not look at the recovery plans; trying again in five seconds")]
    public static partial void PlanFailed(ILogger log, Exception exception);
}
