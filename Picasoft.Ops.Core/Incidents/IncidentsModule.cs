using Microsoft.Extensions.DependencyInjection;

namespace Picasoft.Ops.Core.Incidents;

/// <summary>Registers incidents: what people do to them, what they read of them, and the runner that makes them from alerts.</summary>
public static class IncidentsModule
{
    public static IServiceCollection AddIncidents(this IServiceCollection services)
    {
        services.AddSingleton<IncidentActions>();
        services.AddSingleton<PatternIncidentActions>();
        services.AddSingleton<IncidentQueries>();
        services.AddSingleton<IncidentRunner>();
        services.AddHostedService(provider => provider.GetRequiredService<IncidentRunner>());
        return services;
    }
}
