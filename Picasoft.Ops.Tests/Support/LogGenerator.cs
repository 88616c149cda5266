using System.Globalization;
using System.Text;
using Picasoft.Ops.Core.Logs;

namespace Picasoft.Ops.Tests.Support;

/// <summary>A line of a generated log.</summary>
/// <param name="Text">As in a file of Debian: with time, machine, program.</param>
/// <param name="Error">The true error it tells of; null: none, however much it may look like one.</param>
public readonly record struct GeneratedLine(string Text, string? Error);

/// <summary>
/// Logs of a mail server, of auditd and of backups, as three machines of an association write them, with known true errors and with decoys: lines in which the words
/// of an error stand and that are none. The same seed gives the same lines.
/// </summary>
public sealed class LogGenerator(int seed = 1)
{
    private static readonly string[] _hosts = ["alice", "bob", "caribou"];
    private static readonly string[] _users = ["camille", "sacha", "etherpad", "www-data", "backup", "nobody"];
    private static readonly string[] _domains = ["example.org", "utc.example", "picasoft.example", "mail.example.net"];
    private readonly Random _random = new(seed);
    private DateTimeOffset _at = new(2026, 11, 25, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The true errors, with the expression that finds each and nothing else in these logs.</summary>
    public static IReadOnlyList<(string Name, string Pattern)> Errors { get; } =
    [
        ("deferred", @"status=deferred \(connect to \S+: Connection timed out\)"), ("bounced", @"status=bounced \(host \S+ said: 554 "), ("queue-full", @"warning: mail_queue_enter: create file maildrop/\S+: No space left on device"),
        ("sasl", @"warning: \S+: SASL \S+ authentication failed: "), ("tls", @"SSL_accept error from \S+: -1"), ("milter", @"warning: connect to Milter service \S+: Connection refused"), ("dovecot-auth", @"auth: Error: \S+ LDAP server down"),
        ("audit-config", @"type=CONFIG_CHANGE .* op=(?:remove_rule|set) .*audit_enabled=0"), ("apparmor", @"apparmor=""DENIED"" operation=""(?<op>\w+)"""), ("audit-priv", @"type=USER_CMD .* exe=""/usr/bin/sudo"" .* res=failed"),
        ("audit-fail", @"type=USER_AUTH .* exe=""/usr/sbin/sshd"" .* res=failed"), ("borg-lock", @"Failed to create/acquire the lock \S+ \(timeout\)"), ("borg-full", @"borg\.locking\.LockTimeout|Insufficient free space to complete transaction"), ("borg-check", @"finished borg check: \d+ integrity errors? found"),
        ("dump", @"pg_dump: error: connection to server .* failed"), ("restic", @"Fatal: unable to open config file: "),
    ];

    /// <summary>So many rules of the kind that people write: the true errors first, then such as find nothing here.</summary>
    public static IReadOnlyList<LogRuleInput> Rules(int count) =>
    [
        .. Errors.Take(count).Select(e => new LogRuleInput { Name = e.Name, Match = e.Pattern }),
        .. Enumerable.Range(0, Math.Max(0, count - Errors.Count)).Select(i => new LogRuleInput { Name = string.Create(CultureInfo.InvariantCulture, $"other-{i}"), Match = (i % 4) switch
        {
            0 => string.Create(CultureInfo.InvariantCulture, $@"unit-{i}\.service: Main process exited, code=(?:exited|killed), status=\d+"),
            1 => string.Create(CultureInfo.InvariantCulture, $@"panic: worker {i} .* (?<reason>\w+) overflow"),
            2 => string.Create(CultureInfo.InvariantCulture, $@"(?i)fatal error {i}: \S+ unreachable"),
            _ => string.Create(CultureInfo.InvariantCulture, $@"I/O error, dev sd{(char)('a' + i % 26)}{i}, sector \d+"),
        } }),
    ];

    /// <summary>Lines without end: one in a thousand is a true error, three in a hundred are decoys.</summary>
    public IEnumerable<GeneratedLine> Lines()
    {
        while (true)
        {
            _at += TimeSpan.FromMilliseconds(_random.Next(1, 90));
            var roll = _random.Next(1000);
            yield return roll == 0 ? Error() : roll <= 30 ? new(Decoy(), null) : new(Usual(), null);
        }
    }

    private string Usual() => _random.Next(10) switch
    {
        0 => Line("postfix/smtpd", $"connect from {Peer()}"),
        1 => Line("postfix/smtpd", $"disconnect from {Peer()} ehlo=2 starttls=1 mail=1 rcpt=1 data=1 quit=1 commands=7"),
        2 => Line("postfix/cleanup", $"{Id()}: message-id=<{Id()}.{_random.Next(100000)}@{Domain()}>"),
        3 => Line("postfix/qmgr", $"{Id()}: from=<{User()}@{Domain()}>, size={_random.Next(900, 90000)}, nrcpt=1 (queue active)"),
        4 => Line("postfix/smtp", $"{Id()}: to=<{User()}@{Domain()}>, relay={Domain()}[192.0.2.{_random.Next(255)}]:25, delay={_random.Next(9)}.{_random.Next(9)}, delays=0.1/0/0.3/0.2, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as {Id()})"),
        5 => Line("dovecot", $"imap-login: Login: user=<{User()}>, method=PLAIN, rip=198.51.100.{_random.Next(255)}, lip=192.0.2.1, mpid={_random.Next(99999)}, TLS, session=<{Id()}>"),
        6 => Audit("SYSCALL", $"arch=c000003e syscall=59 success=yes exit=0 a0=55d0 ppid={_random.Next(9999)} auid=4294967295 uid=0 comm=\"sh\" exe=\"/usr/bin/dash\" key=\"exec\""),
        7 => Audit("USER_ACCT", $"uid=0 auid=1000 ses={_random.Next(999)} msg='op=PAM:accounting acct=\"{User()}\" exe=\"/usr/sbin/cron\" hostname=? addr=? terminal=cron res=success'"),
        8 => Line("borg", $"A /srv/{User()}/{Id()}/file-{_random.Next(100000)}.dat"),
        _ => Line("borg", $"Archive name: {Host()}-2026-11-25 Time (start): {_at:HH:mm:ss} Number of files: {_random.Next(100000)} Deduplicated size: {_random.Next(900)} MB"),
    };

    /// <summary>It has the words of an error.</summary>
    private string Decoy() => _random.Next(7) switch
    {
        0 => Line("postfix/smtp", $"{Id()}: to=<{User()}@{Domain()}>, relay={Domain()}[192.0.2.9]:25, dsn=4.7.1, status=deferred (host {Domain()} said: 450 4.7.1 Greylisted, please try again)"),
        1 => Line("postfix/smtpd", $"warning: hostname {Domain()} does not resolve to address 198.51.100.{_random.Next(255)}"),
        2 => Line("dovecot", $"imap({User()}): Disconnected: Connection closed (No space left for error in=12 out=900)"),
        3 => Audit("USER_AUTH", "uid=0 msg='op=PAM:authentication acct=\"camille\" exe=\"/usr/sbin/sshd\" hostname=alice addr=10.0.0.7 terminal=ssh res=success'"),
        4 => Audit("CONFIG_CHANGE", "op=add_rule key=\"exec\" list=4 res=1 audit_enabled=1"),
        5 => Line("borg", $"A /srv/backup/Insufficient-notes/lock.timeout-{_random.Next(999)}.txt"),
        _ => Line("borg", "finished borg check: no problems found"),
    };

    private GeneratedLine Error()
    {
        var (name, _) = Errors[_random.Next(Errors.Count)];
        return new(name switch
        {
            "deferred" => Line("postfix/smtp", $"{Id()}: to=<{User()}@{Domain()}>, relay=none, delay=4001, dsn=4.4.1, status=deferred (connect to {Domain()}[192.0.2.7]:25: Connection timed out)"),
            "bounced" => Line("postfix/smtp", $"{Id()}: to=<{User()}@{Domain()}>, relay={Domain()}[192.0.2.7]:25, dsn=5.7.1, status=bounced (host {Domain()}[192.0.2.7] said: 554 5.7.1 rejected)"),
            "queue-full" => Line("postfix/postdrop", $"warning: mail_queue_enter: create file maildrop/{Id()}: No space left on device"),
            "sasl" => Line("postfix/smtpd", $"warning: {Domain()}[203.0.113.{_random.Next(255)}]: SASL LOGIN authentication failed: UGFzc3dvcmQ6"),
            "tls" => Line("postfix/smtpd", $"SSL_accept error from {Domain()}[203.0.113.4]: -1"),
            "milter" => Line("postfix/smtpd", "warning: connect to Milter service inet:127.0.0.1:11332: Connection refused"),
            "dovecot-auth" => Line("dovecot", $"auth: Error: ldap({User()}): LDAP server down"),
            "audit-config" => Audit("CONFIG_CHANGE", "auid=1000 ses=3 op=set by=root audit_enabled=0 old=1 res=1"),
            "apparmor" => Audit("AVC", $"apparmor=\"DENIED\" operation=\"open\" profile=\"/usr/sbin/named\" name=\"/etc/shadow\" pid={_random.Next(9999)} comm=\"named\""),
            "audit-priv" => Audit("USER_CMD", "uid=1001 msg='cwd=\"/\" cmd=636174 exe=\"/usr/bin/sudo\" terminal=pts/0 res=failed'"),
            "audit-fail" => Audit("USER_AUTH", "uid=0 msg='op=PAM:authentication acct=\"root\" exe=\"/usr/sbin/sshd\" hostname=? addr=203.0.113.9 terminal=ssh res=failed'"),
            "borg-lock" => Line("borg", $"Failed to create/acquire the lock /srv/borg/{Host()}/lock.exclusive (timeout)."),
            "borg-full" => Line("borg", "Insufficient free space to complete transaction (required: 2 GB, available: 1 GB)."),
            "borg-check" => Line("borg", $"finished borg check: {_random.Next(1, 9)} integrity errors found"),
            "dump" => Line("pg_dump", "pg_dump: error: connection to server on socket \"/run/postgresql/.s.PGSQL.5432\" failed: No such file or directory"),
            _ => Line("restic", "Fatal: unable to open config file: Stat: stat /srv/restic/config: no such file or directory"),
        }, name);
    }

    private string Line(string app, string text) => string.Create(CultureInfo.InvariantCulture, $"{_at:MMM} {_at.Day,2} {_at:HH:mm:ss} {Host()} {app}[{_random.Next(100, 99999)}]: {text}");

    private string Audit(string type, string text) => Line("audisp-syslog", string.Create(CultureInfo.InvariantCulture, $"type={type} msg=audit({_at.ToUnixTimeSeconds()}.{_random.Next(1000):000}:{_random.Next(999999)}): {text}"));

    private string Host() => _hosts[_random.Next(_hosts.Length)];

    private string User() => _users[_random.Next(_users.Length)];

    private string Domain() => _domains[_random.Next(_domains.Length)];

    private string Peer() => $"{Domain()}[198.51.100.{_random.Next(255)}]";

    private string Id()
    {
        var id = new StringBuilder(10);
        for (var i = 0; i < 10; i++) id.Append("0123456789ABCDEF"[_random.Next(16)]);
        return id.ToString();
    }
}
