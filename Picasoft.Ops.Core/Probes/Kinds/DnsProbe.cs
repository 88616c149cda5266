using System.Net;
using DnsClient;
using DnsClient.Protocol;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes.Kinds;

/// <summary>Kinds of DNS records that can be asked for.</summary>
public enum DnsRecordType
{
    A,
    Aaaa,
    Cname,
    Mx,
    Ns,
    Ptr,
    Soa,
    Srv,
    Txt,
    Caa,
}

/// <summary>What to ask of the DNS, whom, and what the answer should be.</summary>
public sealed record DnsSettings : IChecked
{
    /// <summary>For a PTR record the address itself may be written.</summary>
    [Setting(Required = true, MaxLength = 253, Example = "team.example.org")]
    public string Name { get; init; } = "";

    public DnsRecordType Record { get; init; }

    /// <summary>Who is asked, an address with or without a port; nobody said: the system's resolver.</summary>
    [Setting(MaxLength = 100, Example = "9.9.9.9")]
    public string? Resolver { get; init; }

    /// <summary>All of these must be in the answer, as <c>dig +short</c> writes them; none: any answer will do.</summary>
    [Setting(MaxLength = 1000)]
    public IReadOnlyList<string> Expect { get; init; } = [];

    /// <summary>Nothing else may be in the answer.</summary>
    public bool Exactly { get; init; }

    /// <summary>The resolver must say that it validated the answer by DNSSEC (the AD flag).</summary>
    public bool Dnssec { get; init; }

    public IEnumerable<FieldError> Check()
    {
        if (!string.IsNullOrWhiteSpace(Resolver) && DnsProbe.Endpoint(Resolver) is null) yield return new("resolver", Phrase.Of("probe.input.resolver"));
        if (Exactly && Expect.Count == 0) yield return new("expect", Phrase.Of("input.required"));
    }
}

/// <summary>A name resolves, to what it should, validated if asked.</summary>
public sealed class DnsProbe : Probe<DnsSettings>
{
    public override string Kind => "dns";

    public override ProbeGroup Group => ProbeGroup.Network;

    protected override string Target(DnsSettings settings) => $"{settings.Record.ToString().ToUpperInvariant()} {settings.Name}" + (string.IsNullOrWhiteSpace(settings.Resolver) ? "" : $" @{settings.Resolver}");

    protected override async ValueTask<Observation> CheckAsync(DnsSettings settings, ProbeContext context, CancellationToken cancel)
    {
        var resolver = Endpoint(settings.Resolver);
        try
        {
            var answer = await ClientFor(resolver, context.Timeout, settings.Dnssec).QueryAsync(NameOf(settings), Enum.Parse<QueryType>(settings.Record.ToString().ToUpperInvariant()), cancellationToken: cancel);
            return Judge(settings, answer);
        }
        catch (Exception e) when (IsNoAnswer(e) && !cancel.IsCancellationRequested)
        {
            return new(false, OfSocket(e) ?? Phrase.Of("probe.dns_silent", ProbeReasons.Shown(settings.Name)));
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            return new(false, ProbeReasons.Of(e, resolver?.Address.ToString() ?? "DNS", resolver?.Port ?? 53));
        }

        Phrase? OfSocket(Exception e) =>
            e is System.Net.Sockets.SocketException ? ProbeReasons.Of(e, resolver?.Address.ToString() ?? "DNS", resolver?.Port ?? 53) : e.InnerException is { } inner ? OfSocket(inner) : null;
    }

    /// <summary>Nothing that can be read came, or the answer to another question: for that the library has exceptions which nobody else can name.</summary>
    internal static bool IsNoAnswer(Exception exception) => exception.GetType().Assembly == typeof(LookupClient).Assembly;

    private static Observation Judge(DnsSettings settings, IDnsQueryResponse answer)
    {
        var name = ProbeReasons.Shown(settings.Name);
        switch (answer.Header.ResponseCode)
        {
            case DnsHeaderResponseCode.NoError: break;
            case DnsHeaderResponseCode.NotExistentDomain: return Observation.Down("probe.no_such_name", name);
            // What a validating resolver says of a forged or wrongly signed answer, too.
            case var code: return Observation.Down("probe.dns_refused", name, code.ToString());
        }
        var found = answer.Answers.Select(Text).OfType<string>().ToList();
        var type = settings.Record.ToString().ToUpperInvariant();
        if (found.Count == 0) return Observation.Down("probe.dns_empty", name, type);
        var expected = settings.Expect.Select(Plain).ToList();
        if (expected.Find(e => !found.Exists(f => Plain(f) == e)) is { } missing) return Observation.Down("probe.dns_other", type, name, Shown(found), ProbeReasons.Shown(missing));
        if (settings.Exactly && found.Find(f => !expected.Contains(Plain(f))) is { } stranger) return Observation.Down("probe.dns_stranger", type, name, ProbeReasons.Shown(stranger));
        return settings.Dnssec && !answer.Header.IsAuthenticData ? Observation.Down("probe.dns_unsigned", name) : Observation.Up;

        string? Text(DnsResourceRecord record) => record switch
        {
            AddressRecord a when settings.Record is DnsRecordType.A or DnsRecordType.Aaaa => a.Address.ToString(),
            CNameRecord c when settings.Record == DnsRecordType.Cname => c.CanonicalName,
            MxRecord m => $"{m.Preference} {m.Exchange}",
            NsRecord n => n.NSDName,
            PtrRecord p => p.PtrDomainName,
            SoaRecord s => $"{s.MName} {s.RName} {s.Serial}",
            SrvRecord v => $"{v.Priority} {v.Weight} {v.Port} {v.Target}",
            TxtRecord t => string.Concat(t.Text),
            CaaRecord a => $"{a.Flags} {a.Tag} \"{a.Value}\"",
            _ => null, // the names on the way to the answer, and signatures
        };
    }

    internal static LookupClient ClientFor(IPEndPoint? resolver, TimeSpan timeout, bool dnssec = false)
    {
        var options = resolver is null ? new LookupClientOptions() : new LookupClientOptions(new NameServer(resolver)) { AutoResolveNameServers = false };
        options.UseCache = false;
        options.Retries = 0;
        options.Timeout = timeout * 0.9; // before the check's own time is over: so it is known who said nothing
        options.RequestDnsSecRecords = dnssec; // also what makes a resolver say whether it validated (RFC 6840, 5.7)
        options.ThrowDnsErrors = false;
        options.ContinueOnDnsError = false;
        options.ExtendedDnsBufferSize = 1232;
        return new(options);
    }

    /// <summary>An address with or without a port; null when it is neither.</summary>
    internal static IPEndPoint? Endpoint(string? text) =>
        string.IsNullOrWhiteSpace(text) ? null : IPAddress.TryParse(text, out var address) ? new(address, 53) : IPEndPoint.TryParse(text, out var endpoint) && endpoint.Port > 0 ? endpoint : null;

    private static string NameOf(DnsSettings settings) =>
        settings.Record == DnsRecordType.Ptr && IPAddress.TryParse(settings.Name, out var address) ? LookupClient.GetReverseQuestion(address).QueryName.Value : settings.Name;

    // Names end with a dot or not, and their case does not count; long texts are quoted by dig.
    private static string Plain(string text) => text.Trim().TrimEnd('.').Trim('"').ToLowerInvariant();

    private static string Shown(List<string> found) => ProbeReasons.Shown(string.Join(", ", found));
}
