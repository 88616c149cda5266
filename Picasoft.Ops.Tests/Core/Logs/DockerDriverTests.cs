using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Picasoft.Ops.Core.Logs;
using Picasoft.Ops.Core.Logs.Files;
using Picasoft.Ops.Core.Logs.Syslog;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Logs;

/// <summary>Real containers of a real Docker Engine, whose own logging drivers send to the product.</summary>
public sealed class DockerDriverTests(LogNode node, DockerEngine docker) : IClassFixture<LogNode>
{
    [Theory]
    [InlineData(SyslogTransport.Tcp, "rfc5424")]
    [InlineData(SyslogTransport.Tcp, "rfc5424micro")]
    [InlineData(SyslogTransport.Tcp, "rfc3164")]
    [InlineData(SyslogTransport.Udp, "")]
    [InlineData(SyslogTransport.Tls, "rfc5424")]
    public async Task The_syslog_driver_is_heard_in_each_of_its_forms(SyslogTransport transport, string format)
    {
        await docker.RequireAsync();
        var (word, name) = ($"word{Guid.NewGuid():N}", DockerEngine.NameOf("pad"));
        await node.RuleAsync(new() { Name = word, Match = $@"^{word} (?<n>\d)$", Source = new() { App = [name] } });
        string[] options =
        [
            "--log-driver", "syslog", "--log-opt", $"syslog-address={(transport == SyslogTransport.Tls ? $"tcp+tls://localhost:{node.TlsPort}" : $"{Words.Of(transport)}://127.0.0.1:{node.Address(transport).Port}")}", "--log-opt", "tag={{.Name}}",
            .. format.Length > 0 ? new[] { "--log-opt", $"syslog-format={format}" } : [],
            .. transport == SyslogTransport.Tls ? new[] { "--log-opt", $"syslog-tls-ca-cert={node.Folder["ca.pem"]}", "--log-opt", $"syslog-tls-cert={node.Folder["sender.pem"]}", "--log-opt", $"syslog-tls-key={node.Folder["sender.pem"]}" } : [],
        ];
        await docker.StartAsync(name, $"echo {word} 1; echo {word} 2 >&2", options);
        var lines = await node.WaitAsync(word, 2);
        Assert.Equal([($"{word} 1", LogSeverity.Info), ($"{word} 2", LogSeverity.Error)], lines.OrderBy(l => l.Text, StringComparer.Ordinal).Select(l => (l.Text, l.Severity)));
        Assert.All(lines, l => Assert.Equal(name, l.App));
    }

    [Fact]
    public async Task The_journald_driver_is_heard_by_the_name_of_the_container()
    {
        await docker.RequireAsync();
        Assert.SkipUnless(LogMachine.CanRun && File.Exists("/lib/systemd/systemd-journald"), "Root and systemd are needed.");
        await using var machine = await LogMachine.WithJournalAsync();
        var (word, name) = ($"word{Guid.NewGuid():N}", DockerEngine.NameOf("pad"));
        await node.RuleAsync(new() { Name = word, Match = word });
        var reader = Path.Combine(machine.Folder, "journalctl");
        await File.WriteAllTextAsync(reader, $"#!/bin/sh\nexec {string.Join(' ', await machine.EnterAsync())} journalctl \"$@\"\n");
        File.SetUnixFileMode(reader, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        node.App.Services.GetRequiredService<JournalRunner>().Program = reader;
        await using (var db = await node.App.Services.GetRequiredService<IDbContextFactory<OpsDbContext>>().CreateDbContextAsync())
            await node.App.Services.GetRequiredService<LogSettingsActions>().SaveAsync(db, new() { Journal = true }, Actor.System, default);
        await Eventually.TrueAsync(async () =>
        {
            await machine.RunAsync(["logger", "-t", "early", $"{word} early"]);
            return (await node.LinesAsync(word)).Count > 0;
        }, "the journal is followed");
        // An engine in that machine, since the driver writes to the journal of its own.
        var (_, said) = await machine.RunAsync(["bash", Path.Combine(Repository.Root, "Picasoft.Ops.Tests/Core/Logs/Provoked/journald-driver.sh"), name, word]);
        IReadOnlyList<LogEvidence> lines = [];
        await Eventually.TrueAsync(async () => (lines = [.. (await node.LinesAsync(word)).Where(l => l.App == name)]).Count >= 2, string.Create(CultureInfo.InvariantCulture, $"both lines of the container are heard; docker said: {said}"));
        Assert.Equal([($"{word} 1", LogSeverity.Info), ($"{word} 2", LogSeverity.Error)], lines.OrderBy(l => l.Text, StringComparer.Ordinal).Select(l => (l.Text, l.Severity)));
        Assert.All(lines, l => Assert.Equal(LogOrigin.Journal, l.Origin));
    }
}
