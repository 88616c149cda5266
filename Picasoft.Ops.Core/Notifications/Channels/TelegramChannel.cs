using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Notifications.Channels;

/// <summary>A Telegram bot (Bot API, sendMessage). Later messages of an incident answer the first one.</summary>
public sealed record TelegramSettings : IChecked
{
    [Setting(Required = true)]
    public Secret Token { get; init; } = new("");

    /// <summary>Number of the chat.</summary>
    [Setting(Required = true, MaxLength = 64, Example = "-1001234567890")]
    public string Chat { get; init; } = "";

    /// <summary>Of another Bot API server.</summary>
    [Setting(MaxLength = 500)]
    public string Server { get; init; } = "https://api.telegram.org";

    public MessageLanguage Language { get; init; } = MessageLanguage.Fr;

    public IEnumerable<FieldError> Check()
    {
        if (!HttpSending.IsUrl(Server)) yield return new("server", Phrase.Of("http.not_a_url"));
        if (!Token.Reveal().All(c => char.IsAsciiLetterOrDigit(c) || c is ':' or '-' or '_')) yield return new("token", Phrase.Of("telegram.bad_token"));
    }
}

public sealed class TelegramChannel : IChannel
{
    public string Kind => "telegram";

    public Type SettingsType => typeof(TelegramSettings);

    public IReadOnlyList<Recipient> Recipients(object settings) => [new(((TelegramSettings)settings).Chat, Words.Of(((TelegramSettings)settings).Language))];

    public string? AddressOf(object settings, Person person) => person.Contacts.Telegram;

    public MessagePreview Show(object settings, Message message) => new(message.Title, $"{message.Short}\n{message.Url}", [.. HasButton(message) ? [message.AcknowledgeLabel] : Array.Empty<string>()]);

    public Task<SendOutcome> SendAsync(object settings, string recipient, Message message, CancellationToken cancel)
    {
        var telegram = (TelegramSettings)settings;
        var body = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["chat_id"] = recipient,
            ["text"] = $"<b>{E(message.Title)}</b>\n{E(message.Short)}\n<a href=\"{E(message.Url)}\">{E(message.Url)}</a>",
            ["parse_mode"] = "HTML",
            ["link_preview_options"] = new { is_disabled = true },
        };
        if (message.Root is { } root) body["reply_parameters"] = new { message_id = long.Parse(root, System.Globalization.CultureInfo.InvariantCulture), allow_sending_without_reply = true };
        if (HasButton(message)) body["reply_markup"] = new { inline_keyboard = new[] { new[] { new { text = message.AcknowledgeLabel, url = message.AcknowledgeUrl } } } };
        return HttpSending.SendAsync(HttpSending.Json(HttpMethod.Post, $"{telegram.Server.TrimEnd('/')}/bot{telegram.Token.Reveal()}/sendMessage", body), cancel, answer =>
            HttpSending.TextIn(answer, "result", "message_id") is { } id ? new(true, Phrase.Of("http.accepted", new Uri(telegram.Server).Authority, 200)) { Reference = message.Root ?? id } : new(false, Phrase.Of("telegram.no_message")), telegram.Token);
    }

    // Telegram refuses a button to anything but https.
    private static bool HasButton(Message message) => message.AcknowledgeUrl?.StartsWith("https://", StringComparison.Ordinal) == true;

    private static string E(string text) => System.Net.WebUtility.HtmlEncode(text);
}
