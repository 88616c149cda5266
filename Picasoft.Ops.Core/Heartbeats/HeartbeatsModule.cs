using Microsoft.Extensions.DependencyInjection;
using Picasoft.Ops.Core.Inventory;
using Quartz;

namespace Picasoft.Ops.Core.Heartbeats;

/// <summary>Registers what hears pings and notices silence.</summary>
public static class HeartbeatsModule
{
    public static IServiceCollection AddHeartbeats(this IServiceCollection services)
    {
        services.AddSingleton<HeartbeatActions>();
        services.AddSingleton<HeartbeatQueries>();
        services.AddSingleton<IInventoryUser>(provider => provider.GetRequiredService<HeartbeatQueries>());
        services.AddSingleton<PingIntake>();
        services.AddSingleton<HeartbeatRunner>();
        services.AddHostedService(provider => provider.GetRequiredService<HeartbeatRunner>());
        services.AddSingleton<BackupDriftRunner>();
        services.AddTransient<BackupDriftJob>();
        services.AddQuartz(quartz => quartz.ScheduleJob<BackupDriftJob>(
            trigger => trigger.WithIdentity("backup-drift", "heartbeats").StartNow().WithSimpleSchedule(schedule => schedule.WithInterval(TimeSpan.FromMinutes(15)).RepeatForever()),
            job => job.WithIdentity("backup-drift", "heartbeats")));
        services.AddTransient<PingCleanupJob>();
        services.AddQuartz(quartz => quartz.ScheduleJob<PingCleanupJob>(
            trigger => trigger.WithIdentity("pings", "heartbeats").StartNow().WithSimpleSchedule(schedule => schedule.WithInterval(TimeSpan.FromHours(1)).RepeatForever()),
            job => job.WithIdentity("pings", "heartbeats")));
        return services;
    }
}
