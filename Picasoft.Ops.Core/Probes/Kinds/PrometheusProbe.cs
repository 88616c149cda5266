using System.Text.Json;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes.Kinds;

/// <summary>What it means when there is nothing to judge.</summary>
public enum NoData
{
    Fail,
    Warn,
    Ok,
}

/// <summary>What to ask of Prometheus (or VictoriaMetrics), or which metric of an exporter to read.</summary>
public sealed record PrometheusSettings : IChecked
{
    /// <summary>Prometheus itself with <see cref="Query"/>; the exporter's page with <see cref="Metric"/>.</summary>
    [Setting(Required = true, MaxLength = 2048, Example = "http://127.0.0.1:9090")]
    public string Url { get; init; } = "";

    /// <summary>PromQL, asked as an instant query; each series of the answer is judged.</summary>
    [Setting(MaxLength = 8192, Multiline = true, Example = "100 * node_filesystem_avail_bytes / node_filesystem_size_bytes")]
    public string? Query { get; init; }

    /// <summary>A metric read directly from an exporter.</summary>
    [Setting(MaxLength = 2048, Example = "node_load1")]
    public string? Metric { get; init; }

    /// <summary>When a value is bad.</summary>
    public Limits Limits { get; init; } = new();

    public NoData NoData { get; init; } = NoData.Fail;

    /// <summary>Unit of the value, for charts: <c>B % s</c>.</summary>
    [Setting(MaxLength = 16, Example = "%")]
    public string? Unit { get; init; }

    /// <summary>Sent with the request; the values are never shown.</summary>
    [Setting(MaxLength = 8192)]
    public IReadOnlyDictionary<string, Secret> Headers { get; init; } = new Dictionary<string, Secret>(StringComparer.Ordinal);

    public bool VerifyTls { get; init; } = true;

    public IEnumerable<FieldError> Check()
    {
        if (HttpProbe.Parse(Url) is not { } url) yield return new("url", Phrase.Of("input.not_url", Url));
        else if (url.UserInfo.Length > 0) yield return new("url", Phrase.Of("probe.input.url_user"));
        if (string.IsNullOrWhiteSpace(Query) == string.IsNullOrWhiteSpace(Metric)) yield return new("query", Phrase.Of("probe.input.query_or_metric"));
        if (!string.IsNullOrWhiteSpace(Metric) && PrometheusProbe.Selector(Metric) is null) yield return new("metric", Phrase.Of("probe.input.metric"));
        foreach (var name in Headers.Keys.Where(n => !HttpProbe.IsHeaderName(n))) yield return new(InputReader.Join("headers", name), Phrase.Of("probe.input.header_name"));
    }
}

/// <summary>A value in Prometheus, or on an exporter's page, is within its limits.</summary>
public sealed class PrometheusProbe(TimeProvider time) : Probe<PrometheusSettings>, IDisposable
{
    /// <summary>Most series of one answer that are judged.</summary>
    public const int MaxSeries = 1000;

    private readonly WebRunner _web = new(time);

    public override string Kind => "prometheus";

    public override ProbeGroup Group => ProbeGroup.Hosts;

    protected override string Target(PrometheusSettings settings) => string.IsNullOrWhiteSpace(settings.Query) ? settings.Metric ?? "" : settings.Query;

    protected override async ValueTask<Observation> CheckAsync(PrometheusSettings settings, ProbeContext context, CancellationToken cancel)
    {
        if (HttpProbe.Parse(settings.Url) is not { } url) return Observation.Down("probe.bad_url");
        try
        {
            var samples = string.IsNullOrWhiteSpace(settings.Query) ? await ScrapeAsync(settings, url, cancel) : await QueryAsync(settings, url, cancel);
            return Judge(settings, samples);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            return new(false, ProbeReasons.Of(e, url.IdnHost, url.Port));
        }
    }

    /// <summary>The worst of all series is the verdict; all are measured, as far as there is room.</summary>
    private static Observation Judge(PrometheusSettings settings, IReadOnlyList<(string Name, double Value)> samples)
    {
        if (samples.Count == 0)
            return settings.NoData switch { NoData.Fail => Observation.Down("probe.no_data"), NoData.Warn => Observation.Warn("probe.no_data"), _ => new(true, Phrase.Of("probe.no_data")) };
        var judged = samples.Select(s => settings.Limits.Of(s.Name, s.Value, settings.Unit)).ToList();
        var worst = judged.MaxBy(o => o.Level)!;
        if (worst.Level != CheckLevel.Fine && judged.Count(o => o.Level == worst.Level) is > 1 and var many) worst = worst with { Reason = Phrase.Of("probe.and_others", worst.Reason, many - 1) };
        return worst.With(samples.Take(Observation.MaxMeasured).Select(s => settings.Limits.Measured(s.Name, s.Value, settings.Unit)));
    }

    private async Task<IReadOnlyList<(string, double)>> QueryAsync(PrometheusSettings settings, Uri url, CancellationToken cancel)
    {
        var at = new Uri($"{url.GetLeftPart(UriPartial.Path).TrimEnd('/')}/api/v1/query?query={Uri.EscapeDataString(settings.Query!)}");
        var answer = await _web.GetAsync(at, settings.Headers, settings.VerifyTls, cancel);
        try
        {
            using var document = JsonDocument.Parse(answer.Body);
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("error", out var error)) throw new ProbeFailure(Phrase.Of("probe.refused_query", ProbeReasons.Shown(error.GetString() ?? "")));
            if (answer.Status != 200) throw new ProbeFailure(Phrase.Of("probe.status", answer.Status, 200));
            var data = root.GetProperty("data");
            var result = data.GetProperty("result");
            return data.GetProperty("resultType").GetString() switch
            {
                "vector" => [.. result.EnumerateArray().Take(MaxSeries).Select(s => (NameOf(s.GetProperty("metric")), ValueOf(s.GetProperty("value"))))],
                "scalar" => [("value", ValueOf(result))],
                var other => throw new ProbeFailure(Phrase.Of("probe.not_instant", other)),
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new ProbeFailure(answer.Status == 200 ? Phrase.Of("probe.not_protocol", TcpProbe.Endpoint(url.IdnHost, url.Port), "Prometheus") : Phrase.Of("probe.status", answer.Status, 200));
        }
    }

    private async Task<IReadOnlyList<(string, double)>> ScrapeAsync(PrometheusSettings settings, Uri url, CancellationToken cancel)
    {
        var answer = await _web.GetAsync(url.AbsolutePath == "/" ? new Uri(url, "/metrics") : url, settings.Headers, settings.VerifyTls, cancel);
        if (answer.Status != 200) throw new ProbeFailure(Phrase.Of("probe.status", answer.Status, 200));
        var (name, matchers) = Selector(settings.Metric!)!.Value;
        return [.. Exposition.Find(answer.Text, name).Where(s => matchers.All(m => m.Matches(s.Labels))).Take(MaxSeries)
            .Select(s => (s.Labels.Count > 0 ? string.Join(", ", s.Labels.Select(l => $"{l.Key}={l.Value}")) : name, s.Value))];
    }

    /// <summary>Name and matchers of <c>name{label="value"}</c>; null when it is not that.</summary>
    internal static (string Name, IReadOnlyList<Matcher> Matchers)? Selector(string text)
    {
        var brace = text.IndexOf('{', StringComparison.Ordinal);
        var name = (brace < 0 ? text : text[..brace]).Trim();
        if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or ':')) return null;
        if (brace < 0) return (name, []);
        var list = text[brace..].Trim();
        if (!list.EndsWith('}')) return null;
        var matchers = MatcherParser.ParseAll(Commas(list[1..^1]));
        return matchers.IsDone ? (name, matchers.Value) : null;
    }

    // Commas within quotes are of the value.
    private static IEnumerable<string> Commas(string list)
    {
        var (begin, quoted) = (0, false);
        for (var i = 0; i <= list.Length; i++)
        {
            if (i == list.Length || (list[i] == ',' && !quoted))
            {
                if (list[begin..i].Trim() is { Length: > 0 } part) yield return part;
                begin = i + 1;
            }
            else if (list[i] == '\\') i++;
            else if (list[i] == '"') quoted = !quoted;
        }
    }

    // The labels, without the metric's own name where others tell the series apart.
    private static string NameOf(JsonElement metric)
    {
        var labels = metric.EnumerateObject().Where(l => l.Name != "__name__").Select(l => $"{l.Name}={l.Value.GetString()}").ToList();
        return labels.Count > 0 ? ProbeReasons.Shown(string.Join(", ", labels)) : metric.TryGetProperty("__name__", out var name) ? name.GetString()! : "value";
    }

    private static double ValueOf(JsonElement pair) => Exposition.Number(pair[1].GetString() ?? "") ?? double.NaN;

    public void Dispose() => _web.Dispose();
}
