using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MimeKit;

namespace Picasoft.Ops.Tests.Support;

/// <summary>
/// A real Postfix of the test's own, with Dovecot for sign-in (user <c>ops</c>, password <c>secret</c>): takes mail for <c>example.org</c> into one mailbox, which IMAP shows.
/// Needs root, because Postfix does; ask <see cref="CanRun"/> first. It can be stopped and started again on the same ports.
/// </summary>
public sealed class MailServer : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private Process? _postfix;
    private Process? _dovecot;

    private readonly string _milters;

    private MailServer(IEnumerable<string> milters) => _milters = string.Join(", ", milters);

    public static bool CanRun => Environment.IsPrivilegedProcess && File.Exists("/usr/sbin/postfix") && File.Exists("/usr/sbin/dovecot");

    public const string User = "ops";
    public const string Password = "secret";

    /// <summary>Clear text, STARTTLS and sign-in offered, none needed.</summary>
    public int Port { get; } = RealProgram.FreePort();

    /// <summary>TLS from the first byte, sign-in needed.</summary>
    public int TlsPort { get; } = RealProgram.FreePort();

    /// <summary>IMAP in the clear, STARTTLS offered; the mailbox of <see cref="User"/> is the one that takes all mail.</summary>
    public int ImapPort { get; } = RealProgram.FreePort();

    /// <summary>Neither STARTTLS nor sign-in.</summary>
    public int PlainPort { get; } = RealProgram.FreePort();

    /// <summary>Refuses whoever comes, in its greeting.</summary>
    public int RefusingPort { get; } = RealProgram.FreePort();

    /// <summary>Where IMAP offers neither STARTTLS nor, in the clear, to sign in; at <see cref="ImapPort"/>.</summary>
    public const string PlainImapHost = "127.0.0.2";

    /// <summary>SHA-256 of its self-signed certificate.</summary>
    public string Thumbprint { get; private set; } = "";

    /// <param name="milters">Filters that see all mail, as Postfix names them; in their order.</param>
    public static async Task<MailServer> CreateAsync(params IEnumerable<string> milters)
    {
        var server = new MailServer(milters);
        await server.PrepareAsync();
        await server.StartAsync();
        return server;
    }

    public async Task StartAsync()
    {
        _postfix ??= Start("/bin/sh", "-c", $"exec postfix -c {_folder["etc"]} start-fg >>{_folder["mail.log"]} 2>&1 </dev/null");
        await Eventually.TrueAsync(() => Task.FromResult(Answers(Port) && Answers(TlsPort) && Answers(PlainPort) && Answers(RefusingPort)), "Postfix answers");
    }

    public async Task StopAsync()
    {
        if (_postfix is null) return;
        using (var stop = Start("/bin/sh", "-c", $"exec postfix -c {_folder["etc"]} stop >>{_folder["mail.log"]} 2>&1 </dev/null")) await stop.WaitForExitAsync();
        await _postfix.WaitForExitAsync();
        _postfix.Dispose();
        _postfix = null;
    }

    /// <summary>From now on it takes mail and keeps it in its queue.</summary>
    public async Task HoldAsync()
    {
        await RealProgram.RunAsync("/usr/sbin/postconf", "-c", _folder["etc"], "-e", "defer_transports=virtual");
        await RealProgram.RunAsync("/usr/sbin/postfix", "-c", _folder["etc"], "reload");
    }

    /// <summary>All mail that has arrived, in order of arrival, whether IMAP has shown it or not.</summary>
    public async Task<IReadOnlyList<MimeMessage>> ReadMessagesAsync()
    {
        while (true)
        {
            var messages = new List<MimeMessage>();
            try
            {
                foreach (var file in Files("new").Concat(Files("cur")).OrderBy(f => f.LastWriteTimeUtc).ThenBy(f => f.Name)) messages.Add(await MimeMessage.LoadAsync(file.FullName));
                return messages;
            }
            catch (FileNotFoundException) { } // Dovecot has just moved it
        }

        IEnumerable<FileInfo> Files(string folder) => new DirectoryInfo(Path.Combine(_folder["mail"], "inbox", folder)) is { Exists: true } found ? found.GetFiles() : [];
    }

    /// <summary>Waits, a minute at most, until such a mail is there.</summary>
    public async Task<MimeMessage> WaitForMessageAsync(Func<MimeMessage, bool> predicate)
    {
        MimeMessage? found = null;
        await Eventually.TrueAsync(async () => (found = (await ReadMessagesAsync()).FirstOrDefault(predicate)) is not null, "the mail is there");
        return found!;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_dovecot is not null)
        {
            using (var stop = Start("/usr/bin/doveadm", "-c", _folder["dovecot.conf"], "stop")) await stop.WaitForExitAsync();
            await _dovecot.WaitForExitAsync();
            _dovecot.Dispose();
        }
        _folder.Dispose();
    }

    private async Task PrepareAsync()
    {
        foreach (var name in new[] { "etc", "queue/private", "data", "mail", "dovecot" }) Directory.CreateDirectory(_folder[name]);
        WriteCertificate();
        await File.WriteAllTextAsync(_folder["users"], $"{User}:{{PLAIN}}{Password}\n");
        await File.WriteAllTextAsync(_folder["etc/main.cf"], Main(await IdAsync("-u"), await IdAsync("-g")));
        await File.WriteAllTextAsync(_folder["etc/master.cf"], Master());
        await File.WriteAllTextAsync(_folder["dovecot.conf"], Dovecot(await IdAsync("-u"), await IdAsync("-g")));
        using (var own = Start("/bin/chown", "postfix", _folder["data"], _folder["mail"], _folder["queue/private"])) await own.WaitForExitAsync();
        _dovecot = Start("/usr/sbin/dovecot", "-F", "-c", _folder["dovecot.conf"]);
        await Eventually.TrueAsync(() => Task.FromResult(File.Exists(_folder["queue/private/auth"]) && Answers(ImapPort)), "Dovecot answers");
    }

    private void WriteCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=mail.example.org", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(2));
        File.WriteAllText(_folder["cert.pem"], certificate.ExportCertificatePem());
        File.WriteAllText(_folder["key.pem"], key.ExportPkcs8PrivateKeyPem());
        Thumbprint = Convert.ToHexStringLower(SHA256.HashData(certificate.RawData));
    }

    private string Main(string uid, string gid) => $"""
        compatibility_level = 3.6
        queue_directory = {_folder["queue"]}
        data_directory = {_folder["data"]}
        command_directory = /usr/sbin
        daemon_directory = /usr/lib/postfix/sbin
        mail_owner = postfix
        setgid_group = postdrop
        maillog_file = /dev/stdout
        myhostname = mail.example.org
        mydestination =
        alias_maps =
        alias_database =
        mynetworks = 127.0.0.0/8
        inet_interfaces = 127.0.0.1
        inet_protocols = ipv4
        virtual_mailbox_domains = example.org
        virtual_mailbox_base = {_folder["mail"]}
        virtual_mailbox_maps = static:inbox/
        virtual_minimum_uid = 1
        virtual_uid_maps = static:{uid}
        virtual_gid_maps = static:{gid}
        smtpd_tls_cert_file = {_folder["cert.pem"]}
        smtpd_tls_key_file = {_folder["key.pem"]}
        smtpd_tls_security_level = may
        smtpd_sasl_auth_enable = yes
        smtpd_sasl_type = dovecot
        smtpd_sasl_path = private/auth
        smtpd_relay_restrictions = reject_unauth_destination
        smtpd_recipient_restrictions =
        smtpd_client_connection_count_limit = 0
        smtpd_milters = {_milters}

        """;

    private string Master() => string.Create(CultureInfo.InvariantCulture, $"""
        127.0.0.1:{Port} inet n - n - - smtpd
        127.0.0.1:{TlsPort} inet n - n - - smtpd
          -o smtpd_tls_wrappermode=yes
          -o smtpd_client_restrictions=permit_sasl_authenticated,reject
        127.0.0.1:{PlainPort} inet n - n - - smtpd
          -o smtpd_tls_security_level=none
          -o smtpd_sasl_auth_enable=no
        127.0.0.1:{RefusingPort} inet n - n - - smtpd
          -o smtpd_client_restrictions=reject
          -o smtpd_delay_reject=no
        cleanup unix n - n - 0 cleanup
        qmgr unix n - n 300 1 qmgr
        tlsmgr unix - - n 1000? 1 tlsmgr
        rewrite unix - - n - - trivial-rewrite
        bounce unix - - n - 0 bounce
        defer unix - - n - 0 bounce
        trace unix - - n - 0 bounce
        verify unix - - n - 1 verify
        proxymap unix - - n - - proxymap
        error unix - - n - - error
        retry unix - - n - - error
        virtual unix - n n - - virtual
        anvil unix - - n - 1 anvil
        scache unix - - n - 1 scache
        postlog unix-dgram n - n - 1 postlogd

        """);

    private string Dovecot(string uid, string gid) => $$"""
        base_dir = {{_folder["dovecot"]}}
        state_dir = {{_folder["dovecot"]}}
        log_path = {{_folder["dovecot.log"]}}
        protocols = imap
        listen = 127.0.0.1, {{PlainImapHost}}
        ssl = yes
        ssl_cert = <{{_folder["cert.pem"]}}
        ssl_key = <{{_folder["key.pem"]}}
        disable_plaintext_auth = no
        local {{PlainImapHost}} {
          ssl = no
          disable_plaintext_auth = yes
        }
        mail_location = maildir:{{_folder["mail"]}}/inbox
        first_valid_uid = 1
        default_internal_user = postfix
        default_login_user = postfix
        auth_mechanisms = plain login
        auth_failure_delay = 0
        passdb {
          driver = passwd-file
          args = {{_folder["users"]}}
        }
        userdb {
          driver = static
          args = uid={{uid}} gid={{gid}} home={{_folder["mail"]}}
        }
        service imap-login {
          chroot =
          inet_listener imap {
            port = {{ImapPort}}
          }
          inet_listener imaps {
            port = 0
          }
        }
        service stats {
          unix_listener stats-writer {
            mode = 0666
          }
        }
        service anvil {
          chroot =
        }
        service auth {
          unix_listener {{_folder["queue/private/auth"]}} {
            mode = 0666
          }
        }

        """;

    private static async Task<string> IdAsync(string what)
    {
        using var id = Process.Start(new ProcessStartInfo("/usr/bin/id", [what, "postfix"]) { RedirectStandardOutput = true })!;
        return (await id.StandardOutput.ReadToEndAsync()).Trim();
    }

    private static Process Start(string program, params string[] arguments) => Process.Start(new ProcessStartInfo(program, arguments))!;

    private static bool Answers(int port)
    {
        using var client = new TcpClient();
        try { client.Connect(IPAddress.Loopback, port); }
        catch (SocketException) { return false; }
        return true;
    }
}
