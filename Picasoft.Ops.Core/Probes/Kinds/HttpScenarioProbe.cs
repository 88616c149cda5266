using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes.Kinds;

/// <summary>One request of a scenario. <c>{name}</c> stands for a secret, or for what an earlier step found.</summary>
public sealed record HttpStep : IChecked
{
    [Setting(Required = true, MaxLength = 100, Example = "sign in")]
    public string Name { get; init; } = "";

    public HttpVerb Method { get; init; }

    [Setting(Required = true, MaxLength = 2048, Example = "https://team.example.org/login")]
    public string Url { get; init; } = "";

    [Setting(MaxLength = 8192)]
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Within JSON or a form, values are put in escaped as those need it, by the Content-Type header; JSON if none is said.</summary>
    [Setting(MaxLength = 65536, Multiline = true)]
    public string? Body { get; init; }

    public HttpExpectation Expect { get; init; } = new();

    /// <summary>Names and where their values are found: <c>json:id</c>, <c>header:Token</c>, <c>cookie:MMAUTHTOKEN</c>, <c>regex:name="csrf" value="([^"]+)"</c>.</summary>
    [Setting(MaxLength = 1024)]
    public IReadOnlyDictionary<string, string> Extract { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public IEnumerable<FieldError> Check()
    {
        if (!Url.StartsWith("http://", StringComparison.OrdinalIgnoreCase) && !Url.StartsWith("https://", StringComparison.OrdinalIgnoreCase) && !Url.StartsWith('{')) yield return new("url", Phrase.Of("input.not_url", Url));
        foreach (var name in Headers.Keys.Where(n => !HttpProbe.IsHeaderName(n))) yield return new(InputReader.Join("headers", name), Phrase.Of("probe.input.header_name"));
        foreach (var (name, source) in Extract)
            if (!HttpScenarioProbe.IsSource(source)) yield return new(InputReader.Join("extract", name), Phrase.Of("probe.input.extract"));
    }
}

/// <summary>What a user would do, step by step.</summary>
public sealed record HttpScenarioSettings
{
    /// <summary>Values that must not be seen, for <c>{name}</c> in any step.</summary>
    [Setting(MaxLength = 4096)]
    public IReadOnlyDictionary<string, Secret> Secrets { get; init; } = new Dictionary<string, Secret>(StringComparer.Ordinal);

    /// <summary>In order; the first that fails ends the scenario.</summary>
    [Setting(Required = true, MaxLength = 20)]
    public IReadOnlyList<HttpStep> Steps { get; init; } = [];

    public bool VerifyTls { get; init; } = true;
}

/// <summary>A web application can be used: each step uses what the ones before found. Cookies are kept for the scenario and forgotten after it.</summary>
public sealed partial class HttpScenarioProbe(TimeProvider time) : Probe<HttpScenarioSettings>, IDisposable
{
    private const int MaxRedirects = 5;
    private readonly WebRunner _web = new(time);

    public override string Kind => "http_scenario";

    public override ProbeGroup Group => ProbeGroup.Web;

    protected override string Target(HttpScenarioSettings settings) => string.Join(" → ", settings.Steps.Select(s => s.Name));

    protected override async ValueTask<Observation> CheckAsync(HttpScenarioSettings settings, ProbeContext context, CancellationToken cancel)
    {
        var values = settings.Secrets.ToDictionary(s => s.Key, s => s.Value.Reveal(), StringComparer.Ordinal);
        values["now"] = context.Now.ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture);
        var cookies = new CookieContainer();
        var measured = new List<Measurement>();
        foreach (var (index, step) in settings.Steps.Index())
        {
            var begun = time.GetTimestamp();
            var url = Uri.TryCreate(Filled(step.Url, values, Uri.EscapeDataString), UriKind.Absolute, out var known) && known.Scheme is "http" or "https" ? known : null;
            Observation seen;
            try
            {
                seen = url is null ? Observation.Down("probe.bad_url") : await StepAsync(settings, step, url, values, cookies, cancel);
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                seen = new(false, ProbeReasons.Of(e, url!.IdnHost, url.Port));
            }
            var took = time.GetElapsedTime(begun);
            if (seen.IsUp && took > step.Expect.Latency) seen = Observation.Down("probe.slow", took, step.Expect.Latency.Value);
            measured.Add(new(step.Name, took.TotalMilliseconds, "ms", Crit: step.Expect.Latency?.TotalMilliseconds));
            if (!seen.IsUp) return Observation.Down("probe.step", index + 1, step.Name, Hidden(seen.Reason!, settings)).With(measured);
        }
        return Observation.Up.With(measured);
    }

    private async Task<Observation> StepAsync(HttpScenarioSettings settings, HttpStep step, Uri url, Dictionary<string, string> values, CookieContainer cookies, CancellationToken cancel)
    {
        using var response = await SendAsync(settings, step, url, values, cookies, cancel);
        var body = await HttpProbe.ReadAsync(response, cancel);
        var seen = HttpVerdict.Of(step.Expect, (int)response.StatusCode, body);
        if (!seen.IsUp) return seen;
        foreach (var (name, source) in step.Extract)
        {
            if (Find(source, response, body, cookies, url) is not { } value) return Observation.Down("probe.not_extracted", name, ProbeReasons.Shown(source));
            values[name] = value;
        }
        return seen;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpScenarioSettings settings, HttpStep step, Uri url, Dictionary<string, string> values, CookieContainer cookies, CancellationToken cancel)
    {
        var method = new HttpMethod(step.Method.ToString().ToUpperInvariant());
        var (target, body) = (url, step.Body);
        for (var redirects = 0; ; redirects++)
        {
            using var request = new HttpRequestMessage(method, target);
            var type = step.Headers.FirstOrDefault(h => h.Key.Equals("Content-Type", StringComparison.OrdinalIgnoreCase)).Value ?? "application/json";
            if (!string.IsNullOrEmpty(body))
            {
                request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(Filled(body, values, type.Contains("form-urlencoded", StringComparison.OrdinalIgnoreCase) ? Uri.EscapeDataString : type.Contains("json", StringComparison.OrdinalIgnoreCase) ? InJson : v => v)));
                request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
            }
            // Headers may hold what was found or is secret: they go to no other server than the one they were written for.
            if (target.Authority == url.Authority && target.Scheme == url.Scheme)
                foreach (var (name, value) in step.Headers.Where(h => !h.Key.Equals("Content-Type", StringComparison.OrdinalIgnoreCase)))
                    request.Headers.TryAddWithoutValidation(name, Filled(value, values, v => v));
            if (cookies.GetCookieHeader(target) is { Length: > 0 } jar) request.Headers.TryAddWithoutValidation("Cookie", jar);
            request.Headers.TryAddWithoutValidation("User-Agent", "Picasoft.Ops");
            var response = await _web.SendAsync(request, settings.VerifyTls, cancel);
            if (response.Headers.TryGetValues("Set-Cookie", out var set))
                foreach (var cookie in set)
                    try { cookies.SetCookies(target, cookie); }
                    catch (CookieException) { } // one that no browser would keep either
            // A step that expects the redirect itself gets it.
            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } location || step.Expect.Status.Contains((int)response.StatusCode)) return response;
            response.Dispose();
            if (redirects == MaxRedirects) throw new ProbeFailure(Phrase.Of("probe.too_many_redirects", MaxRedirects));
            target = new Uri(target, location);
            if (target.Scheme is not ("http" or "https")) throw new ProbeFailure(Phrase.Of("probe.bad_redirect", ProbeReasons.Shown(target.Scheme)));
            if ((int)response.StatusCode is 301 or 302 or 303 && method != HttpMethod.Head) (method, body) = (HttpMethod.Get, null);
        }
    }

    private static string? Find(string source, HttpResponseMessage response, ReadOnlyMemory<byte> body, CookieContainer cookies, Uri url)
    {
        var (kind, what) = (source[..source.IndexOf(':', StringComparison.Ordinal)], source[(source.IndexOf(':', StringComparison.Ordinal) + 1)..]);
        switch (kind)
        {
            case "header": return response.Headers.TryGetValues(what, out var values) || response.Content.Headers.TryGetValues(what, out values) ? values.FirstOrDefault() : null;
            case "cookie": return cookies.GetCookies(url)[what]?.Value;
            case "regex": return Matcher.Linear(what).Match(Encoding.UTF8.GetString(body.Span)) is { Success: true } match ? WebUtility.HtmlDecode(match.Groups[match.Groups.Count > 1 ? 1 : 0].Value) : null;
            default:
                try
                {
                    using var document = JsonDocument.Parse(body);
                    return JsonPath.Find(document.RootElement, what);
                }
                catch (JsonException) { return null; }
        }
    }

    internal static bool IsSource(string source)
    {
        var colon = source.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || colon + 1 == source.Length) return false;
        var what = source[(colon + 1)..];
        return source[..colon] switch { "header" => HttpProbe.IsHeaderName(what), "cookie" => true, "json" => JsonPath.Split(what) is not null, "regex" => IsRegex(what), _ => false };
    }

    private static bool IsRegex(string pattern)
    {
        try { Matcher.Linear(pattern); return true; }
        catch (ArgumentException) { return false; }
    }

    /// <summary>Puts values where their names stand; a name that nobody knows stays as it is, since braces are common in JSON.</summary>
    private static string Filled(string text, Dictionary<string, string> values, Func<string, string> escape)
    {
        // A value that begins an address is an address.
        return Placeholder().Replace(text, m => values.TryGetValue(m.Groups["name"].Value, out var value) ? m.Index == 0 && value.StartsWith("http", StringComparison.Ordinal) ? value : escape(value) : m.Value);
    }

    private static string InJson(string value) => JsonSerializer.Serialize(value, OpsJson.Api)[1..^1];

    private static Phrase Hidden(Phrase reason, HttpScenarioSettings settings) =>
        reason with { Args = [.. reason.Args.Select(a => settings.Secrets.Values.Where(s => !s.IsEmpty).Aggregate(a, (text, secret) => text.Replace(secret.Reveal(), Secret.Mask, StringComparison.Ordinal)))] };

    [GeneratedRegex(@"\{(?<name>[A-Za-z_][A-Za-z0-9_]*)\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Placeholder();

    public void Dispose() => _web.Dispose();
}
