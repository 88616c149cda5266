using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Picasoft.Ops.Core.Configuration;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Web.Commands;

internal static class RunCommand
{
    /// <summary>Also the demo's.</summary>
    public static Flag Urls { get; } = new("--urls", "URLS", "addresses to listen on, separated by semicolons (OPS_URLS; http://127.0.0.1:8080)");

    public static Verb Verb { get; } = new("run", [],
    [
        Urls,
        new("--config", "FILE", "ops.yaml to keep the store in line with (OPS_CONFIG)"),
    ], "Starts the product: its database, unless ConnectionStrings__Ops names one, and the web page.", (arguments, cancel) => ServeAsync(SettingsReader.Read(arguments), cancel));

    /// <summary>Runs until cancelled.</summary>
    public static async Task<int> ServeAsync(OpsSettings settings, CancellationToken cancel, Action<WebApplicationBuilder>? adjust = null)
    {
        await using var store = await Store.OpenAsync(settings, alone: true, Console.Error.WriteLine, TimeProvider.System, cancel);
        await SchemaUpgrade.RunAsync(store.ConnectionString, cancel);
        await using var app = OpsApplication.Build(settings, store.ConnectionString, adjust);
        await ProvisionAsync(app.Services, settings, cancel);
        if (settings.Config is { } file && !await LoadAsync(app.Services, file, cancel)) return 1;
        await StartAsync(app, settings, cancel);
        var url = settings.PublicUrl ?? app.Urls.First();
        store.Tell(url);
        Console.WriteLine($"Picasoft.Ops is at {url}");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel, app.Lifetime.ApplicationStopping);
        var offer = FirstAdminLink.OfferAsync(app.Services, url, Console.WriteLine, stop.Token);
        await app.WaitForShutdownAsync(cancel);
        await stop.CancelAsync();
        await offer.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return 0;
    }

    /// <summary>
    /// Loads the configuration file. With a bad one a new store does not start, since whoever typed the command is there to mend it;
    /// one that was configured before runs on as it was, since after a reboot at night that is better than nothing, and says so by an alert.
    /// </summary>
    private static async Task<bool> LoadAsync(IServiceProvider services, string file, CancellationToken cancel)
    {
        var loaded = await services.GetRequiredService<ConfigurationRunner>().LoadAsync(file, cancel);
        if (loaded.Refusal is not { } refusal) return true;
        CheckCommand.Fail(file, refusal);
        if (await services.GetRequiredService<ConfigurationActions>().HasFileItemsAsync(cancel))
        {
            Console.Error.WriteLine($"{file} has mistakes and changes nothing: we run on with the configuration applied before.");
            return true;
        }
        Console.Error.WriteLine($"{file} has mistakes: correct them and start again.");
        return false;
    }

    private static async Task ProvisionAsync(IServiceProvider services, OpsSettings settings, CancellationToken cancel)
    {
        await using var scope = services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<FirstAdminActions>().BootstrapAsync(settings, cancel);
    }

    private static async Task StartAsync(WebApplication app, OpsSettings settings, CancellationToken cancel)
    {
        try
        {
            await StartOrStopAsync(app, cancel);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new PlainError($"Another program listens on {settings.Urls} already: stop it, or choose another address with --urls http://127.0.0.1:8081.", e);
        }
        catch (Exception e) when (e is SocketException or UriFormatException or FormatException or ArgumentException)
        {
            throw new PlainError($"We cannot listen on {settings.Urls} ({e.Message}): choose an address of this machine with --urls http://127.0.0.1:8080.", e);
        }
    }
    // What had started already must come to rest before its database goes: it would report that as a failure, and hide the one that counts.
    private static async Task StartOrStopAsync(WebApplication app, CancellationToken cancel)
    {
        try
        {
            await app.StartAsync(cancel);
        }
        catch
        {
            await app.StopAsync(CancellationToken.None);
            throw;
        }
    }
}
