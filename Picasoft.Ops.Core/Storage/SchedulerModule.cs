using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Quartz;

namespace Picasoft.Ops.Core.Storage;

/// <summary>
/// The scheduler of what must run once whichever node is up (reports, retention, partitions, drills): Quartz, clustered on our database.
/// A feature adds its jobs with <c>services.AddQuartz(q => q.AddJob…)</c>. What every node does for itself does not belong here.
/// </summary>
public static class SchedulerModule
{
    public static IServiceCollection AddScheduler(this IServiceCollection services, string connectionString)
    {
        services.AddQuartz(quartz =>
        {
            quartz.ConfigureScheduler(options => options.InstanceName = "ops");
            quartz.UseDefaultThreadPool(10);
            quartz.UsePersistentStore(store =>
            {
                store.UsePostgres(database => // SchemaUpgrade made the tables
                {
                    // Its sessions cannot be lent by OpenSoon: of several servers it gets a source of its own, with a time in which one that is silent is given up.
                    var settings = new NpgsqlConnectionStringBuilder(StorageModule.Careful(connectionString));
                    if (StorageModule.IsSeveral(settings)) database.ConnectionString = new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Timeout = Math.Max(2, settings.Timeout), MaxPoolSize = 15 }.ConnectionString;
                    else database.UseRegisteredDataSource = true;
                });
                store.ConfigureStore(options => options.StoreJobDataAsStrings = true);
                // A job of a node that died is taken up by another after about 8 s. While the database is away nobody is thought dead: Quartz adds its own silence.
                store.UseClustering(cluster => (cluster.CheckinInterval, cluster.CheckinMisfireThreshold) = (TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(5)));
            });
        });
        services.AddQuartzHostedService(options => options.WaitForJobsToComplete = true);
        return services;
    }
}
