using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Picasoft.Ops.Core.Logs;
using Picasoft.Ops.Core.Logs.Files;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Logs;

/// <summary>Files as they are rotated: no line lost, none counted twice, also when the product dies at the worst moment.</summary>
public sealed class FollowedFileTests(LogNode node) : IClassFixture<LogNode>
{
    private static readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task Rotation_truncation_and_replacement_lose_and_repeat_nothing()
    {
        using var folder = new TempFolder();
        var (path, word) = (folder["mail.log"], await RuleAsync());
        var expected = 0;
        using (var file = new FollowedFile(path, "postfix", "alice", node.Intake, null, fromEnd: false))
        {
            file.Step(_now, default); // it is not there yet
            Write(10);
            file.Step(_now, default);
            File.AppendAllText(path, $"{word} half");
            file.Step(_now, default);
            File.AppendAllText(path, " a line\n"); // now it is whole
            expected++;
            file.Step(_now, default);
            File.Move(path, path + ".1"); // logrotate
            File.AppendAllText(path + ".1", $"{word} the writer goes on for a moment\n");
            expected++;
            Write(7);
            file.Step(_now, default);
            File.WriteAllText(path, ""); // copytruncate
            file.Step(_now, default);
            Write(3);
            file.Step(_now, default);
            File.WriteAllText(path, string.Concat(Enumerable.Range(0, 50).Select(i => $"{word} emptied and soon longer than before {i}\n"))); // between two looks
            expected += 50;
            file.Step(_now, default);
            File.Delete(path);
            file.Step(_now, default);
            Write(4);
            file.Step(_now, default);
        }
        await node.Intake.FlushAsync(default);
        Assert.Equal(expected, await CountAsync(word));

        void Write(int lines)
        {
            File.AppendAllText(path, string.Concat(Enumerable.Range(0, lines).Select(i => $"{word} {i}\n")));
            expected += lines;
        }
    }

    [Fact]
    public async Task After_a_restart_it_goes_on_where_it_was_also_when_the_file_was_rotated_meanwhile()
    {
        using var folder = new TempFolder();
        var (path, word) = (folder["mail.log"], await RuleAsync());
        File.WriteAllText(path, $"{word} 1\n{word} 2\n");
        using (var file = new FollowedFile(path, null, "alice", node.Intake, null, fromEnd: false)) file.Step(_now, default);
        await node.Intake.FlushAsync(default);
        File.AppendAllText(path, $"{word} 3\n");
        File.Move(path, path + ".1");
        File.WriteAllText(path, $"{word} 4\n");
        var mark = FileMark.Parse(await node.Intake.PositionAsync(path, default));
        Assert.NotNull(mark);
        using (var file = new FollowedFile(path, null, "alice", node.Intake, mark, fromEnd: true)) file.Step(_now, default);
        await node.Intake.FlushAsync(default);
        Assert.Equal(4, await CountAsync(word));
        Assert.Equal(["mail"], (await node.WaitAsync(word, 4)).Select(l => l.App).Distinct());
    }

    [Fact]
    public async Task What_stood_there_before_anybody_asked_is_history()
    {
        using var folder = new TempFolder();
        var (path, word) = (folder["old.log"], await RuleAsync());
        File.WriteAllText(path, string.Concat(Enumerable.Range(0, 10_000).Select(i => $"{word} old {i}\n")));
        using var file = new FollowedFile(path, null, "alice", node.Intake, null, fromEnd: true);
        file.Step(_now, default);
        File.AppendAllText(path, $"Nov 25 17:00:00 bob sshd[1]: {word} new\n");
        file.Step(_now, default);
        await node.Intake.FlushAsync(default);
        Assert.Equal(1, await CountAsync(word));
        Assert.Equal(("bob", "sshd", LogOrigin.File), (await node.WaitAsync(word, 1)).Select(l => (l.Host, l.App, l.Origin)).Single());
    }

    [Fact]
    public void An_entry_of_the_journal_is_read_as_journalctl_writes_it()
    {
        // Written by hand after journalctl(1), not recorded; a message with a byte that is no UTF-8 comes as a list of bytes.
        var line = JournalLine.Parse("""{"_HOSTNAME":"alice","PRIORITY":"3","SYSLOG_IDENTIFIER":"borg","_PID":"812","MESSAGE":"repository \"x\" is locked","__REALTIME_TIMESTAMP":"1795625940000000","__CURSOR":"s=1;i=2","_SYSTEMD_UNIT":"borg.service"}"""u8)!;
        Assert.Equal(("s=1;i=2", "alice", "borg", "812", "repository \"x\" is locked", LogSeverity.Error), (line.Cursor, Text(line.Host), Text(line.App), Text(line.Process), Text(line.Message), line.Severity));
        Assert.True(LogTime.TryParse(line.Stamp, _now, TimeZoneInfo.Utc, out var at));
        Assert.Equal(new DateTimeOffset(2026, 11, 25, 16, 59, 0, TimeSpan.Zero), at);
        Assert.Equal("caf\uFFFD", Text(JournalLine.Parse("""{"MESSAGE":[99,97,102,233],"__CURSOR":"s=1;i=3","_COMM":"x","_SOURCE_REALTIME_TIMESTAMP":null}"""u8)!.Message));
        Assert.Null(JournalLine.Parse("""{"MESSAGE":"x"}"""u8));
        Assert.Null(JournalLine.Parse("not json"u8));

        static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
    }

    [Fact]
    public async Task The_journal_goes_on_after_its_cursor()
    {
        using var folder = new TempFolder();
        var word = await RuleAsync();
        // A journalctl of three entries, which answers as the real one does to --after-cursor.
        await File.WriteAllTextAsync(folder["journalctl"], $$$"""
            #!/bin/sh
            for a in "$@"; do case "$a" in --after-cursor=c*) from=${a#--after-cursor=c};; esac; done
            i=${from:-0}; end=$((i + 3)); while [ $i -lt $end ]; do i=$((i + 1)); echo "{\"MESSAGE\":\"{{{word}}} $i\",\"PRIORITY\":\"4\",\"_HOSTNAME\":\"alice\",\"SYSLOG_IDENTIFIER\":\"cron\",\"__CURSOR\":\"c$i\"}"; done
            """);
        File.SetUnixFileMode(folder["journalctl"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await using (var db = await node.App.Services.GetRequiredService<IDbContextFactory<OpsDbContext>>().CreateDbContextAsync())
            await node.App.Services.GetRequiredService<LogSettingsActions>().SaveAsync(db, new() { Journal = true }, Actor.System, default);
        await node.Intake.LoadAsync(default);
        var journal = new JournalRunner(node.Intake, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<JournalRunner>.Instance) { Program = folder["journalctl"] };
        await journal.FollowAsync(default);
        await node.Intake.FlushAsync(default);
        await journal.FollowAsync(default);
        await node.Intake.FlushAsync(default);
        Assert.Equal(Enumerable.Range(1, 6).Select(i => $"{word} {i}").Order(StringComparer.Ordinal), (await node.WaitAsync(word, 6)).Select(l => l.Text).Order(StringComparer.Ordinal));
    }

    private async Task<string> RuleAsync()
    {
        var word = $"word{Guid.NewGuid():N}";
        await node.RuleAsync(new() { Name = word, Match = word });
        return word;
    }

    private Task<long> CountAsync(string rule) => node.AskAsync<long>($"select coalesce(sum(lines), 0)::bigint from log_rule_hours h join log_rules r on r.id = h.rule_id where r.name = '{rule}'");
}
