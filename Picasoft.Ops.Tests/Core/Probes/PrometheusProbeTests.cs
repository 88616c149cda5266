using Microsoft.AspNetCore.Http;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Probes.Kinds;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Probes;

/// <summary>With Debian's Prometheus, VictoriaMetrics and node exporter.</summary>
public sealed class PrometheusProbeTests(PrometheusNeighbours real) : IClassFixture<PrometheusNeighbours>
{
    private readonly IProbe _probe = new PrometheusProbe(TimeProvider.System);

    [Fact]
    public async Task A_query_is_judged_series_by_series_and_all_are_measured()
    {
        var seen = await _probe.CheckAsync(Query("up", new() { Below = 1 }));
        Assert.Equal("", seen.Words());
        Assert.Equal(["instance=one, job=made-up", "instance=two, job=made-up"], (await _probe.CheckAsync(Query("made_up", new()))).Measured.Select(m => m.Name).Order());

        Assert.Equal("instance=two, job=made-up is 22, more than 10", await _probe.ReasonOf(Query("made_up", new() { Above = 10 })));
        Assert.Equal("warning: instance=two, job=made-up is 22, more than 10", await _probe.ReasonOf(Query("made_up", new() { WarnAbove = 10, Above = 100 })));
        Assert.Equal("instance=one, job=made-up is 5, less than 30 (and 1 other)", await _probe.ReasonOf(Query("sort(made_up)", new() { Below = 30 })));
        Assert.Equal("", await _probe.ReasonOf(Query("made_up", new() { Above = 30 })));
        Assert.Equal("value is 3, more than 2", await _probe.ReasonOf(Query("scalar(vector(3))", new() { Above = 2 })));
        var measured = (await _probe.CheckAsync(Query("max(made_up)", new() { WarnAbove = 50, Above = 90 }) with { Unit = "%" })).Measured.Single();
        Assert.Equal(new("value", 22, "%", 50, 90), measured);
    }

    [Theory]
    [InlineData(NoData.Fail, "no data")]
    [InlineData(NoData.Warn, "warning: no data")]
    [InlineData(NoData.Ok, "")]
    public async Task Without_data_it_does_what_it_was_told(NoData policy, string said) =>
        Assert.Equal(said, await _probe.ReasonOf(Query("no_such_metric", new() { Above = 1 }) with { NoData = policy }));

    [Fact]
    public async Task A_query_that_is_wrong_or_an_address_of_somebody_else_is_told_in_words()
    {
        Assert.StartsWith("the query was refused: invalid parameter \"query\"", await _probe.ReasonOf(Query("up{", new())));
        Assert.Equal("the query answers with a matrix, not with values of one instant", await _probe.ReasonOf(Query("up[5m]", new())));
        Assert.Equal($"127.0.0.1:{real.Exporter.Port} does not speak Prometheus", await _probe.ReasonOf(new PrometheusSettings { Url = real.Exporter.Address.ToString(), Query = "up" }));
        Assert.Equal("not a valid URL", await _probe.ReasonOf(new PrometheusSettings { Url = "prometheus", Query = "up" }));
        Assert.Equal($"connection refused by 127.0.0.1:{RealProgram.FreePort()}"[..22], (await _probe.ReasonOf(new PrometheusSettings { Url = $"http://127.0.0.1:{RealProgram.FreePort()}", Query = "up" }))[..22]);
        Assert.Equal("value is NaN, more than 1", await _probe.ReasonOf(Query("vector(0) / vector(0)", new() { Above = 1 })));
        Assert.Equal("instance=one, job=made-up is 5, more than 1 (and 1 other)", await _probe.ReasonOf(Query("made_up", new() { Above = 1 })));
        Assert.Equal("instance=one, job=made-up is 5, less than 10", await _probe.ReasonOf(Query("made_up", new() { Below = 10 })));
        Assert.Equal("warning: instance=one, job=made-up is 5, less than 10", await _probe.ReasonOf(Query("made_up", new() { WarnBelow = 10 })));
        Assert.Equal("value is 42, more than 1", await _probe.ReasonOf(Query("scalar(vector(42))", new() { Above = 1 })));
        Assert.Equal("answered 404 instead of 200", await _probe.ReasonOf(new PrometheusSettings { Url = real.Prometheus.Address + "api/v1/nowhere", Metric = "node_load1" }));
    }

    [Fact]
    public async Task VictoriaMetrics_is_asked_in_the_same_way()
    {
        using var folder = new TempFolder();
        await using var victoria = await RealProgram.StartAsync("victoria-metrics", port => [$"-httpListenAddr=127.0.0.1:{port}", $"-storageDataPath={folder["data"]}", "-search.latencyOffset=0s", "-memory.allowedBytes=64MB", "-loggerLevel=ERROR"], RealProgram.ListensAsync);
        using var client = new HttpClient();
        using (var told = await client.PostAsync(new Uri(victoria.Address, "/api/v1/import/prometheus"), new StringContent("made_up{instance=\"one\"} 5\nmade_up{instance=\"two\"} 22\n"))) Assert.True(told.IsSuccessStatusCode);
        PrometheusSettings Query(string query, Limits limits) => new() { Url = victoria.Address.ToString(), Query = query, Limits = limits };
        await Eventually.TrueAsync(async () => await _probe.ReasonOf(Query("made_up", new() { Above = 10 })) == "instance=two is 22, more than 10", "what was told can be asked for");
        Assert.Equal("", await _probe.ReasonOf(Query("sum(made_up)", new() { Above = 100 })));
        Assert.Equal(["instance=one", "instance=two"], (await _probe.CheckAsync(Query("made_up", new()))).Measured.Select(m => m.Name).Order());
        Assert.Equal("no data", await _probe.ReasonOf(Query("nothing", new())));
        Assert.StartsWith("the query was refused: ", await _probe.ReasonOf(Query("made_up{", new())));
    }

    [Fact]
    public async Task One_behind_a_proxy_is_asked_with_its_headers()
    {
        await using var proxy = await WebTarget.StartAsync(async context =>
        {
            if (context.Request.Headers.Authorization != "Bearer s3cret") { context.Response.StatusCode = 401; return; }
            using var client = new HttpClient();
            await context.Response.WriteAsync(await client.GetStringAsync(new Uri(real.Prometheus.Address, $"{context.Request.Path}{context.Request.QueryString}")));
        });
        var settings = new PrometheusSettings { Url = proxy.Url(), Query = "max(made_up)", Limits = new() { Above = 30 } };
        Assert.Equal("answered 401 instead of 200", await _probe.ReasonOf(settings));
        Assert.Equal("", await _probe.ReasonOf(settings with { Headers = new Dictionary<string, Secret> { ["Authorization"] = new("Bearer s3cret") } }));
    }

    [Fact]
    public async Task An_exporter_is_read_without_Prometheus()
    {
        var seen = await _probe.CheckAsync(Metric("node_load1", new() { Above = 100_000 }));
        Assert.Equal("", seen.Words());
        Assert.Equal("node_load1", seen.Measured.Single().Name);
        var idle = await _probe.CheckAsync(Metric("node_cpu_seconds_total{mode=\"idle\", cpu=~\"0|1\"}", new() { Below = 0 }));
        Assert.Contains("cpu=0, mode=idle", idle.Measured.Select(m => m.Name));
        Assert.All(idle.Measured, m => Assert.Contains("mode=idle", m.Name, StringComparison.Ordinal));
        Assert.StartsWith("cpu=0, mode=idle is ", await _probe.ReasonOf(Metric("node_cpu_seconds_total{mode=\"idle\",cpu=\"0\"}", new() { Above = 0.001 })));
        Assert.Equal("no data", await _probe.ReasonOf(Metric("node_nothing", new())));
    }

    [Fact]
    public void Labels_are_read_whatever_stands_in_them()
    {
        var samples = Exposition.Find("# HELP x y\nx_total 1\nx{a=\"b, c}\",d=\"e\\\"f\\n\"} 2.5 1700000000\nx 3\r\nx{a=\"open} 4\nx{} +Inf\n", "x").ToList();
        Assert.Equal([2.5, 3, double.PositiveInfinity], samples.Select(s => s.Value));
        Assert.Equal(LabelSet.Of(("a", "b, c}"), ("d", "e\"f\n")), samples[0].Labels);
    }

    [Theory]
    [InlineData(null, null, "query")]
    [InlineData("up", "node_load1", "query")]
    [InlineData(null, "node load", "metric")]
    [InlineData(null, "x{a=b", "metric")]
    public void Either_a_query_or_a_metric(string? query, string? metric, string field)
    {
        var input = new InputMap([new("url", new InputScalar("http://x", false, null), null), new("query", new InputScalar(query, false, null), null), new("metric", new InputScalar(metric, false, null), null)], null);
        Assert.Equal([field], InputReader.Read<PrometheusSettings>(input).Refusal?.Errors.Select(e => e.Field) ?? []);
    }

    private PrometheusSettings Query(string query, Limits limits) => new() { Url = real.Prometheus.Address.ToString(), Query = query, Limits = limits };

    private PrometheusSettings Metric(string metric, Limits limits) => new() { Url = real.Exporter.Address.ToString(), Metric = metric, Limits = limits };
}

/// <summary>A Prometheus that scrapes a node exporter and knows two made-up values.</summary>
public sealed class PrometheusNeighbours : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private WebTarget _madeUp = null!;

    public RealProgram Prometheus { get; private set; } = null!;

    public RealProgram Exporter { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _madeUp = await WebTarget.StartAsync(c => c.Response.WriteAsync("made_up{instance=\"one\"} 5\nmade_up{instance=\"two\"} 22\n"));
        Exporter = await RealProgram.StartAsync("prometheus-node-exporter", port => [$"--web.listen-address=127.0.0.1:{port}", "--no-collector.systemd"], RealProgram.ListensAsync);
        Prometheus = await RealProgram.PrometheusAsync(_folder, $$"""
            global: {scrape_interval: 1s}
            scrape_configs:
              - {job_name: node, static_configs: [{targets: ["127.0.0.1:{{Exporter.Port}}"]}]}
              - {job_name: made-up, honor_labels: true, static_configs: [{targets: ["127.0.0.1:{{_madeUp.Port}}"]}]}
            """);
        IProbe probe = new PrometheusProbe(TimeProvider.System);
        await Eventually.TrueAsync(async () => await probe.ReasonOf(new PrometheusSettings { Url = Prometheus.Address.ToString(), Query = "count(made_up) + sum(up)", Limits = new() { Below = 4 } }) == "", "both are scraped");
    }

    public async ValueTask DisposeAsync()
    {
        if (Prometheus is not null) await Prometheus.DisposeAsync();
        if (Exporter is not null) await Exporter.DisposeAsync();
        await _madeUp.DisposeAsync();
        _folder.Dispose();
    }
}
