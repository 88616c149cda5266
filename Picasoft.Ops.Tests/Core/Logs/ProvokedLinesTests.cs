using Microsoft.Extensions.DependencyInjection;
using Picasoft.Ops.Core.Configuration;
using Picasoft.Ops.Core.Logs.Syslog;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Logs;

/// <summary>
/// Real programs, run well and made to fail: what they say goes through a real rsyslogd into the product with all packs on. Failing, exactly what went wrong is found, and is an alert;
/// running well, nothing is.
/// </summary>
public abstract class ProvokedLines(LogNode node)
{
    /// <summary>What their lines are looked for, though they are no failure.</summary>
    private static readonly string[] _good = ["ssh-new-address", "backups-borg-silent"];

    /// <summary>Its lines are fewer than make an alert: a start that fails says two.</summary>
    private static readonly string[] _few = ["etherpad-error"];

    /// <summary>On a machine that is too slow for it dockerd may report an error that is nobody's. One such line is no alert.</summary>
    private static readonly string[] _strained = ["docker-error"];

    protected async Task ProvokeAsync(string programs, string how, string found)
    {
        Assert.SkipUnless(LogMachine.CanRun, "Root is needed to run programs apart.");
        Assert.SkipUnless(programs != "systemd" || await LogMachine.CanBootAsync(), "systemd needs control groups of its own.");
        foreach (var pack in LogPacks.All) Assert.True((await node.App.Services.GetRequiredService<LogPackActions>().UseAsync(pack.Name, null, "en", Actor.System, default)).IsDone);
        // Each test has a machine of its own name: what another's programs say late is another's.
        var (host, end) = ($"m{Guid.NewGuid():N}", $"end{Guid.NewGuid():N}");
        await node.RuleAsync(new() { Name = end, Match = end });
        var port = node.Address(SyslogTransport.Tcp).Port;
        await using var machine = await (programs == "systemd" ? LogMachine.WithSystemdAsync(host, port) : LogMachine.WithRsyslogAsync(host, port));
        var environment = Enumerable.Range(1, 4).ToDictionary(i => $"PORT{i}", _ => $"{RealProgram.FreePort()}", StringComparer.Ordinal);
        environment["UDP"] = $"{node.Address(SyslogTransport.Udp).Port}";
        var script = Path.Combine(Repository.Root, "Picasoft.Ops.Tests/Core/Logs/Provoked", programs + ".sh");
        var (code, said) = await machine.RunAsync(["bash", script, how], environment);
        Assert.SkipWhen(code == 77, said);
        var (ended, why) = await machine.RunAsync(["logger", "-t", "end", end]);
        Assert.True(ended == 0, why);
        await node.WaitAsync(end, 1);

        string[] expected = found.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string[] heard = [];
        // Datagrams take another way than the last line does.
        await Eventually.TrueAsync(async () => (heard = await AskAsync("rule")).Length >= expected.Length, $"the rules {found} hear their lines; the programs said: {said}");
        heard = [.. heard.Where(r => expected.Contains(r) || !_strained.Contains(r))];
        Assert.True(expected.SequenceEqual(heard, StringComparer.Ordinal), $"Expected {found}, heard {string.Join(' ', heard)}:\n{string.Join('\n', (await AskAsync("rule || ' ' || app || ': ' || text")).Where(l => !expected.Contains(l.Split(' ')[0])))}\n\n{said}");
        foreach (var rule in expected.Except([.. _good, .. _few])) await Eventually.TrueAsync(async () => (await node.AlertsAsync(rule)).Count > 0, $"{rule} is an alert");
        foreach (var rule in _strained.Except(expected)) Assert.True((await node.AlertsAsync(rule)).All(a => a.Labels["host"] != host), $"{rule} is an alert:\n{string.Join('\n', await AskAsync("rule || ' ' || app || ': ' || text"))}");

        Task<string[]> AskAsync(string what) => node.AskAsync<string[]>($"select coalesce(array_agg(distinct {what} order by {what}), array[]::text[]) from log_lines where host = '{host}' and rule <> '{end}'");
    }
}

/// <summary>Mail takes as long as all others together.</summary>
public sealed class ProvokedMailTests(LogNode node) : ProvokedLines(node), IClassFixture<LogNode>
{
    [Theory]
    [InlineData("mail", "calm", "")]
    [InlineData("mail", "failing", "dovecot-error dovecot-failure dovecot-guessing mail-filters-dkim-key postfix-bounced postfix-deferred postfix-disk-full postfix-fatal postfix-sasl-guessing")]
    public Task What_programs_say_when_they_fail_is_found_and_what_they_say_when_they_do_not_is_not(string programs, string how, string found) => ProvokeAsync(programs, how, found);
}

/// <summary>All but mail.</summary>
public sealed class ProvokedLinesTests(LogNode node) : ProvokedLines(node), IClassFixture<LogNode>
{
    [Theory]
    [InlineData("ssh", "calm", "ssh-new-address")]
    [InlineData("ssh", "failing", "ssh-guessing ssh-new-address ssh-root-login ssh-su-failed ssh-sudo-refused")]
    [InlineData("web", "calm", "")]
    [InlineData("web", "failing", "web-nginx-emerg web-nginx-upstream")]
    [InlineData("postgresql", "calm", "")]
    [InlineData("postgresql", "failing", "backups-pg-dump-error postgresql-auth postgresql-connections postgresql-deadlock postgresql-panic")]
    [InlineData("slapd", "calm", "")]
    [InlineData("slapd", "failing", "slapd-database slapd-guessing")]
    [InlineData("systemd", "calm", "")]
    [InlineData("systemd", "failing", "systemd-restart-loop systemd-start-failed systemd-unit-failed")]
    [InlineData("kernel", "calm", "")]
    [InlineData("kernel", "failing", "kernel-disk kernel-filesystem")]
    [InlineData("docker", "calm", "")]
    [InlineData("docker", "failing", "docker-error docker-oom docker-restart-loop docker-storage docker-unhealthy")]
    [InlineData("haproxy", "calm", "")]
    [InlineData("haproxy", "failing", "haproxy-config haproxy-errors haproxy-no-server haproxy-server-down")]
    [InlineData("rspamd", "calm", "")]
    [InlineData("rspamd", "failing", "mail-filters-rspamd-error")]
    [InlineData("etherpad", "calm", "")]
    [InlineData("etherpad", "failing", "etherpad-crash etherpad-error")]
    [InlineData("backups", "calm", "backups-borg-silent")]
    [InlineData("backups", "failing", "backups-borg-error backups-borg-silent backups-restic-error")]
    public Task What_programs_say_when_they_fail_is_found_and_what_they_say_when_they_do_not_is_not(string programs, string how, string found) => ProvokeAsync(programs, how, found);
}
