using Picasoft.Ops.Core.Primitives;
using static Picasoft.Ops.Core.Configuration.Import.ImportNodes;

namespace Picasoft.Ops.Core.Configuration.Import;

/// <summary>
/// The checks of Healthchecks, as its management API lists them (<c>GET /api/v3/checks/</c>, v1 and v2 too), as heartbeats that keep their ping URL's UUID. Pure.
/// </summary>
internal static class HealthchecksImport
{
    public static Outcome<Imported> Convert(string text)
    {
        var read = Importer.Json(text);
        if (read.Refusal is { } refusal) return refusal;
        if ((read.Value is InputMap root ? root["checks"] : read.Value) is not InputList checks) return Refusal.Invalid("", Phrase.Of("import.not_healthchecks"));
        var draft = new ImportDraft();
        foreach (var (index, check) in Maps(checks).Index()) Check(draft, check, index);
        return draft.Done();
    }

    private static void Check(ImportDraft draft, InputMap check, int index)
    {
        var called = Text(check, "slug") is { Length: > 0 } slug ? slug : Text(check, "name") ?? "";
        var name = draft.Unique("heartbeat", NameOf(called, $"check-{index + 1}"));
        var grace = ImportedProbe.Within(ImportedProbe.Seconds(Text(check, "grace")) ?? TimeSpan.FromHours(1), TimeSpan.FromSeconds(1), TimeSpan.FromDays(31));
        var entries = new List<(string, InputNode)> { ("name", Plain(name)) };
        if (Text(check, "schedule") is { Length: > 0 } schedule)
        {
            var zone = Text(check, "tz");
            if (Recurrence.Parse(schedule, zone, grace).IsDone)
            {
                entries.Add(("schedule", Quoted(schedule)));
                if (zone is not null and not "UTC") entries.Add(("time_zone", Plain(zone)));
            }
            else
            {
                draft.Note($"{called} schedule", "import.schedule", schedule); // systemd's OnCalendar, or a cron expression of theirs alone
                entries.Add(("period", Plain("1d")));
            }
        }
        else entries.Add(("period", Plain(DurationText.Exact(ImportedProbe.Within(ImportedProbe.Seconds(Text(check, "timeout")) ?? TimeSpan.FromDays(1), TimeSpan.FromSeconds(1), TimeSpan.FromDays(366))))));
        entries.Add(("grace", Plain(DurationText.Exact(grace))));
        if (Text(check, "status") == "paused") entries.Add(("enabled", Plain("false")));
        if (Text(check, "methods") == "POST") entries.Add(("post_only", Plain("true")));
        if (Text(check, "manual_resume") == "true") entries.Add(("manual_resume", Plain("true")));
        var keywords = new[] { ("failure", "failure_kw"), ("success", "success_kw"), ("start", "start_kw") }
            .Select(k => (k.Item1, Words: (Text(check, k.Item2) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))).Where(k => k.Words.Length > 0).ToList();
        if (keywords.Count > 0) entries.Add(("keywords", Map([.. keywords.Select(k => (k.Item1, (InputNode)new InputList([.. k.Words.Select(Foreign)], null)))])));
        // A read-only key hides the URL; then a new one is made.
        if (UuidOf(check) is { } uuid) entries.Add(("token", draft.Secret(name, "token", uuid)));
        else draft.Note(called, "import.no_ping_url");
        draft.Heartbeats.Add(Map([.. entries]));
    }

    private static string? UuidOf(InputMap check)
    {
        var last = Text(check, "uuid") ?? Text(check, "ping_url")?.TrimEnd('/').Split('/')[^1];
        return Guid.TryParseExact(last, "D", out var uuid) ? uuid.ToString("D") : null;
    }
}
