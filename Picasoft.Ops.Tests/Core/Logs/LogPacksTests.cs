using System.Text;
using Picasoft.Ops.Core.Configuration;
using Picasoft.Ops.Core.Logs;
using Picasoft.Ops.Core.Logs.Matching;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Tests.Core.Configuration;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Logs;

public class LogPacksTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 25, 10, 0, 0, TimeSpan.Zero);

    public static TheoryData<string> Rules() => [.. LogPacks.All.SelectMany(p => p.Rules).Select(r => r.Name)];

    [Fact]
    public void There_is_a_pack_for_each_program_that_is_promised()
    {
        Assert.Equal(["auditd", "backups", "docker", "dovecot", "etherpad", "haproxy", "kernel", "mail-filters", "mattermost", "postfix", "postgresql", "slapd", "ssh", "systemd", "web"], LogPacks.All.Select(p => p.Name).Order(StringComparer.Ordinal));
        var names = LogPacks.All.SelectMany(p => p.Rules.Select(r => r.Name)).ToList();
        Assert.Equal(names.Distinct().Count(), names.Count);
        Assert.All(LogPacks.All, p => Assert.All(p.Rules, r => Assert.StartsWith(p.Name + "-", r.Name)));
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void A_rule_finds_its_samples_passes_over_what_looks_alike_and_says_what_to_do_in_both_languages(string name)
    {
        var rule = LogPacks.All.SelectMany(p => p.Rules).Single(r => r.Name == name);
        Assert.NotEmpty(rule.Samples);
        Assert.NotEmpty(rule.NearMisses);
        var (english, french) = (rule.In("en", "mail").Value, rule.In("fr", null).Value);
        Assert.Equal("mail", english.Service);
        Assert.NotEqual(english.Title, french.Title);
        Assert.NotEqual(english.Runbook, french.Runbook);
        Assert.All([english.Title, french.Title, english.Runbook, french.Runbook], text => Assert.False(string.IsNullOrWhiteSpace(text)));
        Assert.All(rule.Samples, line => Assert.Equal((line, TrialOutcome.Match), (line, Try(english, line))));
        Assert.All(rule.NearMisses, line => Assert.NotEqual((line, TrialOutcome.Match), (line, Try(english, line))));
    }

    [Fact]
    public void Among_realistic_lines_the_packs_find_every_error_and_nothing_else()
    {
        var rules = LogPacks.All.SelectMany(p => p.Rules).Select((r, i) => new CompiledRule(i + 1, r.In("en", null).Value)).ToList();
        var (found, missed, wrong, hits, scratch) = (0, new List<string>(), new List<string>(), new List<LogHit>(), new LogScratch());
        foreach (var (line, expected) in RealisticLogs.Lines(20_000, seed: 8))
        {
            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            var (app, text) = (Encoding.UTF8.GetBytes(line[..colon]), Encoding.UTF8.GetBytes(line[(colon + 2)..]));
            var heard = new List<string>();
            // Only rules that want the program are asked, as in the product.
            new LogMatcher([.. rules.Where(r => r.Wants("alice"u8, app))]).Match(new LogLine { App = app, Host = "alice"u8, Text = text, Severity = LogSeverity.Info }, scratch, hits);
            heard.AddRange(hits.Where(h => h.Role == LogRole.Match).Select(h => h.Rule.Input.Name));
            if (expected is not null && heard.Contains(expected)) found++;
            else if (expected is not null) missed.Add(line);
            // Two rules may well say the same of one line; on a harmless line none may.
            if (expected is null && heard.Count > 0) wrong.Add($"{string.Join(", ", heard)}: {line}");
        }
        Assert.True(found > 1000);
        Assert.True(missed.Count <= 0.01 * (found + missed.Count), string.Join('\n', missed.Distinct().Take(20)));
        Assert.True(wrong.Count <= 0.01 * (found + wrong.Count), string.Join('\n', wrong.Distinct().Take(20)));
    }

    [Fact]
    public void Errors_that_the_packs_were_not_written_from_are_found_too()
    {
        var rules = LogPacks.All.SelectMany(p => p.Rules).ToDictionary(r => r.Name, r => r.In("en", null).Value, StringComparer.Ordinal);
        var missed = RealisticLogs.Unknown(new(5)).Where(e => Try(rules[e.Rule], e.Line) != TrialOutcome.Match).ToList();
        Assert.Empty(missed);
    }

    [Fact]
    public void What_auditd_wrote_is_found_line_by_line()
    {
        var rules = LogPacks.Find("auditd")!.Rules.Select(r => (r.Name, Rule: r.In("en", null).Value)).ToList();
        var found = rules.ToDictionary(r => r.Name, r => 0, StringComparer.Ordinal);
        var lines = File.ReadAllLines(Path.Combine(Repository.Root, "Picasoft.Ops.Tests/Core/Logs/Samples/audit.log"));
        Assert.Equal(114, lines.Length);
        var calm = new List<string>();
        foreach (var line in lines)
        {
            var by = rules.Where(r => LogTrial.Run(r.Rule, line, _now)[0].Outcome == TrialOutcome.Match).Select(r => r.Name).ToList();
            foreach (var name in by) found[name]++;
            if (by.Count == 0) calm.Add(line.Split(' ')[0]);
        }
        Assert.Equal([("auditd-account", 11), ("auditd-apparmor", 0), ("auditd-auth-failures", 7), ("auditd-config", 7), ("auditd-privilege", 5), ("auditd-stopped", 1)], found.Select(f => (f.Key, f.Value)).Order());
        // What was let pass: nothing that failed, and no account.
        Assert.DoesNotContain(calm, type => type is "type=CONFIG_CHANGE" or "type=ADD_USER" or "type=DEL_USER" or "type=ADD_GROUP" or "type=DEL_GROUP" or "type=USER_CHAUTHTOK" or "type=USER_LOGIN" or "type=USER_CMD");
    }

    [Fact]
    public void The_file_chooses_packs_leaves_rules_out_and_replaces_them()
    {
        const string Text = """
            version: 1
            services: [{name: mail, title: Mail}]
            log_packs:
              - {name: dovecot, service: mail, language: en, off: [dovecot-quota]}
            log_rules:
              - {name: dovecot-error, match: 'Error: mine', severity: low}
            """;
        var rules = ConfigurationStore.Read(Text).Value.Items.Where(i => i.Kind == "log_rule").Select(i => (LogRuleInput)i.Input).ToDictionary(r => r.Name);
        Assert.Equal(["dovecot-error", "dovecot-failure", "dovecot-guessing"], rules.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("Error: mine", rules["dovecot-error"].Match);
        Assert.Equal(("mail", "Dovecot fails"), (rules["dovecot-failure"].Service, rules["dovecot-failure"].Title));
    }

    [Theory]
    [InlineData("log_packs: [{name: nothing}]", "log_packs[0].name")]
    [InlineData("log_packs: [{name: postfix, off: [nothing]}]", "log_packs[0].off")]
    [InlineData("log_packs: [{service: mail}]", "log_packs[0].name")]
    [InlineData("log_packs: yes", "log_packs")]
    public void A_pack_that_is_not_there_is_said(string section, string field)
    {
        var refusal = ConfigurationStore.Read("version: 1\n" + section).Refusal;
        Assert.Contains(refusal!.Errors, e => e.Field == field);
    }

    private static TrialOutcome Try(LogRuleInput rule, string line)
    {
        var colon = line.IndexOf(": ", StringComparison.Ordinal);
        return Assert.Single(LogTrial.Run(rule, $"Nov 25 10:00:00 alice {line[..colon]}[77]: {line[(colon + 2)..]}", _now)).Outcome;
    }
}
