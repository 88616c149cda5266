using System.Globalization;
using Microsoft.Playwright;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Benchmarks;

/// <summary>The inbox with 500 rows in a browser with a cold cache: first paint, rows shown, bytes on the wire, blocking time; beside them a page of plain HTML, which no page can beat.</summary>
public sealed class PageBenchmark : IBenchmark
{
    private const int Rows = 500;
    private const int Rounds = 7;

    // Rows count as shown when the last one stands in the document; long tasks are those over 50 ms, of which the part above blocks.
    private const string Watch = """
        window.bench = { rows: 0, blocked: 0 };
        new PerformanceObserver(list => { for (const t of list.getEntries()) window.bench.blocked += t.duration - 50; }).observe({ type: 'longtask', buffered: true });
        const look = () => { if (document.querySelectorAll('tr[data-n]').length >= 500) window.bench.rows = performance.now(); else requestAnimationFrame(look); };
        requestAnimationFrame(look);
        """;

    private const string Paint = "(performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0)";

    public string Name => "page";

    public async Task RunAsync(BenchContext context)
    {
        await using var store = await LargeStore.StartAsync(1000, Rows);
        await using (var warm = await store.OpenAsync()) await Support.Browser.GoAsync(warm, "/"); // the server has seen a visitor before; the browser has not
        List<double> paint = [], rows = [], blocked = [], limit = [], limitRows = [];
        await using var plain = await PlainPage.StartAsync(Rows);
        for (var round = 0; round < Rounds; round++)
        {
            await using (var cold = await store.OpenAsync())
            {
                var page = await cold.NewPageAsync();
                await page.AddInitScriptAsync(Watch);
                await page.GotoAsync("/");
                await Support.Browser.ReadyAsync(page);
                await page.WaitForFunctionAsync("() => window.bench.rows > 0");
                paint.Add(await NumberAsync(page, Paint));
                rows.Add(await NumberAsync(page, "window.bench.rows"));
                blocked.Add(await NumberAsync(page, "window.bench.blocked"));
            }
            await using (var cold = await store.OpenAsync())
            {
                var page = await cold.NewPageAsync();
                await page.AddInitScriptAsync(Watch);
                await page.GotoAsync(plain.Address.ToString());
                await page.WaitForFunctionAsync($"() => window.bench.rows > 0 && {Paint} > 0");
                limit.Add(await NumberAsync(page, Paint));
                limitRows.Add(await NumberAsync(page, "window.bench.rows"));
            }
        }
        context.ReportMedian("first contentful paint", paint, "ms");
        context.ReportMedian("first contentful paint, limit: plain HTML with as many rows", limit, "ms");
        context.ReportMedian("500 rows shown", rows, "ms");
        context.ReportMedian("500 rows shown, limit: plain HTML", limitRows, "ms");
        context.ReportMedian("blocking time", blocked, "ms");

        // Bytes as they pass, the socket's compression included: what the browser's own tools say of a socket is unpacked.
        await using var relay = CountingRelay.Start(store.Host.Address);
        await using (var counted = await store.OpenAsync(relay.Address))
        {
            await Support.Browser.GoAsync(counted, "/");
            await counted.Pages[0].WaitForFunctionAsync("() => document.querySelectorAll('tr[data-n]').length >= 500");
        }
        context.Report("on the wire, socket included", relay.Bytes / 1000.0, "kB");
    }

    private static async Task<double> NumberAsync(IPage page, string expression) =>
        double.Parse(await page.EvaluateAsync<string>($"() => String({expression})"), CultureInfo.InvariantCulture);
}
