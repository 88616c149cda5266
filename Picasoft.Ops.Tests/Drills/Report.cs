using System.Globalization;
using System.Text;

namespace Picasoft.Ops.Tests.Drills;

/// <summary>The report that a run leaves: for people, who will ask later what was proven, and when.</summary>
internal static class Report
{
    /// <param name="uncured">The finding whose cure was left out; null: none.</param>
    public static string Write(string profile, string? uncured, DateTimeOffset at, IReadOnlyList<DrillRecord> records)
    {
        var text = new StringBuilder();
        var all = records.SelectMany(r => r.Results).ToList();
        Line($"# Failover drill of {at:yyyy-MM-dd HH:mm} UTC");
        Line($"");
        if (uncured is not null) Line($"**The cure of `{uncured}` was left out, to see that its finding shows.**\n");
        Line($"Profile `{profile}`, {Environment.ProcessorCount} cores. {records.Count} drills, {all.Count(r => r.Ok)} of {all.Count} results as aimed, {all.Sum(r => r.LostWrites)} acknowledged writes lost. Unplanned: at most 15 s (Etherpad 20 s); planned: at most 4 s (Etherpad 20 s); `portable` adds 12 s to what is unplanned.");
        Line($"");
        Line($"| drill | service | out, s | lost | noticed, s | paged, s | |");
        Line($"| --- | --- | --- | --- | --- | --- | --- |");
        foreach (var r in all) Line($"| {r.Drill} | {r.Service} | {r.RtoSeconds:0.0} | {r.LostWrites} | {r.NoticedSeconds:0.0} | {r.PagedSeconds:0.0} | {(r.Ok ? "ok" : "**missed**")} |");
        foreach (var record in records)
        {
            Line($"");
            Line($"## {record.Name}");
            Line($"At {record.At:HH:mm:ss} UTC: {record.What}. Whole again {record.ReturnSeconds:0.0} s after it was given back.");
            foreach (var remark in record.Remarks) Line($"- **{remark}**");
            Line($"");
            Line($"What the product recorded:");
            foreach (var incident in record.Incidents.DefaultIfEmpty("nothing")) Line($"- {incident}");
            Line($"");
            Line($"What it sent:");
            foreach (var mail in record.Mails.DefaultIfEmpty("nothing")) Line($"- {mail}");
        }
        return text.ToString();

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }
}
