using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Compat.Alertmanager;

/// <summary>A way in which we differ on purpose: a row of docs/alertmanager.md.</summary>
/// <param name="Row">The first words of the row.</param>
/// <param name="Holds">Whether this is that difference.</param>
public sealed record Difference(string Row, Func<Exchange, bool> Holds);

/// <summary>One request, and what both answered.</summary>
public sealed record Exchange(string Method, string Path, byte[]? Body, int Theirs, string TheirText, int Ours, string OurText)
{
    public string BodyText => Body is null ? "" : Encoding.UTF8.GetString(Body);
}

/// <summary>Asks Debian's Alertmanager and the product the same, and compares the answers.</summary>
public sealed partial class Judge(Uri theirs, Uri ours, string token) : IDisposable
{
    private const string ByTheClock = "by the clock";

    private readonly HttpClient _theirs = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = theirs };
    private readonly HttpClient _ours = NewOurs(ours, token);
    private readonly Dictionary<string, string> _silences = [];
    private static readonly TimeSpan _clocks = TimeSpan.FromSeconds(15);
    private readonly HashSet<string> _used = [];
    private readonly HashSet<string> _ended = [];
    private readonly HashSet<DateTimeOffset> _written = [];

    /// <summary>Silences by the number we gave them: their identity there and here.</summary>
    public List<(string Theirs, string Ours)> Silences { get; } = [];

    /// <summary>The differences that were met.</summary>
    public IReadOnlySet<string> Used => _used;

    public int Asked { get; private set; }

    /// <param name="path">May hold <c>{0}</c> for a silence; so may the body.</param>
    /// <param name="silence">Which, of <see cref="Silences"/>.</param>
    public async Task<Exchange> AskAsync(string method, string path, byte[]? body = null, int? silence = null, string type = "application/json")
    {
        Asked++;
        if (method == "POST" && path == "/api/v2/alerts") NoteEnds(body);
        foreach (var written in body is null ? [] : WrittenTime().Matches(Encoding.UTF8.GetString(body)).Select(m => m.Value))
            if (DateTimeOffset.TryParse(written, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) _written.Add(time);
        var (their, our) = silence is { } number ? Silences[number] : ("", "");
        var (theirStatus, theirText) = await SendAsync(_theirs, method, Named(path, their), Named(body, their), type);
        var (ourStatus, ourText) = await SendAsync(_ours, method, Named(path, our), Named(body, our), type);
        if (theirStatus == 200 && ourStatus == 200 && method == "POST" && path.Contains("/silences", StringComparison.Ordinal)) Pair(theirText, ourText);
        return new(method, path, body, theirStatus, theirText, ourStatus, ourText);
    }

    /// <summary>"An update that is refused": there it has ended the silence all the same, so ours is ended too, and both go on alike.</summary>
    public async Task EndOursAsync(int silence) => await SendAsync(_ours, "DELETE", $"/api/v2/silence/{Silences[silence].Ours}", null, "");

    /// <summary>Null when the answers are the same, or differ in a way that is known.</summary>
    public string? Compare(Exchange exchange, IEnumerable<Difference> known)
    {
        var said = exchange.Theirs != exchange.Ours ? $"status {exchange.Theirs} there, {exchange.Ours} here\nthere {exchange.TheirText}\nhere  {exchange.OurText}" : Differ(Normal(exchange.TheirText, true), Normal(exchange.OurText, false));
        if (said is null) return null;
        foreach (var difference in known.Where(d => d.Holds(exchange)))
        {
            _used.Add(difference.Row);
            return null;
        }
        return $"{exchange.Method} {exchange.Path} {exchange.BodyText}\n{said}";
    }

    public void Dispose()
    {
        _theirs.Dispose();
        _ours.Dispose();
    }

    private static string? Differ((string Text, List<DateTimeOffset> Times) there, (string Text, List<DateTimeOffset> Times) here)
    {
        if (there.Text != here.Text) return Parting(there.Text, here.Text);
        var far = there.Times.Zip(here.Times).FirstOrDefault(t => (t.First - t.Second).Duration() > _clocks);
        return far == default ? null : $"{far.First:O} there, {far.Second:O} here, in {there.Text}";
    }

    // Of two long answers, where they begin to differ.
    private static string Parting(string there, string here)
    {
        var at = there.AsSpan().CommonPrefixLength(here);
        var from = Math.Max(0, at - 300);
        return $"there …{there[from..Math.Min(there.Length, at + 300)]}\nhere  …{here[from..Math.Min(here.Length, at + 300)]}";
    }

    /// <summary>The answer without what must differ: identities by number, times to some seconds, the words of a parser after "because".</summary>
    private (string Text, List<DateTimeOffset> Times) Normal(string text, bool isTheirs)
    {
        try { text = text.Length == 0 ? "" : Normal(JsonNode.Parse(text), isTheirs)?.ToJsonString() ?? "null"; }
        catch (System.Text.Json.JsonException) { }
        // Taken out when all stands in its order: two times that are compared are of the same thing.
        return (ClockTime().Replace(text, ByTheClock), [.. ClockTime().Matches(text).Select(m => DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(m.ValueSpan[(ByTheClock.Length + 1)..], CultureInfo.InvariantCulture)))]);
    }

    private JsonNode? Normal(JsonNode? node, bool isTheirs) => node switch
    {
        JsonObject map => new JsonObject(map.Where(p => p.Key is not ("mutedBy" or "routeLabels") && !(p.Key == "startsAt" && HasEnded(map))).OrderBy(p => p.Key, StringComparer.Ordinal)
            .Select(p => KeyValuePair.Create(p.Key, p.Key == "silencedBy" ? Sorted((JsonArray)p.Value!, isTheirs) : p.Key == "labels" || p.Key == "annotations" ? Filled((JsonObject)p.Value!) : Normal(p.Value, isTheirs)))),
        JsonArray list => Settled([.. list.Select(i => Normal(i, isTheirs))]),
        JsonValue value when value.TryGetValue<string>(out var said) => Word(said, isTheirs),
        _ => node?.DeepClone(),
    };

    // "A new firing after an end": its beginning is its own here, so it is not compared.
    private void NoteEnds(byte[]? body)
    {
        try
        {
            foreach (var alert in JsonNode.Parse(body) as JsonArray ?? [])
                if (alert is JsonObject { } map && map["labels"] is JsonObject labels && DateTimeOffset.TryParse((string?)map["endsAt"], CultureInfo.InvariantCulture, out var end) && end < TimeProvider.System.GetUtcNow())
                    _ended.Add(Filled(labels).ToJsonString());
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or InvalidOperationException or FormatException or ArgumentException) { } // a broken one ends nothing
    }

    private bool HasEnded(JsonObject alert) => alert["labels"] is JsonObject labels && _ended.Contains(Filled(labels).ToJsonString());

    // Silences that end, or begin, in the same minute stand in no order there.
    private static JsonArray Settled(JsonNode?[] list)
    {
        for (var from = 0; from < list.Length;)
        {
            var to = from + 1;
            while (to < list.Length && Instant(list[from]) is { } instant && instant == Instant(list[to])) to++;
            Array.Sort(list, from, to - from, Comparer<JsonNode?>.Create((a, b) => to - from == 1 ? 0 : string.CompareOrdinal((string?)a!["id"], (string?)b!["id"])));
            from = to;
        }
        return new(list);
    }

    private static string? Instant(JsonNode? node) =>
        node is JsonObject silence && silence["id"] is not null && (string?)silence["status"]?["state"] is { } state && (string?)silence[state == "pending" ? "startsAt" : "endsAt"] is { } time && !time.StartsWith(ByTheClock, StringComparison.Ordinal) ? state + time : null;

    private JsonArray Sorted(JsonArray list, bool isTheirs) => new([.. list.Select(i => Word((string)i!, isTheirs)).Order(StringComparer.Ordinal).Select(w => (JsonNode)w)]);

    // An annotation without words is none here; see the list of differences.
    private static JsonObject Filled(JsonObject map) => new(map.Where(p => p.Value is JsonValue v && (!v.TryGetValue<string>(out var text) || text.Length > 0)).OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone())));

    private string Word(string said, bool isTheirs)
    {
        if (_silences.TryGetValue((isTheirs ? "there " : "here ") + said, out var number)) return number;
        if (said.IndexOf("failed, because", StringComparison.Ordinal) is > 0 and var at) return said[..at];
        if (said.IndexOf("error parsing regexp", StringComparison.Ordinal) is >= 0 and var from) return said[..from] + "error parsing regexp";
        if (said.Length < 20 || said[4] != '-' || !DateTimeOffset.TryParse(said, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) return said;
        // What somebody wrote must come back as it is; what a server took from its own clock is some milliseconds off, more when the machine is busy: compared apart.
        if (_written.Contains(time)) return time.UtcDateTime.ToString("s", CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{ByTheClock} {time.ToUnixTimeMilliseconds()}");
    }

    private void Pair(string theirText, string ourText)
    {
        var (their, our) = ((string)JsonNode.Parse(theirText)!["silenceID"]!, (string)JsonNode.Parse(ourText)!["silenceID"]!);
        if (_silences.ContainsKey("there " + their) || _silences.ContainsKey("here " + our)) return;
        _silences["there " + their] = _silences["here " + our] = $"silence {Silences.Count}";
        Silences.Add((their, our));
    }

    private static string Named(string text, string id) => text.Replace("{0}", id, StringComparison.Ordinal);

    private static byte[]? Named(byte[]? body, string id) => body is null || id.Length == 0 ? body : Encoding.UTF8.GetBytes(Named(Encoding.UTF8.GetString(body), id));

    private static async Task<(int Status, string Text)> SendAsync(HttpClient client, string method, string path, byte[]? body, string type)
    {
        using var request = new HttpRequestMessage(new(method), path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        }
        try
        {
            using var answer = await client.SendAsync(request);
            return ((int)answer.StatusCode, (await answer.Content.ReadAsStringAsync()).TrimEnd('\n'));
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ResponseEnded)
        {
            return (0, ""); // it crashed on this and closed the connection
        }
    }

    private static HttpClient NewOurs(Uri address, string token)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return client;
    }

    [GeneratedRegex(ByTheClock + " -?[0-9]+", RegexOptions.None, 1000)]
    private static partial Regex ClockTime();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex WrittenTime();
}
