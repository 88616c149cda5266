using System.Globalization;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Configuration.Import;

/// <summary>Alertmanager's <c>time_intervals</c> as schedules: a cron expression of five fields, a zone and a length each. Pure.</summary>
internal static class ImportedIntervals
{
    private static readonly string[] _days = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
    private static readonly string[] _months = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];

    /// <summary>The windows of one interval; what cannot be said is noted.</summary>
    public static IEnumerable<(string Schedule, string? Zone, TimeSpan Length)> Of(InputNode interval, string where, List<string> notes)
    {
        if (interval is not InputMap map) yield break;
        if (map["years"] is not null) notes.Add($"{where}.years: windows come back every year");
        var days = Ranges(map["days_of_month"], text => Day(text, where, notes));
        var months = Ranges(map["months"], text => Named(_months, text, 1));
        var weekdays = Ranges(map["weekdays"], text => Named(_days, text, 0));
        if (days is null || months is null || weekdays is null)
        {
            notes.Add($"{where}: has a day or month that no cron expression can say");
            yield break;
        }
        var zone = (map["location"] as InputScalar)?.Text;
        foreach (var (start, end) in Times(map["times"]))
            yield return (string.Create(CultureInfo.InvariantCulture, $"{start.Minutes} {start.Hours} {days} {months} {weekdays}"), zone, end - start);
    }

    private static IEnumerable<(TimeSpan Start, TimeSpan End)> Times(InputNode? times)
    {
        if (times is not InputList { Items.Count: > 0 } list) return [(TimeSpan.Zero, TimeSpan.FromDays(1))];
        return list.Items.OfType<InputMap>().Select(t => (At(t["start_time"]), At(t["end_time"]))).Where(t => t.Item2 > t.Item1);

        static TimeSpan At(InputNode? node) => (node as InputScalar)?.Text?.Split(':') is [var hours, var minutes]
            && int.TryParse(hours, CultureInfo.InvariantCulture, out var h) && int.TryParse(minutes, CultureInfo.InvariantCulture, out var m) ? new TimeSpan(h, m, 0) : TimeSpan.Zero;
    }

    // "monday:friday" and "1:7" become "1-5" and "1-7"; nothing is every one; null: one of them says nothing.
    private static string? Ranges(InputNode? node, Func<string, string?> one)
    {
        var texts = node switch { InputList list => list.Items.OfType<InputScalar>().Select(s => s.Text ?? "").ToList(), InputScalar { Text: { } text } => [text], _ => [] };
        if (texts.Count == 0) return "*";
        var ranges = texts.ConvertAll(text => text.Split(':', 2).Select(p => one(p.Trim().ToLowerInvariant())).ToList());
        return ranges.Any(r => r.Contains(null)) ? null : string.Join(',', ranges.Select(r => string.Join('-', r.Distinct(StringComparer.Ordinal))));
    }

    private static string? Named(string[] names, string text, int first)
    {
        var index = Array.IndexOf(names, text);
        if (index >= 0) return (index + first).ToString(CultureInfo.InvariantCulture);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= first && number < first + names.Length ? text : null;
    }

    private static string? Day(string text, string where, List<string> notes)
    {
        if (text == "-1") return "L";
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var day) && day is >= 1 and <= 31) return text;
        notes.Add($"{where}.days_of_month: {text} counts from the end of the month");
        return null;
    }
}
