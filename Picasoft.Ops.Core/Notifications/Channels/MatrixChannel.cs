using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Notifications.Channels;

/// <summary>A room in Matrix (client-server API v3). One incident is one thread; a message is sent once whatever is tried again, by its transaction id.</summary>
public sealed record MatrixSettings : IChecked
{
    [Setting(Required = true, MaxLength = 500, Example = "https://matrix.example.org")]
    public string Server { get; init; } = "";

    [Setting(Required = true)]
    public Secret Token { get; init; } = new("");

    /// <summary>The bot must be in it.</summary>
    [Setting(Required = true, MaxLength = 255, Example = "!abc:example.org")]
    public string Room { get; init; } = "";

    public MessageLanguage Language { get; init; } = MessageLanguage.Fr;

    public IEnumerable<FieldError> Check()
    {
        if (!HttpSending.IsUrl(Server)) yield return new("server", Phrase.Of("http.not_a_url"));
        if (Room.Length < 2 || Room[0] != '!') yield return new("room", Phrase.Of("matrix.bad_room"));
    }
}

public sealed class MatrixChannel : IChannel
{
    public string Kind => "matrix";

    public Type SettingsType => typeof(MatrixSettings);

    public IReadOnlyList<Recipient> Recipients(object settings) => [new(((MatrixSettings)settings).Room, Words.Of(((MatrixSettings)settings).Language))];

    public MessagePreview Show(object settings, Message message) => new(message.Title, $"{message.Short}\n{message.Url}");

    public Task<SendOutcome> SendAsync(object settings, string recipient, Message message, CancellationToken cancel)
    {
        var matrix = (MatrixSettings)settings;
        var body = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["msgtype"] = "m.text",
            ["body"] = $"{message.Title}\n\n{message.Short}\n{message.Url}",
            ["format"] = "org.matrix.custom.html",
            ["formatted_body"] = $"<strong>{E(message.Title)}</strong><br>{E(message.Short).Replace("\n", "<br>", StringComparison.Ordinal)}<br><a href=\"{E(message.Url)}\">{E(message.Url)}</a>",
        };
        if (message.Root is { } root) body["m.relates_to"] = new { rel_type = "m.thread", event_id = root };
        var url = $"{matrix.Server.TrimEnd('/')}/_matrix/client/v3/rooms/{Uri.EscapeDataString(recipient)}/send/m.room.message/{Uri.EscapeDataString(message.Id)}";
        return HttpSending.SendAsync(HttpSending.Json(HttpMethod.Put, url, body, matrix.Token), cancel, answer =>
            HttpSending.TextIn(answer, "event_id") is { } id ? new(true, Phrase.Of("http.accepted", new Uri(url).Authority, 200)) { Reference = message.Root ?? id } : new(false, Phrase.Of("matrix.no_event")), matrix.Token);
    }

    private static string E(string text) => System.Net.WebUtility.HtmlEncode(text);
}
