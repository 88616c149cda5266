using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Tests.Support;
using Picasoft.Ops.Web.Commands;

namespace Picasoft.Ops.Tests.Web.Commands;

public sealed class FirstAdminLinkTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_fresh_link_comes_before_the_last_one_ends_until_somebody_has_used_one()
    {
        var time = new FakeTimeProvider(new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));
        await using var app = await RunningApp.StartAsync(postgres, time);
        var said = new ConcurrentQueue<string>();
        using var stop = new CancellationTokenSource();
        var offering = FirstAdminLink.OfferAsync(app.Services, "http://ops", said.Enqueue, stop.Token);
        await Eventually.TrueAsync(() => Task.FromResult(Links(said).Count == 1), "a link is said");

        time.Advance(FirstAdminActions.ValidFor - FirstAdminLink.Overlap);
        await Eventually.TrueAsync(() => Task.FromResult(Links(said).Count == 2), "the next is said");
        Assert.Null(await RefusalOfAsync(app, Links(said)[0])); // there is no moment without one that works

        time.Advance(FirstAdminLink.Overlap);
        Assert.Contains("expired", (await RefusalOfAsync(app, Links(said)[0]))!, StringComparison.OrdinalIgnoreCase);
        Assert.Null(await RefusalOfAsync(app, Links(said)[1]));

        await app.AddPersonAsync("camille", Role.Admin);
        time.Advance(FirstAdminActions.ValidFor);
        await offering.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(2, Links(said).Count);
        await stop.CancelAsync();
    }

    private static List<string> Links(IEnumerable<string> said) => [.. said.Select(l => l[(l.IndexOf("http://ops/setup?key=", StringComparison.Ordinal) + "http://ops/setup?key=".Length)..])];

    private static Task<string?> RefusalOfAsync(RunningApp app, string key) => app.InScopeAsync(async services =>
        (await services.GetRequiredService<FirstAdminActions>().CheckAsync(WebUtility.UrlDecode(key), CancellationToken.None))?.ToString());
}
