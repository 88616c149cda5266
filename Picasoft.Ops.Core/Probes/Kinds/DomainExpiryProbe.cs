using System.Globalization;
using System.Text.Json;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes.Kinds;

/// <summary>Which domain, and when to worry.</summary>
public sealed record DomainExpirySettings : IChecked
{
    [Setting(Required = true, MaxLength = 253, Example = "example.org")]
    public string Domain { get; init; } = "";

    /// <summary>Who is asked by RDAP; this one leads to the registry of the domain.</summary>
    [Setting(MaxLength = 2048)]
    public string Server { get; init; } = "https://rdap.org/";

    /// <summary>This long before it expires the probe warns.</summary>
    [Setting(Min = "0s", Max = "365d")]
    public TimeSpan Warn { get; init; } = TimeSpan.FromDays(30);

    /// <summary>This long before it expires the probe fails.</summary>
    [Setting(Min = "0s", Max = "365d")]
    public TimeSpan Fail { get; init; } = TimeSpan.FromDays(7);

    public bool VerifyTls { get; init; } = true;

    public IEnumerable<FieldError> Check()
    {
        if (HttpProbe.Parse(Server) is null) yield return new("server", Phrase.Of("input.not_url", Server));
        if (Domain.Length > 0 && Uri.CheckHostName(Domain) != UriHostNameType.Dns) yield return new("domain", Phrase.Of("probe.input.domain"));
    }
}

/// <summary>A domain stays registered for some weeks yet, as its registry says by RDAP (RFC 9083).</summary>
public sealed class DomainExpiryProbe(TimeProvider time) : Probe<DomainExpirySettings>, IDisposable
{
    // EPP states in which a domain does not work, or is about to be gone (RFC 8056).
    private static readonly string[] _bad = ["redemption period", "pending delete", "client hold", "server hold", "inactive"];

    private readonly WebRunner _web = new(time);

    public override string Kind => "domain_expiry";

    public override ProbeGroup Group => ProbeGroup.Network;

    protected override string Target(DomainExpirySettings settings) => settings.Domain;

    protected override async ValueTask<Observation> CheckAsync(DomainExpirySettings settings, ProbeContext context, CancellationToken cancel)
    {
        if (HttpProbe.Parse(settings.Server.TrimEnd('/') + "/") is not { } server) return Observation.Down("probe.bad_url");
        try
        {
            var answer = await _web.GetAsync(new Uri(server, $"domain/{Uri.EscapeDataString(settings.Domain.TrimEnd('.'))}"), null, settings.VerifyTls, cancel, follow: 5);
            if (answer.Status == 404) return Observation.Down("probe.not_registered", settings.Domain);
            if (answer.Status != 200) return Observation.Down("probe.status", answer.Status, 200);
            using var document = JsonDocument.Parse(answer.Body);
            return Judge(settings, document.RootElement, context.Now);
        }
        catch (JsonException)
        {
            return Observation.Down("probe.not_json");
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            return new(false, ProbeReasons.Of(e, server.IdnHost, server.Port));
        }
    }

    /// <summary>What an RDAP answer means. Pure.</summary>
    internal static Observation Judge(DomainExpirySettings settings, JsonElement domain, DateTimeOffset now)
    {
        var states = List(domain, "status").Select(Text).OfType<string>();
        if (states.FirstOrDefault(s => _bad.Contains(s, StringComparer.OrdinalIgnoreCase)) is { } bad) return Observation.Down("probe.domain_state", settings.Domain, bad);
        var written = List(domain, "events").Where(e => e.ValueKind == JsonValueKind.Object && e.TryGetProperty("eventAction", out var action) && Text(action) == "expiration").Select(e => e.TryGetProperty("eventDate", out var date) ? Text(date) : null).FirstOrDefault();
        if (!DateTimeOffset.TryParse(written, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var expires)) return Observation.Down("probe.domain_no_date", settings.Domain);
        var left = expires - now;
        var seen = left <= TimeSpan.Zero ? Observation.Down("probe.domain_expired", settings.Domain, -left)
            : left <= settings.Fail ? Observation.Down("probe.domain_soon", settings.Domain, left, expires)
            : left <= settings.Warn ? Observation.Warn("probe.domain_soon", settings.Domain, left, expires)
            : Observation.Up;
        return seen.With(new Measurement("days_left", left.TotalDays, "d", settings.Warn.TotalDays, settings.Fail.TotalDays));
    }

    private static JsonElement[] List(JsonElement of, string name) => of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray()] : [];

    private static string? Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public void Dispose() => _web.Dispose();
}
