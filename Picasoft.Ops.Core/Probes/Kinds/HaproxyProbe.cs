using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes.Kinds;

/// <summary>Which backend of which HAProxy, and how many servers it needs.</summary>
public sealed record HaproxySettings : IChecked
{
    /// <summary>Its statistics page; as CSV, whether <c>;csv</c> is written or not.</summary>
    [Setting(Required = true, MaxLength = 2048, Example = "http://127.0.0.1:8404/stats")]
    public string Url { get; init; } = "";

    [Setting(Required = true, MaxLength = 200, Example = "pg_rw")]
    public string Backend { get; init; } = "";

    /// <summary>At least so many servers must be up.</summary>
    [Setting(Min = "1", Max = "1000")]
    public int MinUp { get; init; } = 1;

    /// <summary>At most so many: two primaries are worse than none.</summary>
    [Setting(Min = "1", Max = "1000")]
    public int? MaxUp { get; init; }

    /// <summary>Sent with the request; the values are never shown.</summary>
    [Setting(MaxLength = 8192)]
    public IReadOnlyDictionary<string, Secret> Headers { get; init; } = new Dictionary<string, Secret>(StringComparer.Ordinal);

    public bool VerifyTls { get; init; } = true;

    public IEnumerable<FieldError> Check()
    {
        if (HttpProbe.Parse(Url) is not { } url) yield return new("url", Phrase.Of("input.not_url", Url));
        else if (url.UserInfo.Length > 0) yield return new("url", Phrase.Of("probe.input.url_user"));
        if (MaxUp < MinUp) yield return new("max_up", Phrase.Of("probe.input.max_below_min"));
        foreach (var name in Headers.Keys.Where(n => !HttpProbe.IsHeaderName(n))) yield return new(InputReader.Join("headers", name), Phrase.Of("probe.input.header_name"));
    }
}

/// <summary>A backend of HAProxy has as many servers up as it should.</summary>
public sealed class HaproxyProbe(TimeProvider time) : Probe<HaproxySettings>, IDisposable
{
    private readonly WebRunner _web = new(time);

    public override string Kind => "haproxy";

    public override ProbeGroup Group => ProbeGroup.Clusters;

    protected override string Target(HaproxySettings settings) => settings.Backend;

    protected override async ValueTask<Observation> CheckAsync(HaproxySettings settings, ProbeContext context, CancellationToken cancel)
    {
        if (HttpProbe.Parse(settings.Url) is not { } url) return Observation.Down("probe.bad_url");
        try
        {
            var csv = settings.Url.Contains(";csv", StringComparison.Ordinal) ? url : new Uri(url.GetLeftPart(UriPartial.Path).TrimEnd(';') + ";csv");
            var answer = await _web.GetAsync(csv, settings.Headers, settings.VerifyTls, cancel);
            return answer.Status != 200 ? Observation.Down("probe.status", answer.Status, 200) : Judge(settings, answer.Text);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            return new(false, ProbeReasons.Of(e, url.IdnHost, url.Port));
        }
    }

    /// <summary>Reads the statistics by the names of their columns, which differ between versions. Pure.</summary>
    internal static Observation Judge(HaproxySettings settings, string csv)
    {
        var lines = csv.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var columns = lines.Length > 0 && lines[0].StartsWith('#') ? lines[0].TrimStart('#', ' ').Split(',') : [];
        var (proxy, server, status, check, sessions) = (Array.IndexOf(columns, "pxname"), Array.IndexOf(columns, "svname"), Array.IndexOf(columns, "status"), Array.IndexOf(columns, "check_status"), Array.IndexOf(columns, "scur"));
        if (proxy < 0 || server < 0 || status < 0) return Observation.Down("probe.not_haproxy");
        var rows = lines.Skip(1).Select(l => l.Split(',')).Where(r => r.Length > status && r[proxy] == settings.Backend && r[server] is not ("FRONTEND" or "BACKEND")).ToList();
        if (rows.Count == 0) return Observation.Down("probe.no_backend", settings.Backend);
        // "UP 1/3" is on its way down, "no check" is trusted as HAProxy trusts it.
        var up = rows.Where(r => r[status].StartsWith("UP", StringComparison.Ordinal) || r[status] is "OPEN" or "no check").ToList();
        var down = string.Join(", ", rows.Except(up).Select(r => $"{r[server]} {r[status]}{(check >= 0 && r.Length > check && r[check].Length > 0 ? $" ({r[check]})" : "")}"));
        var seen = up.Count < settings.MinUp ? Observation.Down("probe.servers_missing", settings.Backend, up.Count, settings.MinUp, ProbeReasons.Shown(down))
            : up.Count > settings.MaxUp ? Observation.Down("probe.servers_many", settings.Backend, up.Count, settings.MaxUp, ProbeReasons.Shown(string.Join(", ", up.Select(r => r[server]))))
            : Observation.Up;
        return seen.With(new Measurement("up", up.Count, Crit: settings.MinUp, Min: 0, Max: rows.Count), new Measurement("sessions", sessions < 0 ? 0 : rows.Sum(r => double.TryParse(r[sessions], System.Globalization.CultureInfo.InvariantCulture, out var n) ? n : 0)));
    }

    public void Dispose() => _web.Dispose();
}
