using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Picasoft.Ops.Core.Logs;
using Picasoft.Ops.Core.Logs.Files;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Logs;

/// <summary>A real systemd-journald, and what programs say to it in each of its ways: a pipe (systemd-cat), its own protocol with the fields of Docker's driver, syslog.</summary>
public sealed class JournalRunnerTests(LogNode node) : IClassFixture<LogNode>
{
    [Fact]
    public async Task What_journald_has_is_heard_once_also_after_its_reader_died()
    {
        Assert.SkipUnless(LogMachine.CanRun && File.Exists("/lib/systemd/systemd-journald"), "Root and systemd are needed.");
        await using var machine = await LogMachine.WithJournalAsync();
        var (word, early) = ($"word{Guid.NewGuid():N}", $"early{Guid.NewGuid():N}");
        await node.RuleAsync(new() { Name = word, Match = word });
        await node.RuleAsync(new() { Name = early, Match = early });
        await machine.RunAsync(["logger", "-t", "old", $"{word} is history"]);
        var reader = Path.Combine(machine.Folder, "journalctl");
        await File.WriteAllTextAsync(reader, $"#!/bin/sh\necho $$ > {machine.Folder}/reader.pid\nexec {string.Join(' ', await machine.EnterAsync())} journalctl \"$@\"\n");
        File.SetUnixFileMode(reader, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        node.App.Services.GetRequiredService<JournalRunner>().Program = reader;
        await using (var db = await node.App.Services.GetRequiredService<IDbContextFactory<OpsDbContext>>().CreateDbContextAsync())
            await node.App.Services.GetRequiredService<LogSettingsActions>().SaveAsync(db, new() { Journal = true }, Actor.System, default);
        await Eventually.TrueAsync(async () =>
        {
            await machine.RunAsync(["logger", "-t", "early", early]);
            return (await node.LinesAsync(early)).Count > 0;
        }, "the journal is followed");

        await machine.RunAsync(["bash", "-c", $"echo '{word} by pipe' | systemd-cat -t borg -p err; logger -t sshd -p auth.warning '{word} by syslog'; printf 'MESSAGE={word} broken \\xff\\nPRIORITY=3\\nSYSLOG_IDENTIFIER=odd\\n' | logger --journald"]);
        // As Docker's journald driver writes: github.com/moby/moby, daemon/logger/journald.
        await machine.RunAsync(["bash", "-c", $"printf 'MESSAGE={word} of a container\\nPRIORITY=3\\nCONTAINER_ID=0123456789ab\\nCONTAINER_ID_FULL=0123456789abcdef\\nCONTAINER_NAME=etherpad\\nCONTAINER_TAG=etherpad\\nIMAGE_NAME=etherpad/etherpad\\nSYSLOG_IDENTIFIER=etherpad\\n' | logger --journald"]);
        await node.WaitAsync(word, 4);
        // Its reader dies: what is said meanwhile is read afterwards, and nothing twice.
        System.Diagnostics.Process.GetProcessById(int.Parse(await File.ReadAllTextAsync(Path.Combine(machine.Folder, "reader.pid")), CultureInfo.InvariantCulture)).Kill();
        await machine.RunAsync(["logger", "-t", "later", $"{word} while nobody read"]);
        var lines = await node.WaitAsync(word, 5);
        await machine.RunAsync(["logger", "-t", "end", $"{early} end"]);
        await Eventually.TrueAsync(async () => (await node.LinesAsync(early)).Any(l => l.App == "end"), "it goes on");
        lines = await node.LinesAsync(word);
        Assert.Equal([("borg", LogSeverity.Error, $"{word} by pipe"), ("etherpad", LogSeverity.Error, $"{word} of a container"), ("later", LogSeverity.Notice, $"{word} while nobody read"), ("odd", LogSeverity.Error, $"{word} broken \ufffd"), ("sshd", LogSeverity.Warning, $"{word} by syslog")],
            lines.OrderBy(l => l.App, StringComparer.Ordinal).Select(l => (l.App, l.Severity, l.Text)));
        Assert.All(lines, l => Assert.Equal((LogOrigin.Journal, "machine"), (l.Origin, l.Host)));
    }
}
