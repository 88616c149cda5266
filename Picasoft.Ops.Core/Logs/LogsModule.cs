using Microsoft.Extensions.DependencyInjection;
using Picasoft.Ops.Core.Inventory;

namespace Picasoft.Ops.Core.Logs;

/// <summary>Registers the log rules and what hears the logs.</summary>
public static class LogsModule
{
    public static IServiceCollection AddLogs(this IServiceCollection services) => services
        .AddSingleton<LogRuleActions>()
        .AddSingleton<LogRuleQueries>()
        .AddSingleton<IInventoryUser, LogRulesOfService>();
}
