using Microsoft.Extensions.DependencyInjection;

namespace Picasoft.Ops.Core.Alerts;

/// <summary>Registers alerts and silences.</summary>
public static class AlertsModule
{
    public static IServiceCollection AddAlerts(this IServiceCollection services)
    {
        services.AddSingleton<AlertExpiryRunner>();
        services.AddHostedService(provider => provider.GetRequiredService<AlertExpiryRunner>());
        return services;
    }
}
