using System.Text.Json;
using System.Text.RegularExpressions;

namespace Picasoft.Ops.Tests.Drills;

/// <summary>Text at the end of a pad, through the one address.</summary>
internal sealed partial class PadWriter(string key) : Writer("etherpad", 2, TimeSpan.FromMilliseconds(400))
{
    private const string Pad = "drill";
    private readonly HttpClient _client = new() { BaseAddress = new($"http://{Network.VirtualAddress}:9001"), Timeout = TimeSpan.FromSeconds(3) };

    /// <summary>It starts anew wherever it moves to; node needs its seconds.</summary>
    public override TimeSpan Limit(bool isPlanned) => TimeSpan.FromSeconds(20);

    public override async Task<bool> TryCreateAsync(CancellationToken cancel)
    {
        try { return await CallAsync("createPad", [("text", "drill\n")], cancel) is { ValueKind: not JsonValueKind.Undefined }; }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or JsonException or InvalidOperationException) { return e.Message.Contains("already exist", StringComparison.Ordinal); }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _client.Dispose();
        base.Dispose(disposing);
    }

    protected override async Task<bool> WriteAsync(int hand, long id, CancellationToken cancel)
    {
        await CallAsync("appendText", [("text", $"[{id}]\n")], cancel);
        return true;
    }

    protected override async Task<IReadOnlySet<long>> PresentAsync(CancellationToken cancel)
    {
        var text = (await CallAsync("getText", [], cancel)).GetProperty("text").GetString()!;
        return Token().Matches(text).Select(m => long.Parse(m.Groups["id"].ValueSpan)).ToHashSet();
    }

    private async Task<JsonElement> CallAsync(string name, (string Name, string Value)[] more, CancellationToken cancel)
    {
        using var form = new FormUrlEncodedContent(more.Append(("apikey", key)).Append(("padID", Pad)).Select(m => KeyValuePair.Create(m.Item1, m.Item2)));
        using var answer = await _client.PostAsync($"/api/1.2.13/{name}", form, cancel);
        var text = await answer.Content.ReadAsStringAsync(cancel);
        var json = JsonDocument.Parse(text).RootElement;
        if (json.GetProperty("code").GetInt32() != 0) throw new InvalidOperationException(text);
        return json.GetProperty("data");
    }

    [GeneratedRegex(@"\[(?<id>\d+)\]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Token();
}
