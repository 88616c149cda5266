using Microsoft.Extensions.DependencyInjection;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Logs.Files;
using Picasoft.Ops.Core.Logs.Syslog;
using Quartz;

namespace Picasoft.Ops.Core.Logs;

/// <summary>Registers the log rules and what hears the logs.</summary>
public static class LogsModule
{
    public static IServiceCollection AddLogs(this IServiceCollection services)
    {
        services.AddSingleton<LogRuleActions>();
        services.AddSingleton<LogRuleQueries>();
        services.AddSingleton<LogQueries>();
        services.AddSingleton<LogSettingsActions>();
        services.AddSingleton<IInventoryUser, LogRulesOfService>();
        services.AddSingleton<LogIntake>();
        services.AddHostedService(provider => provider.GetRequiredService<LogIntake>());
        services.AddSingleton<LogRuleRunner>();
        services.AddHostedService(provider => provider.GetRequiredService<LogRuleRunner>());
        services.AddSingleton<SyslogListener>();
        services.AddHostedService(provider => provider.GetRequiredService<SyslogListener>());
        services.AddSingleton<LogFileRunner>();
        services.AddHostedService(provider => provider.GetRequiredService<LogFileRunner>());
        services.AddSingleton<JournalRunner>();
        services.AddHostedService(provider => provider.GetRequiredService<JournalRunner>());
        services.AddTransient<LogRetentionJob>();
        services.AddQuartz(quartz => quartz.ScheduleJob<LogRetentionJob>(
            trigger => trigger.WithIdentity("retention", "logs").StartNow().WithSimpleSchedule(schedule => schedule.WithInterval(TimeSpan.FromHours(1)).RepeatForever()), job => job.WithIdentity("retention", "logs")));
        return services;
    }
}
