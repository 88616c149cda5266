using System.Collections.Concurrent;
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

    /// <summary>A registry is left alone for so long at most, whatever it says.</summary>
    private static readonly TimeSpan _longestPause = TimeSpan.FromDays(1);

    /// <summary>A date that was told longer ago may have moved: a registry that never answers again is not all well.</summary>
    private static readonly TimeSpan _stands = TimeSpan.FromDays(14);

    private readonly WebRunner _web = new(time);
    private readonly ConcurrentDictionary<(string Server, string Domain), (Registration Registration, DateTimeOffset At)> _last = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _pauses = new(StringComparer.OrdinalIgnoreCase);

    public override string Kind => "domain_expiry";

    public override ProbeGroup Group => ProbeGroup.Network;

    public override ProbeInput Usual { get; } = new() { Interval = TimeSpan.FromHours(1) };

    protected override string Target(DomainExpirySettings settings) => settings.Domain;

    protected override async ValueTask<Observation> CheckAsync(DomainExpirySettings settings, ProbeContext context, CancellationToken cancel)
    {
        if (HttpProbe.Parse(settings.Server.TrimEnd('/') + "/") is not { } server) return Observation.Down("probe.bad_url");
        try
        {
            var registry = RegistryOf(settings);
            if (_pauses.TryGetValue(registry, out var until) && until > context.Now) return Unasked(settings, server, context.Now);
            var answer = await _web.GetAsync(new Uri(server, $"domain/{Uri.EscapeDataString(settings.Domain.TrimEnd('.'))}"), null, settings.VerifyTls, cancel, follow: 5);
            var pause = answer.Later?.Delta ?? answer.Later?.Date - context.Now;
            if (pause > TimeSpan.Zero) _pauses[registry] = context.Now + (pause < _longestPause ? pause.Value : _longestPause);
            else _pauses.TryRemove(registry, out _);
            // That says nothing of the domain.
            if (answer.Status == 429 || (answer.Status == 503 && pause is not null)) return Unasked(settings, server, context.Now);
            if (answer.Status == 404) return Observation.Down("probe.not_registered", settings.Domain);
            if (answer.Status != 200) return Observation.Down("probe.status", answer.Status, 200);
            using var document = JsonDocument.Parse(answer.Body);
            var found = Registration.Of(document.RootElement);
            _last[(settings.Server, settings.Domain)] = (found, context.Now);
            return Judge(settings, found, context.Now);
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

    // Each of them has a patience of its own; rdap.org leads to all.
    private static string RegistryOf(DomainExpirySettings settings) => $"{settings.Server} {settings.Domain.TrimEnd('.').Split('.')[^1]}";

    /// <summary>The date it told us last still stands, and the days go on; without one, or with an old one, nobody knows.</summary>
    private Observation Unasked(DomainExpirySettings settings, Uri server, DateTimeOffset now)
    {
        var unknown = Observation.Warn("probe.asked_too_often", server.IdnHost, settings.Domain);
        if (!_last.TryGetValue((settings.Server, settings.Domain), out var known)) return unknown;
        var judged = Judge(settings, known.Registration, now);
        return now - known.At > _stands && judged.Level == CheckLevel.Fine ? unknown.With(judged.Measured) : judged;
    }

    /// <summary>What a registry said, today. Pure.</summary>
    private static Observation Judge(DomainExpirySettings settings, Registration domain, DateTimeOffset now)
    {
        if (domain.States.FirstOrDefault(s => _bad.Contains(s, StringComparer.OrdinalIgnoreCase)) is { } bad) return Observation.Down("probe.domain_state", settings.Domain, bad);
        if (domain.Expires is not { } expires) return Observation.Down("probe.domain_no_date", settings.Domain);
        var left = expires - now;
        var seen = left <= TimeSpan.Zero ? Observation.Down("probe.domain_expired", settings.Domain, -left)
            : left <= settings.Fail ? Observation.Down("probe.domain_soon", settings.Domain, left, expires)
            : left <= settings.Warn ? Observation.Warn("probe.domain_soon", settings.Domain, left, expires)
            : Observation.Up;
        return seen.With(new Measurement("days_left", left.TotalDays, "d", settings.Warn.TotalDays, settings.Fail.TotalDays));
    }

    /// <summary>What an RDAP answer says of a domain; null: no date.</summary>
    private sealed record Registration(IReadOnlyList<string> States, DateTimeOffset? Expires)
    {
        public static Registration Of(JsonElement domain)
        {
            var written = List(domain, "events").Where(e => e.ValueKind == JsonValueKind.Object && e.TryGetProperty("eventAction", out var action) && Text(action) == "expiration").Select(e => e.TryGetProperty("eventDate", out var date) ? Text(date) : null).FirstOrDefault();
            return new([.. List(domain, "status").Select(Text).OfType<string>().Take(20)], DateTimeOffset.TryParse(written, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var expires) ? expires : null);
        }

        private static JsonElement[] List(JsonElement of, string name) => of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray()] : [];

        private static string? Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }

    public void Dispose() => _web.Dispose();
}
