using System.Globalization;
using Microsoft.Playwright;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Benchmarks;

/// <summary>The inbox with 500 rows in a browser with a cold cache: first paint, rows shown, bytes on the wire, blocking time.</summary>
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

    public string Name => "page";

    public async Task RunAsync(BenchContext context)
    {
        await using var store = await LargeStore.StartAsync(1000, Rows);
        await using (var warm = await store.OpenAsync()) await Support.Browser.GoAsync(warm, "/"); // the server has seen a visitor before; the browser has not
        List<double> paint = [], rows = [], kilobytes = [], blocked = [], requests = [];
        for (var round = 0; round < Rounds; round++)
        {
            await using var cold = await store.OpenAsync();
            var page = await cold.NewPageAsync();
            var wire = await cold.NewCDPSessionAsync(page);
            double bytes = 0, count = 0;
            await wire.SendAsync("Network.enable");
            wire.Event("Network.loadingFinished").OnEvent += (_, e) => { bytes += e!.Value.GetProperty("encodedDataLength").GetDouble(); count++; };
            wire.Event("Network.webSocketFrameReceived").OnEvent += (_, e) => bytes += e!.Value.GetProperty("response").GetProperty("payloadData").GetString()!.Length * 0.75; // base64
            await page.AddInitScriptAsync(Watch);
            await page.GotoAsync("/");
            await Support.Browser.ReadyAsync(page);
            await page.WaitForFunctionAsync("() => window.bench.rows > 0");
            paint.Add(await NumberAsync(page, "performance.getEntriesByName('first-contentful-paint')[0].startTime"));
            rows.Add(await NumberAsync(page, "window.bench.rows"));
            blocked.Add(await NumberAsync(page, "window.bench.blocked"));
            kilobytes.Add(bytes / 1000);
            requests.Add(count);
        }
        context.ReportMedian("first contentful paint", paint, "ms");
        context.ReportMedian("500 rows shown", rows, "ms");
        context.ReportMedian("on the wire, socket included", kilobytes, "kB");
        context.ReportMedian("requests", requests, "");
        context.ReportMedian("blocking time", blocked, "ms");
    }

    private static async Task<double> NumberAsync(IPage page, string expression) =>
        double.Parse(await page.EvaluateAsync<string>($"() => String({expression})"), CultureInfo.InvariantCulture);
}
