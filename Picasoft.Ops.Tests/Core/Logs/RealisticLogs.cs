using System.Globalization;
using System.Text.RegularExpressions;
using Picasoft.Ops.Core.Configuration;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Logs;

/// <summary>
/// A day of a small association's logs with the errors in it known: mostly what daemons say when all is well, in the words of the real programs, and now and then one of the errors that the packs
/// promise to find, with other numbers, names and addresses than those the packs were written from.
/// </summary>
internal static partial class RealisticLogs
{
    private static readonly string[] _calm =
    [
        "postfix/smtpd: connect from mail-@n.example.com[@ip]", "postfix/smtpd: disconnect from mail-@n.example.com[@ip] ehlo=2 starttls=1 mail=1 rcpt=1 data=1 quit=1 commands=7",
        "postfix/smtpd: @hex: client=mail-@n.example.com[@ip]", "postfix/cleanup: @hex: message-id=<@hex.@n@example.com>", "postfix/qmgr: @hex: from=<@user@example.org>, size=@n, nrcpt=1 (queue active)",
        "postfix/smtp: @hex: to=<@user@example.net>, relay=mx.example.net[@ip]:25, delay=1.@n, delays=0.1/0/0.4/0.6, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as @hex)", "postfix/qmgr: @hex: removed",
        "postfix/smtpd: NOQUEUE: reject: RCPT from unknown[@ip]: 554 5.7.1 <@user@example.org>: Relay access denied; from=<a@b.example> to=<@user@example.org> proto=ESMTP helo=<x>", "postfix/anvil: statistics: max connection rate @n/60s for (smtp:@ip) at Nov 25 10:00:00",
        "postfix/smtpd: warning: hostname host@n.example.net does not resolve to address @ip: Name or service not known", "postfix/scache: statistics: start interval Nov 25 10:00:00",
        "dovecot: imap-login: Login: user=<@user>, method=PLAIN, rip=@ip, lip=@ip, mpid=@n, TLS, session=<@hex>", "dovecot: imap(@user)<@n><@hex>: Disconnected: Logged out in=@n out=@n deleted=0 expunged=0",
        "dovecot: lmtp(@user)<@n><@hex>: msgid=<@hex@example.org>: saved mail to INBOX", "dovecot: imap-login: Disconnected: Connection closed (no auth attempts in 0 secs): user=<>, rip=@ip, lip=@ip",
        "opendkim: @hex: DKIM-Signature field added (s=mail, d=picasoft.net)", "rspamd: <@hex>; task; rspamd_message_parse: loaded message; id: <@hex@x>; queue-id: <@hex>; size: @n; checksum: <@hex>",
        "audit: type=USER_LOGIN msg=audit(17000@n.1:@n): pid=@n uid=0 auid=1000 ses=@n msg='op=login id=1000 exe=\"/usr/sbin/sshd\" hostname=@ip addr=@ip terminal=/dev/pts/0 res=success'", "audit: type=CRED_DISP msg=audit(17000@n.1:@n): pid=@n uid=0 auid=0 ses=@n res=success",
        "audit: type=SYSCALL msg=audit(17000@n.2:@n): arch=c000003e syscall=59 success=yes exit=0 a0=@hex ppid=@n pid=@n comm=\"sh\" exe=\"/usr/bin/dash\" key=(null)",
        "sshd: Accepted publickey for @user from @ip port @n ssh2: ED25519 SHA256:@hex?", "sshd: Connection closed by @ip port @n [preauth]", "sshd: Received disconnect from @ip port @n:11: disconnected by user", "sshd: pam_unix(sshd:session): session opened for user @user(uid=1000) by (uid=0)",
        "sudo: pam_unix(sudo:session): session closed for user root", "sudo: @user : TTY=pts/@n ; PWD=/home/@user ; USER=root ; COMMAND=/usr/bin/systemctl reload nginx", "CRON: pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)", "CRON: (root) CMD (run-parts /etc/cron.hourly)",
        "borg: Archive name: alice-@n", "borg: Number of files: @n", "borg: This archive: 4.2 GB 3.1 GB @n kB", "restic: processed @n files, @n MiB in 0:12", "restic: no errors were found", "pg_dump: pg_dump: dumping contents of table \"public.posts\"",
        "dockerd: time=\"2026-11-25T10:00:00Z\" level=info msg=\"ignoring event\" container=@hex module=libcontainerd namespace=moby topic=/tasks/delete", "containerd: time=\"2026-11-25T10:00:00Z\" level=info msg=\"shim disconnected\" id=@hex", "dockerd: time=\"2026-11-25T10:00:00Z\" level=warning msg=\"cleaning up after shim disconnected\" id=@hex",
        "kernel: [@n.1] device veth@hex entered promiscuous mode", "kernel: [@n.2] docker0: port 1(veth@hex) entered blocking state", "kernel: [UFW BLOCK] IN=eth0 OUT= SRC=@ip DST=@ip LEN=40 PROTO=TCP SPT=@n DPT=23", "kernel: EXT4-fs (sda@n): mounted filesystem with ordered data mode. Quota mode: none.", "kernel: e1000e: eth0 NIC Link is Up 1000 Mbps Full Duplex",
        "mdadm: NewArray event detected on md device /dev/md@n", "postgres: 2026-11-25 10:00:00.@n UTC [@n] LOG:  checkpoint starting: time", "postgres: 2026-11-25 10:00:00.@n UTC [@n] LOG:  checkpoint complete: wrote @n buffers (0.1%); 0 WAL file(s) added", "postgres: [@n] @user@mm ERROR:  duplicate key value violates unique constraint \"posts_pkey\"",
        "postgres: 2026-11-25 UTC [@n] LOG:  automatic vacuum of table \"mm.public.posts\": index scans: 1", "slapd: conn=@n fd=@n ACCEPT from IP=@ip:@n (IP=0.0.0.0:389)", "slapd: conn=@n op=0 BIND dn=\"uid=@user,ou=people,dc=picasoft,dc=net\" method=128", "slapd: conn=@n op=0 RESULT tag=97 err=0 qtime=0.00001 etime=0.00@n text=", "slapd: conn=@n fd=@n closed",
        "nginx: @ip - - [25/Nov/2026:10:00:00 +0000] \"GET /api/v4/users/me HTTP/1.1\" 200 @n \"-\" \"Mozilla/5.0\"", "nginx: 2026/11/25 10:00:00 [error] @n#@n: *@n open() \"/srv/www/robots.txt\" failed (2: No such file or directory), client: @ip", "nginx: 2026/11/25 10:00:00 [warn] @n#@n: *@n an upstream response is buffered to a temporary file", "traefik: @ip - - [25/Nov/2026:10:00:00 +0000] \"POST /socket HTTP/2.0\" 502 @n \"-\" \"-\" @n \"wekan@docker\" \"-\" 12ms",
        "traefik: time=\"2026-11-25T10:00:00Z\" level=info msg=\"Configuration received\" providerName=docker", "mattermost: {\"timestamp\":\"2026-11-25 10:00:00.@n Z\",\"level\":\"info\",\"msg\":\"Websocket event\",\"caller\":\"app/web_hub.go:@n\"}", "mattermost: {\"timestamp\":\"2026-11-25 10:00:00.@n Z\",\"level\":\"warn\",\"msg\":\"Failed to send push notification\",\"caller\":\"app/push.go:@n\"}",
        "etherpad: [2026-11-25T10:00:00.@n] [INFO] access - [CREATE] Pad \"ag-@n\" Client @hex with IP \"@ip\" created the pad", "etherpad: [2026-11-25T10:00:00.@n] [WARN] message - Dropped message, COLLABROOM type USER_INFO", "systemd: Started session-@n.scope - Session @n of User @user.", "systemd: logrotate.service: Deactivated successfully.", "systemd: Starting apt-daily.service - Daily apt download activities...", "systemd: etherpad.service: Scheduled restart job, restart counter is at 1.",
        "docker-events: 2026-11-25T10:00:00.@nZ container die @hex (exitCode=0, image=borg:1, name=borg-@n)", "docker-events: 2026-11-25T10:00:00.@nZ container health_status: healthy @hex (image=pad:1, name=pad-@n)", "dockerd: time=\"2026-11-25T10:00:00Z\" level=error msg=\"stream copy error: reading from a closed fifo\"",
        "haproxy: @ip:@n [25/Nov/2026:10:00:00.@n] web~ team/alice 0/0/1/@n/@n 200 @n - - ---- 4/4/1/1/0 0/0 \"GET /api/v4/users/503 HTTP/1.1\"", "haproxy: @ip:@n [25/Nov/2026:10:00:00.@n] web team/alice 0/0/0/1/1 404 502 - - ---- 1/1/0/0/0 0/0 \"GET /@hex HTTP/1.1\"", "haproxy: Server patroni/pg@n is DOWN, reason: Layer7 wrong status, code: 503, info: \"Service Unavailable\", check duration: @nms. 1 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.",
    ];

    /// <param name="count">Lines; one in twelve is an error.</param>
    /// <returns><c>program: text</c>, and the pack rule that must find it; null: a line that no rule may mind.</returns>
    public static IEnumerable<(string Line, string? Rule)> Lines(int count, int seed)
    {
        var random = new Random(seed);
        // Success and sign-ins are looked for by rules as well, but are no errors.
        var errors = LogPacks.All.SelectMany(p => p.Rules).Where(r => r.Name is not ("backups-borg-silent" or "ssh-new-address")).SelectMany(r => r.Samples.Select(s => (Line: s, Rule: r.Name))).Concat(Unknown(random)).ToList();
        for (var i = 0; i < count; i++)
        {
            if (random.Next(12) == 0)
            {
                var (line, rule) = errors[random.Next(errors.Count)];
                yield return (Another(line, random), rule);
            }
            else
            {
                var line = _calm[random.Next(_calm.Length)];
                yield return (Fill(line.TrimEnd('?'), random), line.EndsWith('?') ? "ssh-new-address" : null);
            }
        }
    }

    /// <summary>Errors that the packs were not written from: as programs were seen to write them when they were made to fail, or as their sources and manuals have them.</summary>
    public static IEnumerable<(string Line, string Rule)> Unknown(Random random) =>
        File.ReadLines(Path.Combine(Repository.Root, "Picasoft.Ops.Tests/Core/Logs/Samples/errors.tsv")).Select(l => l.Split('\t')).Select(l => (Fill(l[1], random), l[0]));

    /// <summary>The same error of another day: other queue numbers, addresses, times, process numbers, people. What carries the meaning (codes, counts of attempts) stays.</summary>
    private static string Another(string line, Random random)
    {
        line = Address().Replace(line, _ => Ip(random));
        line = Clock().Replace(line, _ => string.Create(CultureInfo.InvariantCulture, $"{random.Next(24):00}:{random.Next(60):00}:{random.Next(60):00}"));
        line = Long().Replace(line, _ => random.Next(10_000, 999_999).ToString(CultureInfo.InvariantCulture));
        return line.Replace("camille", Pick(["camille", "sacha", "noe", "alix"], random), StringComparison.Ordinal);
    }

    private static string Fill(string line, Random random) => Slot().Replace(line, m => m.Value switch
    {
        "@ip" => Ip(random),
        "@hex" => Convert.ToHexString(BitConverter.GetBytes(random.Next()))[..(4 + random.Next(4))],
        "@user" => Pick(["camille", "sacha", "noe", "alix", "error", "backup"], random),
        _ => random.Next(1, 99_999).ToString(CultureInfo.InvariantCulture),
    });

    private static string Ip(Random random) => $"{random.Next(1, 224)}.{random.Next(256)}.{random.Next(256)}.{random.Next(1, 255)}";

    private static string Pick(string[] from, Random random) => from[random.Next(from.Length)];

    [GeneratedRegex(@"@(?:ip|hex|user|n)")]
    private static partial Regex Slot();

    [GeneratedRegex(@"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b")]
    private static partial Regex Address();

    [GeneratedRegex(@"\b\d\d:\d\d:\d\d\b")]
    private static partial Regex Clock();

    [GeneratedRegex(@"\b(?<!err=|tag=|type=)\d{5,}\b(?!\))")]
    private static partial Regex Long();
}
