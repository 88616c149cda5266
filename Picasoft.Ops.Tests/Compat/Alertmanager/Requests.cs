using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Picasoft.Ops.Tests.Compat.Alertmanager;

/// <summary>Requests at random, the same for the same seed. Times are whole minutes, some away from now, so that both servers see them alike.</summary>
public sealed class Requests(int seed)
{
    private static readonly string[] _names = ["alertname", "service", "instance", "severity", "job", "zone"];
    private static readonly string[] _values = ["mail", "wiki", "chat", "a b", "été", "x\"y", "back\\slash", "line\nfeed", "𝄞", "", "critical", "*", "mail2"];
    private static readonly string[] _patterns = ["mail.*", "mail|wiki", ".+", "", ".*", "[a-z]+", "(?i)MAIL", "ma?il", "^mail$", "a b", @"\w+", @"[^\x00]*", "chat{1}", "é.*", @"\S+", "[[:alpha:]]+\\d?", "(?P<x>m)ail", "l.*d", "ma(", "*", "a{1001}", "(?=m)", "x{2,1}", "[z-a]", @"\8"];
    private static readonly string[] _times = ["2026-11-25T10:00:00+02:00", "2026-11-25T10:00:00.123456789Z", "2026-11-25T10:00:00.1Z", "2026-11-25T24:00:00Z", "2026-02-30T00:00:00Z", "1969-12-31T23:59:59Z", "2016-12-31T23:59:60Z", "2026-11-25", "yesterday", " ", "2026-11-25T10:00:00 Z"];

    // As bytes: what no writer of JSON would write.
    private static readonly byte[][] _raw =
    [
        .. new[]
        {
            """[{"labels":{"alertname":"Twice"},"labels":{"alertname":"Twice","b":"2"}}]""", """[{"labels":{"a":"1","a":"2"}}]""", """[{"labels":{"a":"1"},}]""", """[{"labels":{"a":"1"}},]""",
            """// hello\n[{"labels":{"a":"1"}}]""", """[{'labels':{'a':'1'}}]""", """[{"labels":{"a":NaN}}]""", """[{"labels":{"a":"\q"}}]""", """[{"labels":{"a":"\u12"}}]""", """[{"labels":{"a":"x\ty"}}]""",
            """ [ { "labels" : { "a" : "1" } } ] """, """[{"labels":{"a":"1"}}][]""", """[{"labels":{"a":"1"}}] x""", """[null]""", """[[{"labels":{"a":"1"}}]]""", """{"alerts":[{"labels":{"a":"1"}}]}""",
            """[{"labels":{"a":"1"},"startsAt":null,"endsAt":null,"generatorURL":null,"annotations":null}]""", """[{"LABELS":{"a":"caps"},"STARTSAT":"2026-11-25T10:00:00Z"}]""", """[{"labels":{"a":1e400}}]""", "[", "]", "{", "\"", "-", "truefalse",
        }.Select(Encoding.UTF8.GetBytes),
        [0xEF, 0xBB, 0xBF, .. """[{"labels":{"bom":"1"}}]"""u8],
        [.. """[{"labels":{"a":"""u8, (byte)'"', 0xFF, 0xFE, (byte)'"', .. "}}]"u8],
        [0], [0xFF, 0xFE, 0x5B, 0],
    ];

    private readonly Random _random = new(seed);

    public int Next(int most) => _random.Next(most);

    public byte[] Alerts()
    {
        var alerts = new JsonArray();
        for (var i = _random.Next(1, 6); i > 0; i--) alerts.Add(Alert());
        return Bytes(alerts);
    }

    /// <summary>Something that somebody got wrong.</summary>
    public byte[] Broken()
    {
        var alert = Alert();
        switch (_random.Next(17))
        {
            case 0: alert.Remove("labels"); break;
            case 1: alert["labels"] = new JsonObject(); break;
            case 2: alert["labels"] = null; break;
            case 3: alert["labels"]![""] = "empty name"; break;
            case 4: alert["labels"]!["a"] = 5; break;
            case 5: alert["annotations"] = new JsonArray(); break;
            case 6: alert["startsAt"] = Pick("tomorrow", "2026-13-01T00:00:00Z", "12", ""); break;
            case 7: (alert["startsAt"], alert["endsAt"]) = (Minutes(120), Minutes(60)); break;
            case 8: alert["generatorURL"] = Pick("no url", "", "/path", "http://x/y?z#w", ":", "mailto:x", "x"); break;
            case 9: alert["more"] = new JsonObject { ["deep"] = new JsonArray(1, null, "x") }; break;
            case 10: alert["endsAt"] = "0001-01-01T00:00:00Z"; break;
            case 11: return Cut(Bytes(new JsonArray(alert, Alert())));
            case 12: alert["startsAt"] = Pick(_times); break;
            case 13: alert[Pick("labels", "annotations")] = Pick<Func<JsonNode?>>(() => new JsonObject { ["a"] = true }, () => new JsonObject { ["a"] = new JsonObject() }, () => new JsonObject { ["a"] = new JsonArray("x") }, () => new JsonObject { ["a"] = 1.5 }, () => 5, () => "x", () => true, () => new JsonArray())(); break;
            case 14: alert[Pick("startsAt", "endsAt", "generatorURL")] = Pick<Func<JsonNode?>>(() => 5, () => true, () => new JsonObject(), () => new JsonArray(), () => null)(); break;
            case 15: return Pick(_raw);
            default: return Encoding.UTF8.GetBytes(Pick("", "null", "{}", "[]", "5", "\"x\"", "[[]]", "[5]", "[{}]", "[{\"labels\":{\"a\":null}}]", "[] x", "tru", "[{\"Labels\":{\"a\":\"caps\"}}]", "[{\"labels\":{\"a\":\"\\ud800\"}}]"));
        }
        return Bytes(_random.Next(2) == 0 ? new JsonArray(alert) : new JsonArray(Alert(), alert, Alert()));
    }

    public string Query()
    {
        var query = new List<string>();
        for (var i = _random.Next(3); i > 0; i--) query.Add("filter=" + Uri.EscapeDataString(Filter()));
        foreach (var flag in new[] { "active", "silenced", "inhibited", "unprocessed" })
            if (_random.Next(5) == 0) query.Add($"{flag}={Pick("true", "false", "1", "0", "no", "")}");
        if (_random.Next(8) == 0) query.Add("receiver=" + Uri.EscapeDataString(Pick("default", "def.*", "none", "def", "(", "")));
        return query.Count == 0 ? "" : "?" + string.Join('&', query);
    }

    public string SilenceQuery() => _random.Next(2) == 0 ? "" : "?filter=" + Uri.EscapeDataString(Filter());

    /// <summary>A matcher as people type it, at times wrong.</summary>
    public string Filter()
    {
        var op = Pick("=", "!=", "=~", "!~");
        var value = op.Contains('~') ? Pick(_patterns) : Pick(_values);
        return _random.Next(10) switch
        {
            0 => Pick("", "alertname", "=x", "1a=x", "a=\"x", "a=x\"y", "a==x", "a=\"x\" y", "a=\\", "a=\\x", "service=~\"", "a!x", "a =  x ", "a=\"\\n\"", "\ta=x", "a-b=x", "a=x,b=y", "{a=x}", "a=~\"[\"", "a=\"\\u00e9\"", "a=\"x\",", "{a=\"x\",b=\"y\"}", "a=\"x\\ty\"", "a:b=x", "a.b=x", "_=x", "a=~x|y", "a = ~ x", "a!~\"(\"", "a=\n", "a=\"\"\"", "a='x'", "!=", "a=~", "a=\"x\\\"", "𝄞=x"),
            1 => Pick(_names) + op + value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal),
            _ => $"{Pick(_names)}{op}\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"",
        };
    }

    /// <param name="isUpdate">Of the silence <c>{0}</c>.</param>
    public byte[] Silence(bool isUpdate)
    {
        var matchers = new JsonArray();
        for (var i = _random.Next(1, 3); i > 0; i--)
        {
            var isRegex = _random.Next(3) == 0;
            var matcher = new JsonObject { ["name"] = Pick(_names), ["value"] = isRegex ? Pick(_patterns) : Pick(_values), ["isRegex"] = isRegex };
            if (_random.Next(3) == 0) matcher["isEqual"] = _random.Next(2) == 0;
            matchers.Add(matcher);
        }
        var (start, end) = _random.Next(6) switch { 0 => (30, 90), 1 => (90, 30), 2 => (-90, -30), _ => (-60, 30 + _random.Next(500)) };
        var silence = new JsonObject { ["matchers"] = matchers, ["startsAt"] = Minutes(start), ["endsAt"] = Minutes(end), ["createdBy"] = Pick("camille", ""), ["comment"] = Pick("upgrade", "", "été \"x\"") };
        if (isUpdate) silence["id"] = _random.Next(10) == 0 ? Pick("no-uuid", "00000000-0000-0000-0000-000000000001", "") : "{0}";
        if (_random.Next(8) == 0) silence.Remove(Pick("matchers", "startsAt", "endsAt", "createdBy", "comment"));
        if (_random.Next(12) == 0 && silence["matchers"] is JsonArray { Count: > 0 } some) ((JsonObject)some[0]!).Remove(Pick("name", "value", "isRegex"));
        if (_random.Next(20) == 0) silence["matchers"] = new JsonArray();
        if (_random.Next(12) == 0)
            silence[Pick("matchers", "startsAt", "endsAt", "createdBy", "comment", "id")] = Pick<Func<JsonNode?>>(() => 5, () => true, () => new JsonObject(), () => new JsonArray(), () => new JsonArray(5), () => new JsonArray("x"), () => new JsonArray(new JsonObject()), () => null, () => Pick(_times))();
        return _random.Next(25) == 0 ? Cut(Bytes(silence)) : Bytes(silence);
    }

    private JsonObject Alert()
    {
        var labels = new JsonObject { ["alertname"] = Pick("Down", "Slow", "Full"), ["service"] = Pick("mail", "wiki", "chat") };
        for (var i = _random.Next(3); i > 0; i--) labels[Pick(_names[2..])] = Pick(_values);
        var alert = new JsonObject { ["labels"] = labels };
        if (_random.Next(2) == 0) alert["annotations"] = new JsonObject { ["summary"] = Pick(_values), ["description"] = Pick("a", "b") };
        if (_random.Next(3) == 0) alert["generatorURL"] = Pick("http://prometheus.example.org/graph?g0.expr=up", "https://x.example.org/é");
        switch (_random.Next(8))
        {
            case 0: alert["startsAt"] = Minutes(-_random.Next(5, 500)); break;
            case 1: (alert["startsAt"], alert["endsAt"]) = (Minutes(-_random.Next(5, 500)), Minutes(_random.Next(10, 300))); break;
            case 2: alert["endsAt"] = Minutes(_random.Next(10, 300)); break;
            case 3: (alert["startsAt"], alert["endsAt"]) = (Minutes(-_random.Next(100, 500)), Minutes(-_random.Next(5, 90))); break; // over
            case 4: alert["startsAt"] = Minutes(_random.Next(10, 100)); alert["endsAt"] = Minutes(_random.Next(200, 300)); break; // to come
        }
        return alert;
    }

    private byte[] Cut(byte[] body) => body[.._random.Next(1, body.Length)];

    private T Pick<T>(params T[] some) => some[_random.Next(some.Length)];

    private static string Minutes(int fromNow)
    {
        var now = TimeProvider.System.GetUtcNow();
        return new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, now.Minute, 0, TimeSpan.Zero).AddMinutes(fromNow).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
    }

    private static byte[] Bytes(JsonNode json) => JsonSerializer.SerializeToUtf8Bytes(json);
}
