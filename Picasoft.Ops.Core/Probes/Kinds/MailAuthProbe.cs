using System.Security.Cryptography;
using DnsClient;
using DnsClient.Protocol;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes.Kinds;

/// <summary>What a domain's DMARC policy must be at least.</summary>
public enum DmarcPolicy
{
    /// <summary>Any will do.</summary>
    None,
    Quarantine,
    Reject,
}

/// <summary>Which domain sends mail, and how it signs.</summary>
public sealed record MailAuthSettings : IChecked
{
    [Setting(Required = true, MaxLength = 253, Example = "example.org")]
    public string Domain { get; init; } = "";

    /// <summary>DKIM selectors that must be there.</summary>
    [Setting(MaxLength = 100, Example = "mail")]
    public IReadOnlyList<string> Selectors { get; init; } = [];

    /// <summary>The DMARC policy must be at least this strict.</summary>
    public DmarcPolicy Dmarc { get; init; }

    /// <summary>Who is asked; nobody said: the system's resolver.</summary>
    [Setting(MaxLength = 100, Example = "9.9.9.9")]
    public string? Resolver { get; init; }

    public IEnumerable<FieldError> Check()
    {
        if (!string.IsNullOrWhiteSpace(Resolver) && DnsProbe.Endpoint(Resolver) is null) yield return new("resolver", Phrase.Of("probe.input.resolver"));
    }
}

/// <summary>The records by which others trust a domain's mail are there and valid: SPF (RFC 7208), DKIM keys (RFC 6376), DMARC (RFC 7489).</summary>
public sealed class MailAuthProbe : Probe<MailAuthSettings>
{
    /// <summary>RFC 7208, section 4.6.4: with more, the whole record counts for nothing.</summary>
    private const int MaxLookups = 10;

    public override string Kind => "mail_auth";

    public override ProbeGroup Group => ProbeGroup.Mail;

    public override ProbeInput Usual { get; } = new() { Interval = TimeSpan.FromMinutes(10) };

    protected override string Target(MailAuthSettings settings) => settings.Domain;

    protected override async ValueTask<Observation> CheckAsync(MailAuthSettings settings, ProbeContext context, CancellationToken cancel)
    {
        try
        {
            var client = DnsProbe.ClientFor(DnsProbe.Endpoint(settings.Resolver), context.Timeout);
            var found = new List<Observation> { await SpfAsync(client, settings.Domain, cancel), Dmarc(await TextsAsync(client, "_dmarc." + settings.Domain, cancel), settings) };
            foreach (var selector in settings.Selectors) found.Add(Dkim(await TextsAsync(client, $"{selector}._domainkey.{settings.Domain}", cancel), selector));
            return found.MaxBy(o => o.Level)!;
        }
        catch (Exception e) when (DnsProbe.IsNoAnswer(e) && !cancel.IsCancellationRequested)
        {
            return Observation.Down("probe.dns_silent", ProbeReasons.Shown(settings.Domain));
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            return new(false, ProbeReasons.Of(e, settings.Domain, 53));
        }
    }

    private static async Task<Observation> SpfAsync(LookupClient client, string domain, CancellationToken cancel)
    {
        var records = Spf(await TextsAsync(client, domain, cancel));
        if (records.Count == 0) return Observation.Down("probe.spf_missing", ProbeReasons.Shown(domain));
        if (records.Count > 1) return Observation.Down("probe.spf_several", records.Count);
        var terms = Terms(records[0]);
        if (terms.Exists(t => t is "all" or "+all")) return Observation.Down("probe.spf_all");
        var lookups = await LookupsAsync(client, records[0], [domain], cancel);
        if (lookups > MaxLookups) return Observation.Down("probe.spf_lookups", lookups, MaxLookups);
        return terms.Exists(t => t is "-all" or "~all" || t.StartsWith("redirect=", StringComparison.Ordinal)) ? Observation.Up : Observation.Warn("probe.spf_open") with { Warning = Severity.Low };
    }

    /// <summary>How many questions a receiver has to ask, through all that is included.</summary>
    private static async Task<int> LookupsAsync(LookupClient client, string record, HashSet<string> seen, CancellationToken cancel)
    {
        var count = 0;
        foreach (var term in Terms(record).Select(t => t.TrimStart('+', '-', '~', '?')))
        {
            if (term is "a" or "mx" or "ptr" || term.StartsWith("a:", StringComparison.Ordinal) || term.StartsWith("a/", StringComparison.Ordinal) || term.StartsWith("mx:", StringComparison.Ordinal) || term.StartsWith("mx/", StringComparison.Ordinal) || term.StartsWith("ptr:", StringComparison.Ordinal) || term.StartsWith("exists:", StringComparison.Ordinal)) count++;
            var other = term.StartsWith("include:", StringComparison.Ordinal) ? term[8..] : term.StartsWith("redirect=", StringComparison.Ordinal) ? term[9..] : null;
            if (other is null) continue;
            count++;
            if (count > MaxLookups || other.Contains('%', StringComparison.Ordinal) || !seen.Add(other)) continue;
            if (Spf(await TextsAsync(client, other, cancel)) is [var included]) count += await LookupsAsync(client, included, seen, cancel);
        }
        return count;
    }

    private static Observation Dmarc(IReadOnlyList<string> texts, MailAuthSettings settings)
    {
        var records = texts.Where(t => t.StartsWith("v=DMARC1", StringComparison.Ordinal)).ToList();
        if (records.Count == 0) return Observation.Down("probe.dmarc_missing", ProbeReasons.Shown(settings.Domain));
        if (records.Count > 1) return Observation.Down("probe.dmarc_several", records.Count);
        if (!Tags(records[0]).TryGetValue("p", out var written) || !Words.TryParse<DmarcPolicy>(written, out var policy)) return Observation.Down("probe.dmarc_invalid", ProbeReasons.Shown(records[0]));
        return policy < settings.Dmarc ? Observation.Down("probe.dmarc_weak", policy, settings.Dmarc) : Observation.Up;
    }

    private static Observation Dkim(IReadOnlyList<string> texts, string selector)
    {
        var records = texts.Where(t => Tags(t).ContainsKey("p")).ToList();
        if (records.Count == 0) return Observation.Down("probe.dkim_missing", ProbeReasons.Shown(selector));
        var tags = Tags(records[0]);
        var key = tags["p"].Replace(" ", "", StringComparison.Ordinal);
        if (key.Length == 0) return Observation.Down("probe.dkim_revoked", ProbeReasons.Shown(selector));
        try
        {
            var bytes = Convert.FromBase64String(key);
            if (tags.GetValueOrDefault("k", "rsa") != "rsa") return bytes.Length == 32 ? Observation.Up : Observation.Down("probe.dkim_invalid", ProbeReasons.Shown(selector));
            using var rsa = RSA.Create();
            rsa.ImportSubjectPublicKeyInfo(bytes, out _);
            // RFC 8301: less than 1024 bits is not accepted, and 2048 should be used.
            return rsa.KeySize < 1024 ? Observation.Down("probe.dkim_short", ProbeReasons.Shown(selector), rsa.KeySize) : rsa.KeySize < 2048 ? Observation.Warn("probe.dkim_short", ProbeReasons.Shown(selector), rsa.KeySize) with { Warning = Severity.Low } : Observation.Up;
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            return Observation.Down("probe.dkim_invalid", ProbeReasons.Shown(selector));
        }
    }

    /// <exception cref="ProbeFailure">Nobody can say whether there are any: that is not the same as none.</exception>
    private static async Task<IReadOnlyList<string>> TextsAsync(LookupClient client, string name, CancellationToken cancel)
    {
        var answer = await client.QueryAsync(name, QueryType.TXT, cancellationToken: cancel);
        if (answer.Header.ResponseCode is not (DnsHeaderResponseCode.NoError or DnsHeaderResponseCode.NotExistentDomain)) throw new ProbeFailure(Phrase.Of("probe.dns_refused", ProbeReasons.Shown(name), answer.Header.ResponseCode.ToString()));
        return [.. answer.Answers.OfType<TxtRecord>().Select(t => string.Concat(t.Text))];
    }

    private static List<string> Spf(IReadOnlyList<string> texts) => [.. texts.Where(t => t == "v=spf1" || t.StartsWith("v=spf1 ", StringComparison.OrdinalIgnoreCase))];

    private static List<string> Terms(string record) => [.. record.ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1)];

    private static Dictionary<string, string> Tags(string record) =>
        record.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(t => t.Split('=', 2, StringSplitOptions.TrimEntries)).Where(t => t.Length == 2).DistinctBy(t => t[0], StringComparer.Ordinal).ToDictionary(t => t[0], t => t[1], StringComparer.Ordinal);
}
