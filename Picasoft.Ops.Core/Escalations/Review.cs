using System.Globalization;
using System.Text;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Escalations;

/// <summary>An incident of which somebody was told, as a review looks at it.</summary>
/// <param name="Told">Who or which channel, and when first.</param>
/// <param name="AcknowledgedBy">Null: nobody took it.</param>
public sealed record ReviewedIncident(
    long Number, string Title, string? Service, Severity Severity, DateTimeOffset ToldAt, IReadOnlyList<string> Told, string? AcknowledgedBy, DateTimeOffset? AcknowledgedAt, DateTimeOffset? ResolvedAt, string? ResolvedBy)
{
    /// <summary>It called somebody, nobody did anything, and it ended by itself.</summary>
    public bool IsNoise => AcknowledgedAt is null && ResolvedAt is not null && ResolvedBy is null;
}

/// <summary>What calls again and again.</summary>
/// <param name="Newest">The last incident of it: where to silence it.</param>
public sealed record NoisyThing(string Title, string? Service, int Times, int Noise, long Newest)
{
    /// <summary>The rule that raised it, as <c>probe:wiki-web</c>; null: it comes from outside, and its threshold stands there.</summary>
    public string? Rule { get; init; }

    private static readonly string[] _rules = ["probe", "rule", "heartbeat"];

    internal static string? RuleOf(LabelSet labels) => _rules.Where(kind => labels[kind].Length > 0).Select(kind => $"{kind}:{labels[kind]}").FirstOrDefault();
}

/// <summary>A week of on-call. Pure.</summary>
/// <param name="AtNight">How many called between 22:00 and 07:00.</param>
/// <param name="Acknowledged">The middle time until somebody took one; null: nobody did.</param>
/// <param name="NoiseRatio">Of all that called, those that nobody needed to do anything about: 0 to 1.</param>
/// <param name="Noisy">What called most, at most ten.</param>
public sealed record Review(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<ReviewedIncident> Incidents, int AtNight, TimeSpan? Acknowledged, double NoiseRatio, IReadOnlyList<NoisyThing> Noisy)
{
    /// <summary>How many others should have called somebody, and no message of them was handed over so far: refused, given up or still tried.</summary>
    public int Missed { get; init; }

    private static readonly HoursInput[] _night = [new() { From = "22:00", To = "07:00" }];

    public static Review Of(IReadOnlyList<ReviewedIncident> incidents, DateTimeOffset from, DateTimeOffset to, WallClock clock)
    {
        var waits = incidents.Where(i => i.AcknowledgedAt >= i.ToldAt).Select(i => i.AcknowledgedAt!.Value - i.ToldAt).Order().ToList();
        return new(from, to, [.. incidents.OrderBy(i => i.ToldAt)],
            incidents.Count(i => clock.Windows(_night, i.ToldAt, i.ToldAt.AddTicks(1)).Any()),
            waits.Count == 0 ? null : waits[waits.Count / 2],
            incidents.Count == 0 ? 0 : (double)incidents.Count(i => i.IsNoise) / incidents.Count,
            [.. incidents.GroupBy(i => (i.Title, i.Service)).Select(g => new NoisyThing(g.Key.Title, g.Key.Service, g.Count(), g.Count(i => i.IsNoise), g.Max(i => i.Number))).OrderByDescending(n => n.Times).ThenByDescending(n => n.Noise).Take(10)]);
    }

    /// <summary>The same as Markdown, for a wiki or a chat. What people wrote is kept on its line.</summary>
    public string Markdown(CultureInfo culture, WallClock clock)
    {
        var text = new StringBuilder();
        Line($"# {Say("review.title", Day(From), Day(To.AddTicks(-1)))}");
        Line("");
        Line($"- {Say("review.told", Incidents.Count, AtNight)}");
        if (Missed > 0) Line($"- {Say("review.missed", Missed)}");
        if (Acknowledged is { } middle) Line($"- {Say("review.acknowledged", middle)}");
        Line($"- {Say("review.noise", (NoiseRatio * 100).ToString("0", culture))}");
        Line("");
        Line($"| # | {Say("review.when")} | {Say("review.what")} | {Say("review.who")} | {Say("review.taken")} |");
        Line("| --- | --- | --- | --- | --- |");
        foreach (var i in Incidents)
            Line(string.Create(CultureInfo.InvariantCulture, $"| {i.Number} | {clock.Local(i.ToldAt):yyyy-MM-dd HH:mm} | {Cell(i.Title)} | {Cell(string.Join(", ", i.Told))} | {Cell(i.AcknowledgedBy is null ? "–" : $"{i.AcknowledgedBy} ({DurationText.Rough(i.AcknowledgedAt!.Value - i.ToldAt, culture)})")} |"));
        if (Noisy.Any(n => n.Times > 1))
        {
            Line("");
            Line($"## {Say("review.noisy")}");
            Line("");
            foreach (var n in Noisy.Where(n => n.Times > 1)) Line($"- {Say(n.Noise == 0 ? "review.times.none" : "review.times", Cell(n.Title), n.Times, n.Noise)}");
        }
        return text.ToString();

        void Line(string line) => text.Append(line).Append('\n');
        string Say(string key, params object?[] args) => Phrase.Of(key, args).In(culture);
        string Day(DateTimeOffset at) => clock.Local(at).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }

    private static string Cell(string text) => text.ReplaceLineEndings(" ").Replace("\\", "\\\\", StringComparison.Ordinal).Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}
