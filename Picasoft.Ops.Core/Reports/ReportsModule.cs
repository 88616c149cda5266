using Microsoft.Extensions.DependencyInjection;
using Picasoft.Ops.Core.Inventory;

namespace Picasoft.Ops.Core.Reports;

public static class ReportsModule
{
    public static IServiceCollection AddReports(this IServiceCollection services) => services
        .AddSingleton<ServiceQueries>()
        .AddSingleton<ChartQueries>()
        .AddSingleton<PreventionQueries>()
        .AddSingleton<OwnFigureQueries>()
        .AddSingleton<StatusPageActions>()
        .AddSingleton<IInventoryUser>(provider => provider.GetRequiredService<StatusPageActions>())
        .AddSingleton<StatusPageQueries>();
}
