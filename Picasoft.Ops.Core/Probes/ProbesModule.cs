using Microsoft.Extensions.DependencyInjection;
using Picasoft.Ops.Core.Probes.Kinds;

namespace Picasoft.Ops.Core.Probes;

/// <summary>Registers the probe kinds and what checks them.</summary>
public static class ProbesModule
{
    public static IServiceCollection AddProbes(this IServiceCollection services)
    {
        services.AddSingleton<IProbe, HttpProbe>();
        services.AddSingleton<IProbe, TcpProbe>();

        services.AddSingleton<ProbeKinds>();
        services.AddSingleton<ProbeActions>();
        services.AddSingleton<Inventory.IInventoryUser, ProbesOfService>();
        return services;
    }
}
