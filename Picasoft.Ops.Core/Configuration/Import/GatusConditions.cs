using System.Globalization;
using System.Text.RegularExpressions;
using Picasoft.Ops.Core.Primitives;
using static Picasoft.Ops.Core.Configuration.Import.ImportNodes;

namespace Picasoft.Ops.Core.Configuration.Import;

/// <summary>Gatus' conditions (<c>[STATUS] == 200</c>) as what ours expect. Source: Gatus' README, "Conditions". Pure.</summary>
internal sealed partial class GatusConditions
{
    private readonly List<int> _status = [];
    private readonly List<(string, InputNode)> _json = [];

    /// <summary>What the answer must hold.</summary>
    public string? Contains { get; private set; }

    public string? Regex { get; private set; }

    public TimeSpan? Latency { get; private set; }

    /// <summary>The certificate must be good for at least this long.</summary>
    public TimeSpan? Certificate { get; private set; }

    /// <summary>So must the domain.</summary>
    public TimeSpan? Domain { get; private set; }

    /// <summary>The whole answer, of a name server.</summary>
    public string? Body { get; private set; }

    /// <summary>Those that cannot be said.</summary>
    public List<string> Left { get; } = [];

    public static GatusConditions Of(IEnumerable<string> conditions)
    {
        var read = new GatusConditions();
        foreach (var condition in conditions)
            if (!(Shape().Match(condition.Trim()) is { Success: true } match && read.One(match.Groups["what"].Value, match.Groups["how"].Value, match.Groups["value"].Value.Trim()))) read.Left.Add(condition);
        return read;
    }

    /// <summary>As <c>expect</c> of an http probe.</summary>
    public (string, InputNode)[] Expect()
    {
        var expect = new List<(string, InputNode)>();
        if (_status.Count > 0 && !_status.SequenceEqual([200])) expect.Add(("status", ImportedProbe.Numbers(_status)));
        else if (_status.Count > 0) expect.Add(("status", ImportedProbe.Numbers([200])));
        if (Contains is { } text) expect.Add(("text", Foreign(text)));
        if (Regex is { } regex) expect.Add(("regex", Foreign(regex)));
        if (_json.Count > 0) expect.Add(("json", Map([.. _json])));
        if (Latency is { } latency) expect.Add(("latency", Plain(DurationText.Exact(latency))));
        return [.. expect];
    }

    private bool One(string what, string how, string value)
    {
        switch (what, how)
        {
            case ("[STATUS]", "==") when Any(value) is { } codes: _status.AddRange(codes); return true;
            case ("[STATUS]", "<" or "<=") when int.TryParse(value, CultureInfo.InvariantCulture, out var most): _status.AddRange(ImportedProbe.Statuses(200, how == "<" ? most - 1 : most)); return true;
            case ("[RESPONSE_TIME]", "<" or "<=") when int.TryParse(value, CultureInfo.InvariantCulture, out var ms) && ms > 0: Latency = TimeSpan.FromMilliseconds(ms); return true;
            case ("[CERTIFICATE_EXPIRATION]", ">" or ">=") when GoDuration(value) is { } length: Certificate = length; return true;
            case ("[DOMAIN_EXPIRATION]", ">" or ">=") when GoDuration(value) is { } length: Domain = length; return true;
            case ("[CONNECTED]", "==") when value == "true": return true; // any probe of ours fails otherwise
            case ("[DNS_RCODE]", "==") when value == "NOERROR": return true;
            case ("[BODY]", "=="): return OfBody(value);
            default:
                if (how != "==" || !what.StartsWith("[BODY].", StringComparison.Ordinal) || value.Contains('(', StringComparison.Ordinal)) return false;
                _json.Add((what["[BODY].".Length..], Foreign(value)));
                return true;
        }
    }

    private bool OfBody(string value)
    {
        if (Pattern().Match(value) is not { Success: true } match) (Body, Contains) = (value, value);
        else if (match.Groups["pattern"].Value.Trim('*') is var inner && !inner.Contains('*', StringComparison.Ordinal)) Contains = inner;
        else Regex = string.Join(".*", match.Groups["pattern"].Value.Split('*').Select(System.Text.RegularExpressions.Regex.Escape));
        return !value.StartsWith("any(", StringComparison.Ordinal) && !value.StartsWith("len(", StringComparison.Ordinal);
    }

    private static List<int>? Any(string value)
    {
        var inner = value.StartsWith("any(", StringComparison.Ordinal) && value.EndsWith(')') ? value[4..^1] : value;
        var codes = inner.Split(',', StringSplitOptions.TrimEntries).Select(t => int.TryParse(t, CultureInfo.InvariantCulture, out var code) ? code : 0).ToList();
        return codes.TrueForAll(c => c is >= 100 and <= 599) ? codes : null;
    }

    /// <summary>As Go writes lengths of time: <c>1h30m</c>, <c>720h</c>; a bare number counts milliseconds.</summary>
    public static TimeSpan? GoDuration(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var ms)) return ms is > 0 and < 1e13 ? TimeSpan.FromMilliseconds(ms) : null;
        var (total, at) = (TimeSpan.Zero, 0);
        foreach (Match part in Part().Matches(text))
        {
            if (part.Index != at || !double.TryParse(part.Groups["number"].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || number > 1e9) return null;
            total += part.Groups["unit"].Value switch { "h" => TimeSpan.FromHours(Math.Min(number, 1e6)), "m" => TimeSpan.FromMinutes(number), "s" => TimeSpan.FromSeconds(number), "ms" => TimeSpan.FromMilliseconds(number), _ => TimeSpan.FromDays(Math.Min(number, 1e5)) };
            at += part.Length;
        }
        return at == text.Length && total > TimeSpan.Zero ? total : null;
    }

    [GeneratedRegex(@"^(?<what>\[[A-Z_]+\][^\s=<>!]*|(len|has)\(.*\))\s*(?<how>==|!=|<=|>=|<|>)\s*(?<value>.+)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Shape();

    [GeneratedRegex(@"^pat\((?<pattern>.*)\)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Pattern();

    [GeneratedRegex(@"(?<number>[0-9]+(\.[0-9]+)?)(?<unit>h|ms|m|s|d)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Part();
}
