using Microsoft.Extensions.DependencyInjection;
using Quartz;

namespace Picasoft.Ops.Core.Storage;

/// <summary>
/// The scheduler of what must run once whichever node is up (reports, retention, partitions, drills): Quartz, clustered on our database.
/// A feature adds its jobs with <c>services.AddQuartz(q => q.AddJob…)</c>. What every node does for itself does not belong here.
/// </summary>
public static class SchedulerModule
{
    public static IServiceCollection AddScheduler(this IServiceCollection services)
    {
        services.AddQuartz(quartz =>
        {
            quartz.ConfigureScheduler(options => options.InstanceName = "ops");
            quartz.UseDefaultThreadPool(10);
            quartz.UsePersistentStore(store =>
            {
                store.UsePostgres(database => database.UseRegisteredDataSource = true); // SchemaUpgrade made the tables
                store.ConfigureStore(options => options.StoreJobDataAsStrings = true);
                // A job of a node that died is taken up by another after about 8 s. While the database is away nobody is thought dead: Quartz adds its own silence.
                store.UseClustering(cluster => (cluster.CheckinInterval, cluster.CheckinMisfireThreshold) = (TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(5)));
            });
        });
        services.AddQuartzHostedService(options => options.WaitForJobsToComplete = true);
        return services;
    }
}
