using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Picasoft.Ops.Core.Probes.Kinds;
using Quartz;

namespace Picasoft.Ops.Core.Probes;

/// <summary>The name under which this node signs its results.</summary>
public sealed record ProbeNode(string Name);

/// <summary>Registers the probe kinds and what checks them.</summary>
public static class ProbesModule
{
    /// <summary>The scheduler of what every node does for itself, in its own memory.</summary>
    public const string LocalScheduler = "local";

    public static IServiceCollection AddProbes(this IServiceCollection services)
    {
        services.AddSingleton<IProbe, HttpProbe>();
        services.AddSingleton<IProbe, TcpProbe>();

        services.TryAddSingleton(new ProbeNode(Environment.GetEnvironmentVariable("OPS_NODE") is { Length: > 0 } node ? node : Environment.MachineName));
        services.AddSingleton<ProbeKinds>();
        services.AddSingleton<ProbeActions>();
        services.AddSingleton<Inventory.IInventoryUser, ProbesOfService>();
        services.AddSingleton<ProbeResultIntake>();
        services.AddHostedService(provider => provider.GetRequiredService<ProbeResultIntake>());
        services.AddSingleton<ProbeRunner>();
        services.AddQuartz(LocalScheduler, quartz => quartz
            .UseInMemoryStore()
            .ScheduleJob<ProbeTickJob>(trigger => trigger.StartNow().WithSimpleSchedule(s => s.WithInterval(TimeSpan.FromSeconds(1)).RepeatForever())));
        services.AddQuartzHostedService(LocalScheduler, options => options.WaitForJobsToComplete = true);
        return services;
    }
}
