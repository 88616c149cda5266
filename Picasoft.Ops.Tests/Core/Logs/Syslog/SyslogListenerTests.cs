using System.Diagnostics;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Picasoft.Ops.Core.Logs;
using Picasoft.Ops.Core.Logs.Syslog;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Logs.Syslog;

/// <summary>Real senders: util-linux's logger, Debian's rsyslogd, a TLS client.</summary>
public sealed class SyslogListenerTests(LogNode node) : IClassFixture<LogNode>
{
    [Theory]
    [InlineData("--rfc5424 --udp")]
    [InlineData("--rfc3164 --udp")]
    [InlineData("--rfc5424 --tcp --octet-count")]
    [InlineData("--rfc3164 --tcp")]
    public async Task What_logger_says_is_heard(string options)
    {
        var word = $"word{Guid.NewGuid():N}";
        await node.RuleAsync(new() { Name = word, Match = $@"{word} (?<n>\d+)", Source = new() { App = ["ops-test"] } });
        var port = node.Address(options.Contains("udp", StringComparison.Ordinal) ? SyslogTransport.Udp : SyslogTransport.Tcp).Port;
        for (var i = 0; i < 3; i++)
        {
            var text = i == 1 ? $"{word} 7: broken" : $"around {i} {word}";
            await RunAsync("logger", [.. options.Split(' '), "--server", "127.0.0.1", "--port", $"{port}", "--tag", "ops-test", "-p", "mail.err", text]);
            // Each is a connection of its own: who comes second may be read first.
            await Eventually.TrueAsync(() => Task.FromResult(node.Intake.Recent(new() { App = ["ops-test"] }, 50).Any(l => l.EndsWith(text, StringComparison.Ordinal))), $"“{text}” is heard");
        }
        var line = Assert.Single(await node.WaitAsync(word, 1));
        Assert.Equal(($"{word} 7: broken", "ops-test", LogSeverity.Error, Environment.MachineName), (line.Text, line.App, line.Severity, line.Host));
        Assert.Contains($"around 0 {word}", line.Before);
        var alert = Assert.Single(await node.AlertsAsync(word));
        Assert.Equal(("log", "high", $"{word} 7: broken"), (alert.Source, alert.Labels["severity"], alert.Annotations["line"]));
    }

    [Theory]
    [InlineData("octet-counted")]
    [InlineData("traditional")]
    public async Task What_rsyslog_forwards_is_heard(string framing)
    {
        using var folder = new TempFolder();
        var word = $"word{Guid.NewGuid():N}";
        await node.RuleAsync(new() { Name = word, Match = word, Threshold = new() { Count = 20, Within = TimeSpan.FromMinutes(5), By = ["host"] } });
        await File.WriteAllTextAsync(folder["rsyslog.conf"], $"""
            global(workDirectory="{folder.Path}" localHostname="alice")
            module(load="imfile")
            input(type="imfile" file="{folder["in.log"]}" tag="borg" severity="warning" facility="daemon" readTimeout="1")
            action(type="omfwd" target="127.0.0.1" port="{node.Address(SyslogTransport.Tcp).Port}" protocol="tcp" TCP_Framing="{framing}")
            """);
        await File.WriteAllLinesAsync(folder["in.log"], Enumerable.Range(0, 25).Select(i => $"{word} {i}"));
        using var rsyslog = Process.Start(new ProcessStartInfo("/usr/sbin/rsyslogd", ["-n", "-f", folder["rsyslog.conf"], "-i", folder["pid"]]) { WorkingDirectory = "/" })!;
        try
        {
            var lines = await node.WaitAsync(word, 25);
            Assert.Equal(25, lines.Count);
            Assert.All(lines, l => Assert.Equal(("alice", "borg", LogSeverity.Warning), (l.Host, l.App, l.Severity)));
            await Eventually.TrueAsync(async () => (await node.AlertsAsync(word)).Count == 1, "the threshold was passed");
            Assert.Equal("alice", (await node.AlertsAsync(word))[0].Labels["host"]);
        }
        finally
        {
            rsyslog.Kill();
            await rsyslog.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task What_rsyslog_forwards_over_TLS_is_heard_by_its_certificate()
    {
        using var folder = new TempFolder();
        var word = $"word{Guid.NewGuid():N}";
        await node.RuleAsync(new() { Name = word, Match = word });
        await File.WriteAllTextAsync(folder["rsyslog.conf"], $"""
            global(workDirectory="{folder.Path}" localHostname="alice" defaultNetstreamDriver="gtls" defaultNetstreamDriverCAFile="{node.Folder["ca.pem"]}" defaultNetstreamDriverCertFile="{node.Folder["sender.pem"]}" defaultNetstreamDriverKeyFile="{node.Folder["sender.pem"]}")
            module(load="imfile")
            input(type="imfile" file="{folder["in.log"]}" tag="borg" readTimeout="1")
            action(type="omfwd" target="127.0.0.1" port="{node.TlsPort}" protocol="tcp" TCP_Framing="octet-counted" StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="localhost")
            """);
        await File.WriteAllLinesAsync(folder["in.log"], [$"{word} 1", $"{word} 2"]);
        using var rsyslog = Process.Start(new ProcessStartInfo("/usr/sbin/rsyslogd", ["-n", "-f", folder["rsyslog.conf"], "-i", folder["pid"]]) { WorkingDirectory = "/" })!;
        try { Assert.All(await node.WaitAsync(word, 2), l => Assert.Equal(("alice", "borg"), (l.Host, l.App))); }
        finally
        {
            rsyslog.Kill();
            await rsyslog.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task Over_TLS_only_senders_with_our_certificates_are_heard()
    {
        var word = $"word{Guid.NewGuid():N}";
        await node.RuleAsync(new() { Name = word, Match = word });
        foreach (var certificate in new[] { null, "stranger.pem", "sender.pem" }) await SendAsync(certificate);
        var line = Assert.Single(await node.WaitAsync(word, 1));
        Assert.EndsWith("sender.pem", line.Text);

        async Task SendAsync(string? certificate)
        {
            using var client = new TcpClient("127.0.0.1", node.TlsPort);
            await using var tls = new SslStream(client.GetStream());
            using var shown = certificate is null ? null : X509CertificateLoader.LoadPkcs12(X509Certificate2.CreateFromPemFile(node.Folder[certificate]).Export(X509ContentType.Pkcs12), null);
            try
            {
                await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
                {
                    TargetHost = "localhost",
                    ClientCertificates = shown is null ? null : [shown],
                    CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, CustomTrustStore = { X509Certificate2.CreateFromPem(await File.ReadAllTextAsync(node.Folder["ca.pem"])) } },
                });
                var message = $"<11>1 - alice app - - - {word} {certificate}";
                await tls.WriteAsync(Encoding.ASCII.GetBytes($"{message.Length} {message}"));
                await tls.ShutdownAsync();
                while (await tls.ReadAsync(new byte[100]) > 0) { }
            }
            catch (IOException) when (certificate != "sender.pem") { }
        }
    }

    [Fact]
    public async Task Rubbish_and_endless_lines_hurt_nobody_and_are_told()
    {
        var word = $"word{Guid.NewGuid():N}";
        await node.RuleAsync(new() { Name = word, Match = word });
        using (var client = new TcpClient("127.0.0.1", node.Address(SyslogTransport.Tcp).Port))
        {
            var rubbish = new byte[1_000_000];
            new Random(7).NextBytes(rubbish);
            await using var stream = client.GetStream();
            await stream.WriteAsync(rubbish);
            await stream.WriteAsync("\n"u8.ToArray());
            await stream.WriteAsync(Encoding.ASCII.GetBytes(new string('a', 1_000_000) + "\n"));
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"<11>1 2001-01-01T00:00:00Z alice app - - - {word} \u0001\xC3\x28 end\n"));
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"<11>1 - alice app - - - {word} without a line feed"));
        }
        var lines = await node.WaitAsync(word, 2);
        Assert.All(lines, l => Assert.InRange(l.At, TimeProvider.System.GetUtcNow().AddMinutes(-5), TimeProvider.System.GetUtcNow().AddMinutes(1))); // the clock that says 2001 is wrong
        await Eventually.TrueAsync(async () => await node.AskAsync<long>("select count(*) from alerts where labels->>'alertname' = 'log_lines_lost' and labels->>'reason' = 'cut'") == 1, "the cut line is told");
    }

    [Fact]
    public async Task A_flood_is_counted_to_the_last_line_and_only_some_of_it_is_kept()
    {
        var word = $"word{Guid.NewGuid():N}";
        await node.RuleAsync(new() { Name = word, Match = word, Threshold = new() { Count = 15_000, Within = TimeSpan.FromHours(1) } });
        using (var client = new TcpClient("127.0.0.1", node.Address(SyslogTransport.Tcp).Port))
        {
            await using var stream = client.GetStream();
            var lines = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 20_000).Select(i => $"<11>1 - torrent app - - - {word} {i}\n")));
            await stream.WriteAsync(lines);
        }
        await Eventually.TrueAsync(async () => await node.AskAsync<long>($"select coalesce(sum(lines), 0)::bigint from log_rule_hours h join log_rules r on r.id = h.rule_id where r.name = '{word}'") == 20_000, "all lines are counted");
        Assert.Equal(20_000, await node.AskAsync<long>("select sum(lines)::bigint from log_hours where host = 'torrent'"));
        Assert.InRange((await node.LinesAsync(word)).Count, 1, 100);
        Assert.Single(await node.AlertsAsync(word));
    }

    [Fact]
    public async Task Datagrams_of_any_length_are_heard_to_their_last_byte_and_none_is_lost()
    {
        var word = $"word{Guid.NewGuid():N}";
        await node.RuleAsync(new() { Name = word, Match = word + "$", Threshold = new() { Count = 500, Within = TimeSpan.FromHours(1) } });
        using var socket = new UdpClient("127.0.0.1", node.Address(SyslogTransport.Udp).Port);
        for (var i = 0; i < 500; i++)
        {
            var length = (i % 100) switch { 0 => 60_000, 1 => 65_000, _ => i };
            await socket.SendAsync(Encoding.ASCII.GetBytes($"<11>1 - lengths app - - - {new string('x', length)} {word}"));
        }
        await Eventually.TrueAsync(async () => (await node.AlertsAsync(word)).Count == 1, "all 500 were counted");
        Assert.Equal(500, await node.AskAsync<long>("select sum(lines)::bigint from log_hours where host = 'lengths'"));
    }

    private static async Task RunAsync(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = "/" })!;
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}
