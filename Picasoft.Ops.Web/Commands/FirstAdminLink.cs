using Picasoft.Ops.Core.People;

namespace Picasoft.Ops.Web.Commands;

/// <summary>The link that makes the first administrator, said where <c>run</c> was typed.</summary>
public static class FirstAdminLink
{
    /// <summary>How long before a link ends the next one is said.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromHours(1);

    /// <summary>Says a link, and a fresh one before it ends, for as long as there is nobody who can sign in.</summary>
    /// <param name="url">Where the product is.</param>
    public static async Task OfferAsync(IServiceProvider services, string url, Action<string> say, CancellationToken cancel)
    {
        using var soon = new PeriodicTimer(FirstAdminActions.ValidFor - Overlap, services.GetRequiredService<TimeProvider>());
        while (await NewAsync(services, cancel) is { } link)
        {
            say($"Nobody can sign in yet. Make the first administrator here (works once, for a day): {url}{link}");
            if (!await soon.WaitForNextTickAsync(cancel)) return;
        }
    }

    private static async Task<string?> NewAsync(IServiceProvider services, CancellationToken cancel)
    {
        await using var scope = services.CreateAsyncScope();
        var first = scope.ServiceProvider.GetRequiredService<FirstAdminActions>();
        return await first.IsNeededAsync(cancel) ? first.NewPath() : null;
    }
}
