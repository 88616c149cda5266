using Microsoft.Extensions.DependencyInjection;
using Picasoft.Ops.Core.Alerts.Active;

namespace Picasoft.Ops.Core.Alerts;

/// <summary>Registers alerts and silences.</summary>
public static class AlertsModule
{
    public static IServiceCollection AddAlerts(this IServiceCollection services)
    {
        services.AddSingleton<SilenceActions>();
        services.AddSingleton<SilenceQueries>();
        services.AddSingleton<AlertQueries>();
        services.AddSingleton<ActiveAlerts>();
        services.AddSingleton<AlertGroupIntake>();
        services.AddHostedService(provider => provider.GetRequiredService<AlertGroupIntake>());
        services.AddSingleton<AlertExpiryRunner>();
        services.AddHostedService(provider => provider.GetRequiredService<AlertExpiryRunner>());
        return services;
    }
}
