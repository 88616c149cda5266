using System.Text.Json.Nodes;
using Picasoft.Ops.Core.Logs;
using Picasoft.Ops.Web.Shell;

namespace Picasoft.Ops.Web.Logs;

/// <summary>Log rules as the API shows them.</summary>
internal static class LogRulesJson
{
    /// <summary>Fields of an answer that a change does not take.</summary>
    public static readonly IReadOnlyCollection<string> Answered = ["fromFile"];

    public static JsonObject Of(LogRule rule) => Api.Written(rule.Input(), rule.FromFile, rule.Version);

    public static object Of(IReadOnlyList<TrialLine> lines, LogWeekTrial week) => new
    {
        lines = lines.Select(l => new { l.Number, l.Line, l.At, l.Host, l.App, l.Text, l.Outcome, matches = l.Outcome == TrialOutcome.Match, l.Fields, l.Fires }),
        matched = lines.Count(l => l.Outcome == TrialOutcome.Match),
        fires = lines.Count(l => l.Fires),
        lastDays = new { days = LogWeek.Days, week.Kept, week.Matched, week.Fires, week.Kinds, week.Lines, week.Hours, week.HeardFires, week.Known },
    };
}
