using System.Globalization;
using Picasoft.Ops.Core.Primitives;
using static Picasoft.Ops.Core.Configuration.Import.ImportNodes;

namespace Picasoft.Ops.Core.Configuration.Import;

/// <summary>One probe of another monitor, while it is written as ours: lengths of time are brought within our bounds. Pure.</summary>
internal sealed class ImportedProbe(ImportDraft draft, string name, string? service)
{
    private readonly List<(string, InputNode)> _common = [];

    public string Name { get; } = draft.Unique("probe", name);

    public void Say(string key, string value) => _common.Add((key, Plain(value)));

    /// <param name="interval">Between two checks; null: ours.</param>
    /// <param name="timeout">Longest a check may take.</param>
    /// <param name="retry">Before a first failure is checked again.</param>
    public void Times(TimeSpan? interval, TimeSpan? timeout, TimeSpan? retry)
    {
        var every = Within(interval ?? TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        Say("interval", DurationText.Exact(every));
        if (timeout is { } most) Say("timeout", DurationText.Exact(Within(most, TimeSpan.FromMilliseconds(100), every < TimeSpan.FromMinutes(5) ? every : TimeSpan.FromMinutes(5))));
        if (retry is { } soon) Say("retry_interval", DurationText.Exact(Within(soon, TimeSpan.FromMilliseconds(500), every)));
    }

    public void Add(string type, params (string, InputNode)[] settings) =>
        draft.Probes.Add(Map([("name", Plain(Name)), .. service is null ? Array.Empty<(string, InputNode)>() : [("service", Plain(service))], ("type", Plain(type)), .. _common, (type, Map(settings))]));

    public static TimeSpan? Seconds(string? text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and < 1e9 ? TimeSpan.FromSeconds(seconds) : null;

    public static TimeSpan Within(TimeSpan value, TimeSpan least, TimeSpan most) => value < least ? least : value > most ? most : value;

    /// <summary>Status codes, of which ours are at most fifty: of a whole hundred, those that are in use.</summary>
    public static List<int> Statuses(int from, int to) => to - from < 20
        ? [.. Enumerable.Range(from, Math.Max(0, to - from + 1)).Where(c => c is >= 100 and <= 599)]
        : [.. _usual.Where(c => c >= from && c <= to)];

    private static readonly int[] _usual = [200, 201, 202, 203, 204, 206, 300, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 406, 409, 410, 418, 422, 429, 500, 501, 502, 503, 504];

    public static InputList Numbers(IEnumerable<int> numbers) => new([.. numbers.Distinct().Select(n => Plain(n.ToString(CultureInfo.InvariantCulture)))], null);
}
