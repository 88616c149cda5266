using Microsoft.Extensions.DependencyInjection;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes.Kinds;
using Picasoft.Ops.Core.Probes.Places;
using Picasoft.Ops.Core.Probes.Trends;
using Quartz;

namespace Picasoft.Ops.Core.Probes;

/// <summary>Registers the probe kinds and what checks them.</summary>
public static class ProbesModule
{
    /// <summary>The scheduler of what every node does for itself, in its own memory.</summary>
    public const string LocalScheduler = "local";

    public static IServiceCollection AddProbes(this IServiceCollection services)
    {
        services.AddSingleton<IProbe, HttpProbe>();
        services.AddSingleton<IProbe, TcpProbe>();
        services.AddSingleton<IProbe, TlsProbe>();
        services.AddSingleton<IProbe, DnsProbe>();
        services.AddSingleton<IProbe, IcmpProbe>();
        services.AddSingleton<IProbe, HttpScenarioProbe>();
        services.AddSingleton<IProbe, WebsocketProbe>();
        services.AddSingleton<IProbe, DomainExpiryProbe>();
        services.AddSingleton<IProbe, DnsblProbe>();
        services.AddSingleton<IProbe, MailAuthProbe>();
        services.AddSingleton<IProbe, SmtpProbe>();
        services.AddSingleton<IProbe, ImapProbe>();
        services.AddSingleton<IProbe, MailRoundtripProbe>();
        services.AddSingleton<IProbe, PostgresProbe>();
        services.AddSingleton<IProbe, MysqlProbe>();
        services.AddSingleton<IProbe, RedisProbe>();
        services.AddSingleton<IProbe, LdapProbe>();
        services.AddSingleton<IProbe, PrometheusProbe>();
        services.AddSingleton<IProbe, SshCommandProbe>();
        services.AddSingleton<IProbe, DockerProbe>();
        services.AddSingleton<IProbe, PatroniProbe>();
        services.AddSingleton<IProbe, HaproxyProbe>();
        services.AddSingleton<IProbe>(provider => new PluginProbe(provider.GetService<OpsSettings>()?.Plugins ?? OpsSettings.DefaultPlugins));

        services.AddSingleton<ProbeKinds>();
        services.AddSingleton<ProbeActions>();
        services.AddSingleton<ProbeQueries>();
        services.AddSingleton<MeasurementQueries>();
        services.AddSingleton<RetentionActions>();
        services.AddTransient<PartitionJob>();
        services.AddTransient<RollUpJob>();
        services.AddSingleton<TrendRunner>();
        services.AddSingleton<PreventionActions>();
        services.AddTransient<TrendJob>();
        services.AddSingleton<Inventory.IInventoryUser, ProbesOfService>();
        services.AddSingleton<ProbeResultIntake>();
        services.AddHostedService(provider => provider.GetRequiredService<ProbeResultIntake>());
        services.AddSingleton<NetworkRunner>();
        services.AddSingleton<NodeQueries>();
        services.AddHostedService<NodeRunner>();
        services.AddSingleton<ProbeRunner>();
        services.AddQuartz(LocalScheduler, quartz => quartz
            .UseInMemoryStore()
            .ScheduleJob<ProbeTickJob>(trigger => Every(trigger, TimeSpan.FromSeconds(1))));
        services.AddQuartzHostedService(LocalScheduler, options => options.WaitForJobsToComplete = true);
        // Once, whichever node is up: on the clustered scheduler.
        services.AddQuartz(quartz => quartz
            .ScheduleJob<PartitionJob>(trigger => Every(trigger.WithIdentity("partitions", "probes"), TimeSpan.FromHours(1)), job => job.WithIdentity("partitions", "probes"))
            .ScheduleJob<RollUpJob>(trigger => Every(trigger.WithIdentity("roll-up", "probes"), TimeSpan.FromMinutes(5)), job => job.WithIdentity("roll-up", "probes"))
            .ScheduleJob<TrendJob>(trigger => Every(trigger.WithIdentity("trends", "probes"), TimeSpan.FromMinutes(15)), job => job.WithIdentity("trends", "probes")));
        return services;
    }

    private static void Every<TJob>(ITriggerConfigurator<TJob> trigger, TimeSpan interval) where TJob : IJob =>
        trigger.StartNow().WithSimpleSchedule(schedule => schedule.WithInterval(interval).RepeatForever());
}
