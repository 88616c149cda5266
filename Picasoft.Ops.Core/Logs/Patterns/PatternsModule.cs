using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quartz;

namespace Picasoft.Ops.Core.Logs.Patterns;

/// <summary>Registers what learns the kinds of lines.</summary>
public static class PatternsModule
{
    public static IServiceCollection AddLogPatterns(this IServiceCollection services)
    {
        services.AddSingleton<PatternIntake>();
        services.AddHostedService(provider => provider.GetRequiredService<PatternIntake>());
        services.AddSingleton<PatternActions>();
        services.AddSingleton<PatternQueries>();
        services.TryAddSingleton<LogDigestQueries>();
        services.AddTransient<PatternRetentionJob>();
        services.AddQuartz(quartz => quartz.ScheduleJob<PatternRetentionJob>(
            trigger => trigger.WithIdentity("retention", "log-patterns").StartNow().WithSimpleSchedule(schedule => schedule.WithInterval(TimeSpan.FromHours(12)).RepeatForever()),
            job => job.WithIdentity("retention", "log-patterns")));
        return services;
    }
}
