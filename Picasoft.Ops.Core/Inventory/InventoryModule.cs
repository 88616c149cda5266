using Microsoft.Extensions.DependencyInjection;

namespace Picasoft.Ops.Core.Inventory;

public static class InventoryModule
{
    public static IServiceCollection AddInventory(this IServiceCollection services) => services.AddSingleton<InventoryActions>().AddSingleton<InventoryQueries>();
}
