using System.Net.Sockets;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Logs;
using Picasoft.Ops.Core.Logs.Patterns;
using Picasoft.Ops.Core.Logs.Syslog;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Logs;

/// <summary>What is kept of lines: around the one that was wanted, without secrets, found by service and by machine.</summary>
public sealed class EvidenceTests(LogNode node) : IClassFixture<LogNode>
{
    [Fact]
    public async Task Neither_the_line_nor_those_around_it_keep_a_secret()
    {
        var word = $"word{Guid.NewGuid():N}";
        await node.RuleAsync(new() { Name = word, Match = word });
        await SendAsync($"app-{word}", "login with password=before1 failed", $"{word} token=within1", "retry with password=after1", "Authorization: Bearer abcdefgh12345678", "https://ops:after2@example.org/");
        var line = Assert.Single(await node.WaitAsync(word, 1));
        Assert.Equal(["login with password=••• failed"], line.Before);
        Assert.Equal($"{word} token=•••", line.Text);
        Assert.Equal(["retry with password=•••", "Authorization: Bearer •••", "https://ops:•••@example.org/"], line.After);
    }

    [Fact]
    public async Task Mail_addresses_are_kept_or_not_as_was_chosen_and_so_is_how_much_stands_around_a_line()
    {
        var (kept, masked) = ($"word{Guid.NewGuid():N}", $"word{Guid.NewGuid():N}");
        await node.RuleAsync(new() { Name = kept, Match = kept });
        await node.RuleAsync(new() { Name = masked, Match = masked });
        await SendAsync($"app-{kept}", "one", "for sacha@example.org", $"{kept} to=<camille@example.org>", "from noe@example.org", "two");
        var line = Assert.Single(await node.WaitAsync(kept, 1));
        Assert.Equal(["one", "for sacha@example.org"], line.Before);
        Assert.Equal($"{kept} to=<camille@example.org>", line.Text);
        Assert.Equal(["from noe@example.org", "two"], line.After);

        var settings = node.App.Services.GetRequiredService<LogSettingsActions>();
        Assert.True((await settings.UpdateAsync(new() { MaskAddresses = true, Context = 1 }, Actor.System, default)).IsDone);
        try
        {
            await node.Intake.LoadAsync(default);
            await SendAsync($"app-{masked}", "one", "for sacha@example.org", $"{masked} to=<camille@example.org>", "from noe@example.org", "two");
            line = Assert.Single(await node.WaitAsync(masked, 1));
            Assert.Equal(["for •••@example.org"], line.Before);
            Assert.Equal($"{masked} to=<•••@example.org>", line.Text);
            Assert.Equal(["from •••@example.org"], line.After);
        }
        finally
        {
            await settings.UpdateAsync(new(), Actor.System, default);
            await node.Intake.LoadAsync(default);
        }
    }

    [Fact]
    public async Task An_incident_has_the_lines_of_its_services_and_of_their_machines()
    {
        var word = $"word{Guid.NewGuid():N}";
        var (machine, service) = ($"m{word}", $"s{word}");
        await using (var db = await node.App.Services.GetRequiredService<IDbContextFactory<OpsDbContext>>().CreateDbContextAsync())
        {
            db.AddRange(new Host { Name = machine, Address = "192.0.2.77" }, new Service { Name = service, Host = machine });
            await db.SaveChangesAsync();
        }
        await node.RuleAsync(new() { Name = word, Match = word });
        await node.RuleAsync(new() { Name = word + "-of-service", Match = word + "-of-service", Service = service });
        await SendAsync("kernel", lines: $"{word} disk", host: $"{machine.ToUpperInvariant()}.example.org");
        await SendAsync("kernel", lines: $"{word} by address", host: "192.0.2.77");
        await SendAsync("kernel", lines: $"{word} of somebody else", host: "192.0.2.7");
        await SendAsync("app", lines: $"{word}-of-service", host: "elsewhere");
        await node.WaitAsync(word, 4);
        await node.WaitAsync(word + "-of-service", 1);
        var queries = node.App.Services.GetRequiredService<LogQueries>();
        var lines = await queries.AroundAsync([service], [], TimeProvider.System.GetUtcNow(), 100, default);
        Assert.Equal([$"{word} by address", $"{word} disk", $"{word}-of-service"], lines.Select(l => l.Text).Order(StringComparer.Ordinal));
        Assert.Equal([$"{word} disk"], (await queries.AroundAsync([], [machine + ".example.org", machine], TimeProvider.System.GetUtcNow(), 100, default)).Where(l => l.Text.EndsWith("disk", StringComparison.Ordinal)).Select(l => l.Text));
        Assert.Equal([$"{word}-of-service"], (await queries.AroundAsync([service], [], TimeProvider.System.GetUtcNow(), 1, default)).Select(l => l.Text)); // the service's first
    }

    [Fact]
    public void A_kind_of_line_begins_as_a_rule_that_finds_it()
    {
        var kind = new LearntPattern { Host = "alice", App = "postfix/smtp", Text = "connect to <*>: Connection refused", Key = Pattern.Parse(0, "connect").ToKey() };
        var rule = PatternRules.Of(kind);
        Assert.Equal(("postfix-smtp-connect-to", "connect to <*>: Connection refused", "connect", "postfix/smtp"), (rule.Name, rule.Title, rule.Match, Assert.Single(rule.Source.App)));
        Assert.Empty(rule.Check());
    }

    private Task SendAsync(string app, params string[] lines) => SendAsync(app, lines, "alice");

    private Task SendAsync(string app, string lines, string host) => SendAsync(app, [lines], host);

    private async Task SendAsync(string app, string[] lines, string host)
    {
        using var client = new TcpClient("127.0.0.1", node.Address(SyslogTransport.Tcp).Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => $"<11>1 - {host} {app} - - - {l}\n"))));
    }
}
