using System.Net;
using System.Net.Sockets;
using DnsClient;
using DnsClient.Protocol;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes.Kinds;

/// <summary>Whose address to look for, on which lists.</summary>
public sealed record DnsblSettings : IChecked
{
    /// <summary>Name or address of the server that sends mail.</summary>
    [Setting(Required = true, MaxLength = 253, Example = "mail.example.org")]
    public string Host { get; init; } = "";

    [Setting(MaxLength = 253)]
    public IReadOnlyList<string> Lists { get; init; } = ["zen.spamhaus.org", "bl.spamcop.net", "b.barracudacentral.org", "psbl.surriel.com"];

    /// <summary>Who is asked; the lists refuse the large public resolvers.</summary>
    [Setting(MaxLength = 100, Example = "127.0.0.1")]
    public string? Resolver { get; init; }

    public IEnumerable<FieldError> Check()
    {
        if (!string.IsNullOrWhiteSpace(Resolver) && DnsProbe.Endpoint(Resolver) is null) yield return new("resolver", Phrase.Of("probe.input.resolver"));
        if (Lists.Count == 0) yield return new("lists", Phrase.Of("input.required"));
    }
}

/// <summary>The address of a mail server stands on no blocklist (RFC 5782). Warns when a list does not answer: then nobody knows.</summary>
public sealed class DnsblProbe : Probe<DnsblSettings>
{
    public override string Kind => "dnsbl";

    public override ProbeGroup Group => ProbeGroup.Mail;

    public override ProbeInput Usual { get; } = new() { Interval = TimeSpan.FromHours(1) };

    protected override string Target(DnsblSettings settings) => settings.Host;

    protected override async ValueTask<Observation> CheckAsync(DnsblSettings settings, ProbeContext context, CancellationToken cancel)
    {
        try
        {
            var addresses = await LookupRunner.FindAsync(settings.Host, cancel);
            var client = DnsProbe.ClientFor(DnsProbe.Endpoint(settings.Resolver), context.Timeout * 0.8);
            var answers = await Task.WhenAll(from address in addresses.Take(4) from list in settings.Lists select AskAsync(client, address, list, cancel));
            var listed = answers.Where(a => a.Listed is not null).ToList();
            var mute = answers.Where(a => a.Listed is null && a.IsMute).Select(a => a.List).Distinct(StringComparer.Ordinal).ToList();
            var seen = listed.Count > 0 ? Observation.Down("probe.listed", listed[0].Address, string.Join(", ", listed.Select(l => l.List).Distinct(StringComparer.Ordinal)), ProbeReasons.Shown(listed[0].Listed!))
                : mute.Count > 0 ? Observation.Warn("probe.list_mute", string.Join(", ", mute)) with { Warning = Severity.Low }
                : Observation.Up;
            // Where nobody answered, 0 would be a number that nobody counted.
            return answers.All(a => a.IsMute) ? seen : seen.With(new Measurement("listed", listed.Count, Crit: 1, Min: 0));
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            return new(false, ProbeReasons.Of(e, settings.Host, 53));
        }
    }

    private static async Task<(IPAddress Address, string List, string? Listed, bool IsMute)> AskAsync(LookupClient client, IPAddress address, string list, CancellationToken cancel)
    {
        var name = $"{Reversed(address)}.{list.Trim('.')}";
        try
        {
            var answer = await client.QueryAsync(name, QueryType.A, cancellationToken: cancel);
            if (answer.Header.ResponseCode == DnsHeaderResponseCode.NotExistentDomain) return (address, list, null, false);
            var codes = answer.Answers.OfType<ARecord>().Select(a => a.Address).ToList();
            if (answer.HasError) return (address, list, null, true);
            // 127.255.255.x says that the list does not answer this resolver; anything outside 127/8 is a wildcard of somebody's.
            if (codes.Exists(c => c.GetAddressBytes() is [127, 255, 255, _] or [not 127, ..])) return (address, list, null, true);
            if (codes.Count == 0) return (address, list, null, false);
            var why = await client.QueryAsync(name, QueryType.TXT, cancellationToken: cancel);
            return (address, list, why.Answers.OfType<TxtRecord>().SelectMany(t => t.Text).FirstOrDefault() ?? string.Join(", ", codes), false);
        }
        catch (Exception e) when (DnsProbe.IsNoAnswer(e))
        {
            return (address, list, null, true);
        }
    }

    public static string Reversed(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork
        ? string.Join('.', address.GetAddressBytes().Reverse())
        : string.Join('.', Convert.ToHexStringLower(address.GetAddressBytes()).Reverse());
}
