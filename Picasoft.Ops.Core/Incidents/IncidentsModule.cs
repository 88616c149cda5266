using Microsoft.Extensions.DependencyInjection;

namespace Picasoft.Ops.Core.Incidents;

public static class IncidentsModule
{
    public static IServiceCollection AddIncidents(this IServiceCollection services) => services
        .AddSingleton<IncidentActions>()
        .AddSingleton<TriageQueries>();
}
