namespace Picasoft.Ops.Web.Compat.Healthchecks;

internal static class HealthchecksModule
{
    public static IServiceCollection AddHealthchecks(this IServiceCollection services) => services.AddSingleton<PingLimit>();
}
