using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Web.Commands;

/// <summary>What an administration verb needs: the store, and the services of Core over it, without the web.</summary>
internal sealed class Workplace : IAsyncDisposable
{
    private readonly Store _store;
    private readonly ServiceProvider _services;
    private readonly AsyncServiceScope _scope;

    private Workplace(Store store, ServiceProvider services) => (_store, _services, _scope) = (store, services, services.CreateAsyncScope());

    public IServiceProvider Services => _scope.ServiceProvider;

    public static async Task<Workplace> OpenAsync(OpsSettings settings, CancellationToken cancel)
    {
        var store = await Store.OpenAsync(settings, alone: false, Console.Error.WriteLine, TimeProvider.System, cancel);
        try
        {
            // A private store is nobody else's, so it is brought up to date on the way; a shared one only by those who were asked to.
            if (store.IsPrivate) await SchemaUpgrade.RunAsync(store.ConnectionString, cancel);
            var services = new ServiceCollection();
            services.AddLogging(log => log.AddConsole().SetMinimumLevel(LogLevel.Error)).AddStorage(store.ConnectionString, Store.SecretKey(settings)).AddPeople().AddFileConfiguration();
            var workplace = new Workplace(store, services.BuildServiceProvider());
            await workplace.CheckSchemaAsync(cancel);
            return workplace;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _scope.DisposeAsync();
        await _services.DisposeAsync();
        await _store.DisposeAsync();
    }

    private async Task CheckSchemaAsync(CancellationToken cancel)
    {
        if (await SchemaUpgrade.PendingAsync(Services.GetRequiredService<OpsDbContext>(), cancel) is { Count: > 0 })
            throw new PlainError("The database has an older schema than this version: run ./ops migrate first.");
    }
}
