using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Picasoft.Ops.Core.Logs;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Stories;

/// <summary>From lines, and from lines that do not come, to alerts with their words and their ends.</summary>
public sealed class LogRulesStory(LogNode node) : IClassFixture<LogNode>
{
    /// <summary>The hour that is compared: one and the same, though another begins during a test.</summary>
    private static readonly DateTimeOffset _hour = TimeProvider.System.GetUtcNow() is var now ? new(now.Year, now.Month, now.Day, now.Hour, 0, 0, TimeSpan.Zero) : default;

    [Fact]
    public async Task A_backup_that_did_not_come_is_told_right_after_a_restart_and_the_next_one_ends_it()
    {
        await node.RuleAsync(new() { Name = "borg-silent", Title = "No backup", Match = "terminating with success", Source = new() { App = ["borg"] }, AbsentFor = TimeSpan.FromHours(26), Severity = Severity.Critical, Runbook = "# Look at borg" });
        Accept("borg", "terminating with success status, rc 0");
        await node.Intake.FlushAsync(default);
        await NewRunner().RunOnceAsync(default);
        Assert.Empty(await node.AlertsAsync("borg-silent"));

        // 27 hours later; whoever looks now was just started, and knows only what is stored.
        await node.AskAsync<object>("update log_rule_states set due_at = due_at - interval '27 hours', state = jsonb_set(state, '{LastAt}', to_jsonb(now() - interval '27 hours')) where rule_id = (select id from log_rules where name = 'borg-silent') returning 1");
        await node.AskAsync<object>("update log_rules set created_at = now() - interval '3 days' where name = 'borg-silent' returning 1");
        await NewRunner().RunOnceAsync(default);
        await NewRunner().RunOnceAsync(default);
        var alert = Assert.Single(await node.AlertsAsync("borg-silent"));
        Assert.Null(alert.EndsAt);
        Assert.StartsWith("No backup: no such line for", alert.Summary!.In(new("en")));
        Assert.StartsWith("No backup\u202f: aucune ligne de ce genre depuis", alert.Summary!.In(new("fr")));
        Assert.Equal("# Look at borg", alert.Annotations["runbook"]);

        Accept("borg", "terminating with success status, rc 0");
        await node.Intake.FlushAsync(default);
        Assert.NotNull((await node.AlertsAsync("borg-silent"))[0].ResolvedAt);
    }

    [Fact]
    public async Task What_never_came_since_the_rule_was_made_is_told_after_its_time()
    {
        await node.RuleAsync(new() { Name = "restic-silent", Match = "snapshot saved", Source = new() { App = ["restic"] }, AbsentFor = TimeSpan.FromHours(26) });
        await NewRunner().RunOnceAsync(default);
        Assert.Empty(await node.AlertsAsync("restic-silent"));
        await node.AskAsync<object>("update log_rules set created_at = now() - interval '27 hours' where name = 'restic-silent' returning 1");
        await node.AskAsync<object>("update log_rule_states set due_at = due_at - interval '27 hours' where rule_id = (select id from log_rules where name = 'restic-silent') returning 1");
        await NewRunner().RunOnceAsync(default);
        Assert.Null(Assert.Single(await node.AlertsAsync("restic-silent")).EndsAt);
    }

    [Fact]
    public async Task A_beginning_without_its_end_is_told_for_that_one_alone_also_after_a_restart_and_the_end_ends_it()
    {
        await node.RuleAsync(new() { Name = "job-unfinished", Title = "Unfinished", Match = @"job (?<job>\w+) begins", Source = new() { App = ["jobs"] }, FollowedBy = new() { Match = @"job (?<job>\w+) ends", Within = TimeSpan.FromHours(2), By = ["job"] } });
        foreach (var line in new[] { "job copy begins", "job sweep begins", "job copy ends" }) Accept("jobs", line);
        await node.Intake.FlushAsync(default);
        await NewRunner().RunOnceAsync(default);
        Assert.Empty(await node.AlertsAsync("job-unfinished"));

        // Three hours later; whoever looks now was just started.
        await node.AskAsync<object>("update log_rule_states set due_at = due_at - interval '3 hours', state = jsonb_set(state, '{WaitingSince}', to_jsonb(now() - interval '3 hours')) where due_at is not null and rule_id = (select id from log_rules where name = 'job-unfinished') returning 1");
        await NewRunner().RunOnceAsync(default);
        await NewRunner().RunOnceAsync(default);
        var alert = Assert.Single(await node.AlertsAsync("job-unfinished"));
        Assert.Equal("sweep", alert.Labels["log_job"]);
        Assert.StartsWith("Unfinished (sweep): what should follow within 2 h did not come", alert.Summary!.In(new("en")).Replace('\u00a0', ' '));
        Accept("jobs", "job copy begins");
        Accept("jobs", "job copy ends");
        await node.Intake.FlushAsync(default);
        Assert.Null(Assert.Single(await node.AlertsAsync("job-unfinished")).ResolvedAt); // another's end is not its end
        Accept("jobs", "job sweep ends");
        await node.Intake.FlushAsync(default);
        Assert.NotNull(Assert.Single(await node.AlertsAsync("job-unfinished")).ResolvedAt);
    }

    [Fact]
    public async Task A_value_never_seen_is_told_once_when_the_rule_has_learnt()
    {
        await node.RuleAsync(new() { Name = "new-country", Match = @"Accepted for (?<user>\w+) from (?<country>\w+)", Source = new() { App = ["gate"] }, FirstSeen = new() { Fields = ["user", "country"], Learn = TimeSpan.FromDays(7) } });
        Accept("gate", "Accepted for camille from FR");
        await node.Intake.FlushAsync(default);
        Assert.Empty(await node.AlertsAsync("new-country")); // it learns
        await node.AskAsync<object>("update log_rules set created_at = now() - interval '8 days' where name = 'new-country' returning 1");
        foreach (var line in new[] { "Accepted for camille from FR", "Accepted for camille from BR", "Accepted for camille from BR" }) Accept("gate", line);
        await node.Intake.FlushAsync(default);
        var alert = Assert.Single(await node.AlertsAsync("new-country"));
        Assert.Equal(("camille", "BR"), (alert.Labels["log_user"], alert.Labels["log_country"]));
        Assert.Equal("new-country (camille, BR): never seen before", alert.Summary!.In(new("en")));

        // What is known is stored: a node that was just started does not find it new.
        await node.AskAsync<object>("update alerts set resolved_at = now(), ends_at = now() where labels->>'rule' = 'new-country' returning 1");
        await node.Intake.LoadAsync(default);
        Accept("gate", "Accepted for camille from BR");
        await node.Intake.FlushAsync(default);
        Assert.NotNull(Assert.Single(await node.AlertsAsync("new-country")).ResolvedAt);
        Accept("gate", "Accepted for sacha from BR"); // the two together are what is new
        await node.Intake.FlushAsync(default);
        Assert.Equal(2, (await node.AlertsAsync("new-country")).Count);
    }

    [Fact]
    public async Task Each_value_has_its_alert_and_secrets_are_not_in_it()
    {
        await node.RuleAsync(new() { Name = "ssh", Match = @"Failed password for (?<user>\S+)", Threshold = new() { Count = 3, Within = TimeSpan.FromMinutes(5), By = ["user"] } });
        for (var i = 0; i < 3; i++) Accept("sshd", "Failed password for root from 203.0.113.9 token=abcdef123456");
        for (var i = 0; i < 2; i++) Accept("sshd", "Failed password for camille from 203.0.113.9");
        await node.Intake.FlushAsync(default);
        var alert = Assert.Single(await node.AlertsAsync("ssh"));
        Assert.Equal("root", alert.Labels["log_user"]);
        Assert.EndsWith("token=•••", alert.Annotations["line"]);
        Assert.All(await node.LinesAsync("ssh"), l => Assert.DoesNotContain("abcdef", l.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_unusual_for_the_hour_is_told()
    {
        await node.RuleAsync(new() { Name = "odd", Match = "odd", Source = new() { App = ["oddity"] }, Unusual = new() { Times = 3, AtLeast = 20 } });
        await node.AskAsync<object>("update log_rules set created_at = now() - interval '60 days' where name = 'odd' returning 1");
        var hour = _hour.AddHours(-5); // of the weeks before nobody else says anything then
        for (var i = 0; i < 40; i++) Accept("oddity", "odd", hour);
        await node.Intake.FlushAsync(default);
        await NewRunner(hour).RunOnceAsync(default);
        Assert.Empty(await node.AlertsAsync("odd")); // nothing to compare with
        await node.AskAsync<object>($"insert into log_hours (hour, host, app, lines, errors, warnings) values {WeeksBefore(hour, "'alice', 'oddity', 100, 0, 0")} returning 1");
        await node.AskAsync<object>($"insert into log_rule_hours (hour, lines, rule_id) values {WeeksBefore(hour, "10, (select id from log_rules where name = 'odd')")} returning 1");
        await NewRunner(hour).RunOnceAsync(default);
        Assert.Contains("where 10 are usual", Assert.Single(await node.AlertsAsync("odd")).Summary!.In(new("en")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("share", 4000, false)] // a hundredth: as ever
    [InlineData("share-odd", 400, true)]
    public async Task A_share_of_the_lines_is_compared_with_the_share_of_past_weeks(string name, int all, bool isUnusual)
    {
        await node.RuleAsync(new() { Name = name, Match = "refused", Source = new() { App = [name] }, Unusual = new() { Times = 3, AtLeast = 20, Share = true } });
        await node.AskAsync<object>($"update log_rules set created_at = now() - interval '60 days' where name = '{name}' returning 1");
        // Of a thousand lines ten in each of the weeks before, whose hours were a tenth as busy.
        await node.AskAsync<object>($"insert into log_hours (hour, host, app, lines, errors, warnings) values {WeeksBefore(_hour, $"'alice', '{name}', 1000, 0, 0")} returning 1");
        await node.AskAsync<object>($"insert into log_rule_hours (hour, lines, rule_id) values {WeeksBefore(_hour, $"10, (select id from log_rules where name = '{name}')")} returning 1");
        await node.AskAsync<object>($"insert into log_hours (hour, host, app, lines, errors, warnings) values ('{_hour:O}', 'alice', '{name}', {all}, 0, 0), ('{_hour:O}', 'bob', 'somebody-else', 1000000, 0, 0) on conflict do nothing returning 1");
        await node.AskAsync<object>($"insert into log_rule_hours (rule_id, hour, lines) select id, '{_hour:O}', 40 from log_rules where name = '{name}' returning 1");
        await NewRunner(_hour).RunOnceAsync(default);
        var alerts = await node.AlertsAsync(name);
        Assert.Equal(isUnusual ? [$"{name}: 10 % of the lines this hour, where 1 % are usual"] : Array.Empty<string>(), alerts.Select(a => a.Summary!.In(new("en")).Replace('\u00a0', ' ')));
    }

    [Fact]
    public async Task What_was_kept_goes_when_its_time_is_over()
    {
        await node.RuleAsync(new() { Name = "old", Match = "old" });
        await node.AskAsync<object>("insert into log_lines select gen_random_uuid(), now() - d * interval '1 day', id, 'old', null, 'alice', 'app', 'Error', 'Syslog', 'old', '{}', '{}' from log_rules, generate_series(0, 20) d where name = 'old' returning 1");
        await node.App.InScopeAsync(async services => { await services.GetRequiredService<LogRetentionJob>().RunAsync(default); return 0; });
        Assert.Equal(8, (await node.LinesAsync("old")).Count); // today, and seven days before it
        var settings = node.App.Services.GetRequiredService<LogSettingsActions>();
        Assert.True((await settings.UpdateAsync(new() { Keep = TimeSpan.FromDays(2) }, Actor.System, default)).IsDone);
        await node.App.InScopeAsync(async services => { await services.GetRequiredService<LogRetentionJob>().RunAsync(default); return 0; });
        Assert.Equal(3, (await node.LinesAsync("old")).Count);
        Assert.True((await settings.UpdateAsync(new(), Actor.System, default)).IsDone);
    }

    /// <summary>The hours of the weeks before that are compared with this one, as rows for SQL.</summary>
    private static string WeeksBefore(DateTimeOffset hour, string rest) => string.Join(", ", Enumerable.Range(1, 4).Select(w => $"('{LogTime.SameHour(hour, w, TimeZoneInfo.Local):O}', {rest})"));

    private LogRuleRunner NewRunner(DateTimeOffset? hour = null) => new(node.App.Services.GetRequiredService<IDbContextFactory<OpsDbContext>>(), node.App.Services.GetRequiredService<NpgsqlDataSource>(), hour is { } then ? new FakeTimeProvider(then.AddMinutes(59)) : TimeProvider.System, NullLogger<LogRuleRunner>.Instance);

    private void Accept(string app, string text, DateTimeOffset? at = null) => node.Intake.Open().Accept(new LogLine { Host = "alice"u8, App = Encoding.UTF8.GetBytes(app), Text = Encoding.UTF8.GetBytes(text), Received = at ?? TimeProvider.System.GetUtcNow(), Severity = LogSeverity.Error });
}
