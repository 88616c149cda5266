using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
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
public sealed class Judge(Uri theirs, Uri ours, string token) : IDisposable
{
    private readonly HttpClient _theirs = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = theirs };
    private readonly HttpClient _ours = NewOurs(ours, token);
    private readonly Dictionary<string, string> _silences = [];
    private readonly HashSet<string> _used = [];

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
        var (their, our) = silence is { } number ? Silences[number] : ("", "");
        var (theirStatus, theirText) = await SendAsync(_theirs, method, Named(path, their), Named(body, their), type);
        var (ourStatus, ourText) = await SendAsync(_ours, method, Named(path, our), Named(body, our), type);
        if (theirStatus == 200 && ourStatus == 200 && method == "POST" && path.Contains("/silences", StringComparison.Ordinal)) Pair(theirText, ourText);
        return new(method, path, body, theirStatus, theirText, ourStatus, ourText);
    }

    /// <summary>Null when the answers are the same, or differ in a way that is known.</summary>
    public string? Compare(Exchange exchange, IEnumerable<Difference> known)
    {
        var said = exchange.Theirs != exchange.Ours ? $"status {exchange.Theirs} there, {exchange.Ours} here" : Normal(exchange.TheirText, true) is var a && Normal(exchange.OurText, false) is var b && a == b ? null : $"there {a}\nhere  {b}";
        if (said is null) return null;
        foreach (var difference in known.Where(d => d.Holds(exchange)))
        {
            _used.Add(difference.Row);
            return null;
        }
        return $"{exchange.Method} {exchange.Path} {exchange.BodyText}\n{said}\nthere {exchange.TheirText}\nhere  {exchange.OurText}";
    }

    public void Dispose()
    {
        _theirs.Dispose();
        _ours.Dispose();
    }

    /// <summary>The answer without what must differ: identities by number, times to some seconds, the words of a parser after "because".</summary>
    private string Normal(string text, bool isTheirs)
    {
        if (text.Length == 0) return "";
        JsonNode? json;
        try { json = JsonNode.Parse(text); }
        catch (System.Text.Json.JsonException) { return text; }
        return Normal(json, isTheirs)?.ToJsonString() ?? "null";
    }

    private JsonNode? Normal(JsonNode? node, bool isTheirs) => node switch
    {
        JsonObject map => new JsonObject(map.Where(p => p.Key is not ("mutedBy" or "routeLabels")).OrderBy(p => p.Key, StringComparer.Ordinal)
            .Select(p => KeyValuePair.Create(p.Key, p.Key == "silencedBy" ? Sorted((JsonArray)p.Value!, isTheirs) : p.Key == "labels" || p.Key == "annotations" ? Filled((JsonObject)p.Value!) : Normal(p.Value, isTheirs)))),
        JsonArray list => new JsonArray([.. list.Select(i => Normal(i, isTheirs))]),
        JsonValue value when value.TryGetValue<string>(out var said) => Word(said, isTheirs),
        _ => node?.DeepClone(),
    };

    private JsonArray Sorted(JsonArray list, bool isTheirs) => new([.. list.Select(i => Word((string)i!, isTheirs)).Order(StringComparer.Ordinal).Select(w => (JsonNode)w)]);

    // An annotation without words is none here; see the list of differences.
    private static JsonObject Filled(JsonObject map) => new(map.Where(p => (string)p.Value! != "").OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone())));

    private string Word(string said, bool isTheirs)
    {
        if (_silences.TryGetValue((isTheirs ? "there " : "here ") + said, out var number)) return number;
        if (said.IndexOf("failed, because", StringComparison.Ordinal) is > 0 and var at) return said[..at];
        if (said.IndexOf("error parsing regexp", StringComparison.Ordinal) is >= 0 and var from) return said[..from] + "error parsing regexp";
        if (said.Length < 20 || said[4] != '-' || !DateTimeOffset.TryParse(said, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) return said;
        // What a server took from its own clock is some milliseconds off. The tests give whole minutes, far enough from now.
        return time.Second == 0 && time.Millisecond == 0 ? time.UtcDateTime.ToString("s", CultureInfo.InvariantCulture) : $"about {Math.Round((time - TimeProvider.System.GetUtcNow()).TotalMinutes, 0)} min";
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
}
