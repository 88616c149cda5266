using Microsoft.Extensions.DependencyInjection;

namespace Picasoft.Ops.Core.Reports;

public static class ReportsModule
{
    public static IServiceCollection AddReports(this IServiceCollection services) => services.AddSingleton<ServiceQueries>();
}
