using System.Diagnostics;
using System.Globalization;
using Microsoft.Playwright;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Benchmarks;

/// <summary>With 100,000 incidents in history and 1,000 open: how long the inbox, an incident and a search take, and until a change is seen by somebody else.</summary>
public sealed class TriageBenchmark : IBenchmark
{
    private const int History = 100_000;
    private const int Open = 1_000;

    public string Name => "triage";

    public async Task RunAsync(BenchContext context)
    {
        await using var store = await LargeStore.StartAsync(History, Open);
        var queries = new IncidentQueries(store, TimeProvider.System);
        var english = CultureInfo.GetCultureInfo("en-GB");
        await ReportAsync(context, "inbox query", 100, _ => queries.InboxAsync(new InboxFilter(), english, CancellationToken.None));
        await ReportAsync(context, "inbox query, filtered", 100, i => queries.InboxAsync(new InboxFilter(Service: $"service-{i % 40}"), english, CancellationToken.None));
        await ReportAsync(context, "incident query", 200, i => queries.FindAsync(1 + (i * 499), CancellationToken.None));
        await ReportAsync(context, "history search", 50, i => queries.LinesAsync(new IncidentFilter(Text: $"10.0.0.{i}:"), null, 50, CancellationToken.None));

        await ReportAsync(context, "history search, words of notes and alerts that are everywhere", 50, i => queries.LinesAsync(new IncidentFilter(Text: $"entry service-{i % 40}"), null, 50, CancellationToken.None));
        await ReportAsync(context, "history search, words of a few old notes", 50, i => queries.LinesAsync(new IncidentFilter(Text: $"rare-{i}"), null, 50, CancellationToken.None));

        await using var camille = await store.OpenAsync();
        await using var sacha = await store.OpenAsync();
        var session = string.Join("; ", (await camille.CookiesAsync()).Select(c => $"{c.Name}={c.Value}"));
        await ReportAsync(context, "inbox page (first HTML)", 30, _ => GetAsync(store, session, "/"));
        await ReportAsync(context, "incident page (first HTML)", 60, i => GetAsync(store, session, string.Create(CultureInfo.InvariantCulture, $"/incidents/{History + 1 + i}")));

        var mine = await Support.Browser.GoAsync(camille, "/");
        var theirs = await Support.Browser.GoAsync(sacha, "/");
        await mine.Locator(".board[data-ready]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        List<double> seen = [];
        for (var round = 0; round < 20; round++)
        {
            // A human does not click within a third of a second after the list moved, and the page ignores it then: the row may not be the one that was meant.
            await mine.WaitForTimeoutAsync(500);
            var number = await mine.Locator("tr:has([data-do=acknowledge])").Nth(round % 5).GetAttributeAsync("data-n");
            var button = mine.Locator($"tr[data-n='{number}'] [data-do=acknowledge]");
            await button.HoverAsync();
            var watching = theirs.WaitForFunctionAsync("n => { const row = document.querySelector(`tr[data-n='${n}']`); return !row || !row.querySelector('[data-do=acknowledge]'); }", number);
            var watch = Stopwatch.StartNew();
            await button.ClickAsync();
            await watching;
            seen.Add(watch.Elapsed.TotalMilliseconds);
        }
        Report(context, "acknowledge to visible in a second browser", seen);
    }

    private static async Task<bool> GetAsync(LargeStore store, string session, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Cookie", session } } };
        using var response = await store.Host.Client.SendAsync(request);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadAsByteArrayAsync()).Length > 0;
    }

    private static async Task ReportAsync(BenchContext context, string @case, int times, Func<int, Task> act)
    {
        for (var i = 0; i < 3; i++) await act(i);
        var took = new List<double>(times);
        for (var i = 0; i < times; i++)
        {
            var watch = Stopwatch.StartNew();
            await act(i);
            took.Add(watch.Elapsed.TotalMilliseconds);
        }
        Report(context, @case, took);
    }

    private static void Report(BenchContext context, string @case, List<double> took)
    {
        took.Sort();
        context.Report(@case, took[(int)(took.Count * 0.95)], "ms p95", ("n", took.Count), ("median", Math.Round(took[took.Count / 2], 1)), ("max", Math.Round(took[^1], 1)));
    }
}
