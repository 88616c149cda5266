using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Picasoft.Ops.Tests.Benchmarks;

/// <summary>A table of plain HTML without style or script: the browser's own limit.</summary>
internal sealed class PlainPage : IAsyncDisposable
{
    private readonly WebApplication _app;

    private PlainPage(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.First());

    public static async Task<PlainPage> StartAsync(int rows)
    {
        var html = "<!doctype html><title>Plain</title><table>" + string.Concat(Enumerable.Range(0, rows).Select(n =>
            string.Create(CultureInfo.InvariantCulture, $"<tr data-n={n}><td>Critical<td><a href=/{n}>#{n} Service {n % 40}: answered 503</a><td>service-{n % 40}<td>open<td>nobody<td>{n} min ago"))) + "</table>";
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapGet("/", () => Results.Text(html, "text/html"));
        await app.StartAsync();
        return new(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
