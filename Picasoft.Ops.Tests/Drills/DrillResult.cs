using System.Text.Json;

namespace Picasoft.Ops.Tests.Drills;

/// <summary>One line of <c>./ops drill</c>.</summary>
/// <param name="RtoSeconds">Longest time without an acknowledged write, from the instant of the break.</param>
/// <param name="LostWrites">Acknowledged, and not there when all was whole again.</param>
/// <param name="NoticedSeconds">From the break to the product's incident; null: nothing to notice, or not noticed.</param>
/// <param name="PagedSeconds">From the break to the mail.</param>
internal sealed record DrillResult(string Drill, string Service, double RtoSeconds, int LostWrites, double? NoticedSeconds, double? PagedSeconds, bool Ok)
{
    public string ToJson() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);

    public override string ToString() =>
        $"{(Ok ? "ok    " : "FAILED")} {Drill,-22} {Service,-9} out {RtoSeconds,6:0.0} s   lost {LostWrites}   noticed {Seconds(NoticedSeconds)}   paged {Seconds(PagedSeconds)}";

    public static string Seconds(double? seconds) => seconds is { } s ? $"{s,5:0.0} s" : "    –  ";
}

/// <summary>All about one drill, for the report.</summary>
/// <param name="ReturnSeconds">From giving back what was broken until everything was whole, by itself.</param>
internal sealed record DrillRecord(string Name, string What, DateTimeOffset At, double ReturnSeconds, IReadOnlyList<DrillResult> Results, IReadOnlyList<string> Incidents, IReadOnlyList<string> Mails, IReadOnlyList<string> Remarks);
