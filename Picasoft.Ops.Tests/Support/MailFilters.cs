using System.Security.Cryptography;
using MimeKit;
using MimeKit.Cryptography;

namespace Picasoft.Ops.Tests.Support;

/// <summary>
/// Debian's OpenDKIM and OpenDMARC, which write what they find of a mail's sender (<c>Authentication-Results</c>), for a <see cref="MailServer"/>. Mail is signed for <c>example.org</c> and
/// <c>example.net</c>, whose keys they ask of a real Unbound. OpenDMARC asks whatever the machine asks: it runs where that is ours, so root is needed.
/// </summary>
public sealed class MailFilters : IAsyncDisposable
{
    /// <summary>The name by which they sign what they found.</summary>
    public const string Name = "mail.example.org";

    private const string Selector = "2026";

    private readonly TempFolder _folder = new();
    private readonly RSA _key = RSA.Create(2048);
    private readonly List<RealProgram> _programs = [];

    private MailFilters() { }

    /// <summary>As Postfix names them.</summary>
    public IEnumerable<string> Milters { get; private set; } = [];

    /// <param name="judge">OpenDMARC as well, which says whether what OpenDKIM found is about the sender.</param>
    public static async Task<MailFilters> StartAsync(bool judge)
    {
        var filters = new MailFilters();
        await filters.PrepareAsync();
        filters._programs.Add(await RealProgram.StartAsync("/usr/sbin/opendkim", _ => ["-f", "-x", filters._folder["opendkim.conf"]], filters.Made("dkim")));
        filters.Milters = [filters.Socket("dkim")];
        if (!judge) return filters;
        var begin = $"ip link set lo up && mount --bind {filters._folder["resolv.conf"]} /etc/resolv.conf && /usr/sbin/unbound -c {filters._folder["unbound.conf"]} && exec /usr/sbin/opendmarc -f -c {filters._folder["opendmarc.conf"]}";
        filters._programs.Add(await RealProgram.StartAsync("/usr/bin/unshare", _ => ["--net", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private", "/bin/sh", "-c", begin], filters.Made("dmarc")));
        filters.Milters = [.. filters.Milters, filters.Socket("dmarc")];
        return filters;
    }

    /// <summary>Signs a mail as the mail server of a domain does.</summary>
    public void Sign(MimeMessage mail, string domain)
    {
        using var pem = new MemoryStream(System.Text.Encoding.ASCII.GetBytes(_key.ExportRSAPrivateKeyPem()));
        mail.Prepare(EncodingConstraint.SevenBit);
        new DkimSigner(pem, domain, Selector) { HeaderCanonicalizationAlgorithm = DkimCanonicalizationAlgorithm.Relaxed, BodyCanonicalizationAlgorithm = DkimCanonicalizationAlgorithm.Relaxed }
            .Sign(mail, [HeaderId.From, HeaderId.Subject, HeaderId.To]);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var program in _programs) await program.DisposeAsync();
        _key.Dispose();
        _folder.Dispose();
    }

    private async Task PrepareAsync()
    {
        var key = Convert.ToBase64String(_key.ExportSubjectPublicKeyInfo());
        var zone = "";
        foreach (var domain in new[] { "example.org", "example.net" })
            zone += $"""
                  local-zone: "{domain}." static
                  local-data: '{Selector}._domainkey.{domain}. 60 IN TXT "v=DKIM1; k=rsa; p={key[..200]}" "{key[200..]}"'
                  local-data: '_dmarc.{domain}. 60 IN TXT "v=DMARC1; p=none"'

                """;
        await File.WriteAllTextAsync(_folder["resolver.conf"], $"server:\n  do-ip6: no\n{zone}");
        await File.WriteAllTextAsync(_folder["unbound.conf"], $"server:\n  do-ip6: no\n  chroot: \"\"\n  username: \"\"\n  pidfile: \"\"\n  use-syslog: no\n  interface: 127.0.0.1\n  port: 53\n{zone}");
        await File.WriteAllTextAsync(_folder["resolv.conf"], "nameserver 127.0.0.1\n");
        await File.WriteAllTextAsync(_folder["nobody"], "192.0.2.255\n"); // else mail from this machine is not looked at
        await File.WriteAllTextAsync(_folder["suffixes"], "net\norg\n");
        await File.WriteAllTextAsync(_folder["opendkim.conf"], $"""
            Mode v
            Socket local:{_folder["dkim"]}
            UserID root
            UMask 000
            Background no
            Syslog no
            AuthservID {Name}
            AlwaysAddARHeader yes
            InternalHosts {_folder["nobody"]}
            ResolverConfiguration {_folder["resolver.conf"]}

            """);
        await File.WriteAllTextAsync(_folder["opendmarc.conf"], $"""
            Socket local:{_folder["dmarc"]}
            UserID root
            UMask 000
            Background false
            Syslog false
            AuthservID {Name}
            TrustedAuthservIDs {Name}
            IgnoreHosts {_folder["nobody"]}
            PublicSuffixList {_folder["suffixes"]}

            """);
    }

    private string Socket(string name) => $"unix:{_folder[name]}";

    private Func<RealProgram, Task<bool>> Made(string name) => _ => Task.FromResult(File.Exists(_folder[name]));
}
