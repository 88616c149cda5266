using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes.Kinds;

/// <summary>Which directory, who signs in, and what should be found.</summary>
public sealed record LdapSettings : IChecked
{
    [Setting(Required = true, MaxLength = 253, Example = "ldap.example.org")]
    public string Host { get; init; } = "";

    [Setting(Min = "1", Max = "65535")]
    public int? Port { get; init; }

    public MailTls Tls { get; init; }

    /// <summary>Distinguished name to sign in as; nobody: anonymously.</summary>
    [Setting(MaxLength = 500, Example = "cn=probe,dc=example,dc=org")]
    public string? BindDn { get; init; }

    public Secret? Password { get; init; }

    /// <summary>Where to search; nothing said: no search.</summary>
    [Setting(MaxLength = 500, Example = "ou=people,dc=example,dc=org")]
    public string? BaseDn { get; init; }

    /// <summary>RFC 4515: <c>(uid=camille)</c>, with <c>&amp; | !</c> and <c>*</c>.</summary>
    [Setting(MaxLength = 1000)]
    public string Filter { get; init; } = "(objectClass=*)";

    /// <summary>At least this many entries must be found.</summary>
    [Setting(Min = "0", Max = "1000")]
    public int Entries { get; init; } = 1;

    /// <summary>A second server, same way in: its contextCSN must not be behind.</summary>
    [Setting(MaxLength = 260, Example = "ldap2.example.org:389")]
    public string? Replica { get; init; }

    /// <summary>Longest the second server may be behind.</summary>
    [Setting(Min = "0s", Max = "1d")]
    public TimeSpan MaxLag { get; init; } = TimeSpan.FromMinutes(1);

    public bool VerifyTls { get; init; } = true;

    /// <summary>SHA-256 of a self-signed certificate: exactly that one is accepted.</summary>
    [Setting(MaxLength = 100)]
    public string? Thumbprint { get; init; }

    public IEnumerable<FieldError> Check()
    {
        foreach (var error in CertificateJudge.Check(Thumbprint)) yield return error;
        if (LdapRunner.Filter(Filter) is null) yield return new("filter", Phrase.Of("probe.input.ldap_filter"));
        if (!string.IsNullOrWhiteSpace(Replica) && LdapProbe.Split(Replica, 389) is null) yield return new("replica", Phrase.Of("probe.input.host_port"));
        if (!string.IsNullOrWhiteSpace(Replica) && string.IsNullOrWhiteSpace(BaseDn)) yield return new("base_dn", Phrase.Of("input.required"));
    }
}

/// <summary>Somebody can sign in to a directory, a search finds entries, and a second server is not behind the first (contextCSN).</summary>
public sealed class LdapProbe(TimeProvider time) : Probe<LdapSettings>
{
    public override string Kind => "ldap";

    public override ProbeGroup Group => ProbeGroup.Databases;

    protected override string Target(LdapSettings settings) => TcpProbe.Endpoint(settings.Host, PortOf(settings));

    protected override async ValueTask<Observation> CheckAsync(LdapSettings settings, ProbeContext context, CancellationToken cancel)
    {
        var at = (settings.Host, Port: PortOf(settings));
        try
        {
            await using var first = await OpenAsync(settings, at.Host, at.Port, context.Now, cancel);
            var seen = Observation.Up;
            if (!string.IsNullOrWhiteSpace(settings.BaseDn))
            {
                var begun = time.GetTimestamp();
                var found = await first.SearchAsync(settings.BaseDn, subtree: true, settings.Filter, ["1.1"], settings.Entries + 1, cancel);
                seen = found.Count < settings.Entries ? Observation.Down("probe.ldap_entries", found.Count, settings.Entries, ProbeReasons.Shown(settings.Filter)) : seen;
                seen = seen.With(new Measurement("search", time.GetElapsedTime(begun).TotalMilliseconds, "ms"));
            }
            if (!seen.IsUp || Split(settings.Replica, at.Port) is not { } second) return seen;
            at = second;
            await using var other = await OpenAsync(settings, at.Host, at.Port, context.Now, cancel);
            return Compare(await CsnAsync(first, settings.BaseDn!, cancel), await CsnAsync(other, settings.BaseDn!, cancel), settings, context.Now, seen);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            return new(false, ProbeReasons.Of(e, at.Host, at.Port));
        }
    }

    /// <summary>How far the second server is behind: the age of the first one's last change that it has not seen. Pure.</summary>
    private static Observation Compare(IReadOnlyList<string> first, IReadOnlyList<string> second, LdapSettings settings, DateTimeOffset now, Observation seen)
    {
        if (first.Count == 0 || second.Count == 0) return Observation.Down("probe.ldap_no_csn", ProbeReasons.Shown(settings.BaseDn ?? ""));
        var behind = first.Where(csn => !second.Any(other => Server(other) == Server(csn) && string.CompareOrdinal(other, csn) >= 0)).Select(At).OfType<DateTimeOffset>().ToList();
        var lag = behind.Count == 0 ? TimeSpan.Zero : now - behind.Min();
        return (lag > settings.MaxLag ? Observation.Down("probe.replica_behind", lag, settings.MaxLag) with { Measured = seen.Measured } : seen).With(new Measurement("lag", Math.Max(0, lag.TotalSeconds), "s", Crit: settings.MaxLag.TotalSeconds, Min: 0));
    }

    // 20261125181500.123456Z#000000#001#000000: when, and by which server.
    private static DateTimeOffset? At(string csn) => DateTimeOffset.TryParseExact(csn.Split('.')[0], "yyyyMMddHHmmss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;

    private static string Server(string csn) => csn.Split('#') is { Length: > 2 } parts ? parts[2] : "";

    /// <summary>What a server has seen last of each, asked anonymously and in clear.</summary>
    internal static async Task<IReadOnlyList<string>> ReadCsnAsync(string host, int port, string baseDn, CancellationToken cancel)
    {
        await using var server = await OpenAsync(new() { Host = host, Tls = MailTls.None }, host, port, DateTimeOffset.UnixEpoch, cancel);
        return await CsnAsync(server, baseDn, cancel);
    }

    private static async Task<IReadOnlyList<string>> CsnAsync(LdapRunner server, string baseDn, CancellationToken cancel)
    {
        // The suffix holds it: climb from where we search.
        for (var dn = baseDn; ; dn = dn[(dn.IndexOf(',', StringComparison.Ordinal) + 1)..].Trim())
        {
            var found = await server.SearchAsync(dn, subtree: false, "(objectClass=*)", ["contextCSN"], 1, cancel);
            if (found.Count > 0 && found[0].Count > 0) return found[0];
            if (!dn.Contains(',', StringComparison.Ordinal)) return [];
        }
    }

    private static async Task<LdapRunner> OpenAsync(LdapSettings settings, string host, int port, DateTimeOffset now, CancellationToken cancel)
    {
        var stream = new NetworkStream(await TcpProbe.ConnectAsync(host, port, IpVersion.Any, cancel), ownsSocket: true);
        Stream wire = stream;
        try
        {
            if (settings.Tls != MailTls.None)
            {
                if (settings.Tls == MailTls.Starttls) await StartTlsRunner.BeginAsync(stream, StartTls.Ldap, TcpProbe.Endpoint(host, port), cancel);
                var judge = new CertificateJudge(host, settings.VerifyTls, settings.Thumbprint, now);
                var tls = new SslStream(stream);
                wire = tls;
                await tls.AuthenticateAsClientAsync(CertificateJudge.Options(host, judge.See), cancel);
                judge.ThrowIfRefused(); // before a password is said
            }
            var ldap = new LdapRunner(wire, TcpProbe.Endpoint(host, port));
            await ldap.BindAsync(settings.BindDn ?? "", settings.Password?.Reveal() ?? "", cancel);
            return ldap;
        }
        catch
        {
            await wire.DisposeAsync();
            throw;
        }
    }

    internal static (string Host, int Port)? Split(string? written, int port)
    {
        if (string.IsNullOrWhiteSpace(written)) return null;
        var colon = written.LastIndexOf(':');
        if (colon < 0 || written.EndsWith(']')) return (written.Trim('[', ']'), port);
        return int.TryParse(written.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var own) && own is > 0 and < 65536 && colon > 0 ? (written[..colon].Trim('[', ']'), own) : null;
    }

    private static int PortOf(LdapSettings settings) => settings.Port ?? (settings.Tls == MailTls.Tls ? 636 : 389);
}
