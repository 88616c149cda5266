using System.Net;
using System.Text.Json;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Web.Logs;

public sealed class LogRulesApiTests(OpsApi api) : IClassFixture<OpsApi>
{
    private static readonly object _deferred = new { name = "postfix-deferred", source = new { app = "postfix/smtp" }, match = @"to=<(?<to>[^>]+)>.*status=deferred", threshold = new { count = 2, within = "10m", by = "host" }, severity = "high" };

    [Fact]
    public async Task A_rule_is_tried_on_lines_as_people_paste_them()
    {
        var sample = """
            Nov 25 17:00:00 alice postfix/smtp[1]: 1A: to=<a@example.org>, relay=none, status=deferred (no route)
            Nov 25 17:00:01 alice postfix/smtp[1]: 1B: to=<b@example.org>, relay=x, status=sent (250 ok)
            Nov 25 17:00:02 alice dovecot: to=<c@example.org> status=deferred
            Nov 25 17:05:00 alice postfix/smtp[1]: 1C: to=<d@example.org>, relay=none, status=deferred (no route)
            1D: to=<e@example.org>, relay=none, status=deferred (without a header)
            """;
        var answer = await api.PostAsync("/api/v1/log-rules/test", new { rule = _deferred, sample });
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        var lines = answer["lines"].EnumerateArray().ToList();
        Assert.Equal(["match", "no_match", "other_source", "match", "match"], lines.Select(l => l.GetProperty("outcome").GetString()));
        Assert.Equal("a@example.org", lines[0].GetProperty("fields").GetProperty("to").GetString());
        Assert.Equal([false, false, false, true, false], lines.Select(l => l.GetProperty("fires").GetBoolean()));
        Assert.Equal((3, 1), (answer["matched"].GetInt32(), answer["fires"].GetInt32()));
        Assert.Equal(7, answer["lastDays"].GetProperty("days").GetInt32());
        Assert.True(answer["lastDays"].TryGetProperty("heardFires", out _), answer.Text);
        answer = await api.PostAsync("/api/v1/log-rules/test", new { rule = _deferred, recent = true });
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        Assert.Empty((await api.GetAsync("/api/v1/log-rules?service=nothing"))["items"].EnumerateArray());
    }

    [Fact]
    public async Task What_is_wrong_with_a_rule_is_said_all_at_once()
    {
        var answer = await api.PostAsync("/api/v1/log-rules", new { name = "Bad name", match = "(a", unless = "(?=x)", severity = "odd" });
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(["name", "severity"], answer.Fields);
        answer = await api.PostAsync("/api/v1/log-rules", new { name = "bad", match = @"(?<user>\S+", unless = "(?=x)", absentFor = "1h", threshold = new { by = "user" } });
        Assert.Equal(["match", "unless", "threshold"], answer.Fields.Order(StringComparer.Ordinal).Select(f => f == "absentFor" ? "threshold" : f).OrderBy(f => f == "threshold"));
        answer = await api.PostAsync("/api/v1/log-rules", new { name = "bad", match = "x", threshold = new { by = "user" }, service = "nothing" });
        Assert.Equal(["threshold.by[0]"], answer.Fields);
        Assert.Contains("host, app", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_is_made_changed_and_deleted()
    {
        var made = await api.PostAsync("/api/v1/log-rules", _deferred);
        Assert.True(made.Status == HttpStatusCode.Created, made.Text);
        Assert.Contains((await api.GetAsync("/api/v1/log-rules"))["items"].EnumerateArray(), r => r.GetProperty("name").GetString() == "postfix-deferred");
        var body = JsonSerializer.Deserialize<Dictionary<string, object>>(made.Text)!;
        body["severity"] = "low";
        var changed = await api.PutAsync("/api/v1/log-rules/postfix-deferred", body);
        Assert.True(changed.Status == HttpStatusCode.OK, changed.Text);
        Assert.Equal("low", changed["severity"].GetString());
        Assert.Equal(HttpStatusCode.Conflict, (await api.PutAsync("/api/v1/log-rules/postfix-deferred", body)).Status); // that version is gone
        Assert.Equal(HttpStatusCode.NoContent, (await api.DeleteAsync("/api/v1/log-rules/postfix-deferred")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync("/api/v1/log-rules/postfix-deferred")).Status);
    }

    [Fact]
    public async Task The_contracts_rules_are_read_from_the_file()
    {
        const string rules = """
            version: 1
            services: [{name: mail}, {name: backups}]
            log_rules:
              - {name: postfix-late, service: mail, source: {app: postfix/smtp}, match: 'status=deferred', threshold: {count: 20, within: 10m, by: host}, severity: high}
              - {name: borg-silent, service: backups, source: {app: borg}, match: 'terminating with success', absent_for: 26h, severity: critical}
            """;
        await api.ApplyAsync(rules);
        var rule = await api.GetAsync("/api/v1/log-rules/borg-silent");
        Assert.True(rule["fromFile"].GetBoolean());
        Assert.Equal("1d2h", rule["absentFor"].GetString());
        Assert.Equal(HttpStatusCode.Conflict, (await api.DeleteAsync("/api/v1/log-rules/borg-silent")).Status);
        await api.ApplyAsync(rules); // again: nothing changes
        await api.ApplyAsync("version: 1\n");
    }
}
