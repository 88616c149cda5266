using System.Globalization;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Notifications.Channels;

/// <summary>
/// A Mattermost, by one of two doors: an incoming webhook, which only posts; or a bot's token, with which one incident is one thread whose first post
/// is kept current, people are written to directly, and buttons work (Mattermost's REST API v4, and interactive messages).
/// </summary>
public sealed record MattermostSettings : IChecked
{
    /// <summary>Of the incoming webhook: <c>https://team.example.org/hooks/…</c>. It is a key.</summary>
    public Secret? Url { get; init; }

    /// <summary>Where the server is, for a bot: <c>https://team.example.org</c>.</summary>
    [Setting(MaxLength = 500, Example = "https://team.example.org")]
    public string? Server { get; init; }

    /// <summary>The bot's access token.</summary>
    public Secret? Token { get; init; }

    /// <summary>For a bot: id of the channel it posts to. For a webhook: a name, if not its own.</summary>
    [Setting(MaxLength = 100)]
    public string? Room { get; init; }

    public MessageLanguage Language { get; init; } = MessageLanguage.Fr;

    internal bool IsBot => Token is { IsEmpty: false };

    public IEnumerable<FieldError> Check()
    {
        if (IsBot == Url is { IsEmpty: false }) yield return new("url", Phrase.Of("mattermost.one_door"));
        else if (!IsBot && !HttpSending.IsUrl(Url!.Reveal())) yield return new("url", Phrase.Of("http.not_a_url"));
        if (IsBot && !HttpSending.IsUrl(Server)) yield return new("server", Phrase.Of("http.not_a_url"));
        if (IsBot && string.IsNullOrEmpty(Room)) yield return new("room", Phrase.Of("input.required"));
    }
}

public sealed class MattermostChannel(LinkSigner signer) : IChannel
{
    /// <summary>What begins the address of a person; without it stands a room.</summary>
    private const string Direct = "@";

    // Of a post, as the server has it (16,383) less what surrounds the text.
    private const int LongestText = 12_000;

    public string Kind => "mattermost";

    public Type SettingsType => typeof(MattermostSettings);

    public IReadOnlyList<Recipient> Recipients(object settings)
    {
        var mattermost = (MattermostSettings)settings;
        return [new(mattermost.Room is { Length: > 0 } room ? room : "webhook", Words.Of(mattermost.Language))];
    }

    public string? AddressOf(object settings, Person person) => person.Contacts.Mattermost is { Length: > 0 } name ? Direct + name : null;

    public MessagePreview Show(object settings, Message message) =>
        new(message.Title, Cut(message.Body), [.. ((MattermostSettings)settings).IsBot ? message.Actions.Select(a => a.Label) : []]) { Facts = message.Facts };

    public bool CanUpdate(object settings) => ((MattermostSettings)settings).IsBot;

    public Task<SendOutcome> SendAsync(object settings, string recipient, Message message, CancellationToken cancel) =>
        (MattermostSettings)settings is { IsBot: true } bot ? PostAsync(bot, recipient, message, cancel) : HookAsync((MattermostSettings)settings, recipient, message, cancel);

    public Task<SendOutcome> UpdateAsync(object settings, string recipient, string reference, Message message, CancellationToken cancel)
    {
        var bot = (MattermostSettings)settings;
        var body = new { id = reference, message = "", props = new { attachments = new[] { Attachment(bot, message) } } };
        return HttpSending.SendAsync(HttpSending.Json(HttpMethod.Put, $"{Server(bot)}/api/v4/posts/{Uri.EscapeDataString(reference)}/patch", body, bot.Token), cancel, null, bot.Token);
    }

    private Task<SendOutcome> HookAsync(MattermostSettings hook, string recipient, Message message, CancellationToken cancel)
    {
        var body = new Dictionary<string, object?>(StringComparer.Ordinal) { ["text"] = message.Brief, ["attachments"] = new[] { Attachment(hook, message) } };
        if (recipient.StartsWith(Direct, StringComparison.Ordinal) || hook.Room is { Length: > 0 }) body["channel"] = recipient;
        return HttpSending.SendAsync(HttpSending.Json(HttpMethod.Post, hook.Url!.Reveal(), body), cancel, null, hook.Url);
    }

    private async Task<SendOutcome> PostAsync(MattermostSettings bot, string recipient, Message message, CancellationToken cancel)
    {
        var room = recipient;
        if (recipient.StartsWith(Direct, StringComparison.Ordinal))
        {
            var found = await DirectRoomAsync(bot, recipient[Direct.Length..], cancel);
            if (found.Reference is not { } direct) return found;
            room = direct;
        }
        var isReply = message.Root is not null;
        object body = isReply
            ? new { channel_id = room, root_id = message.Root, message = message.Brief }
            : new { channel_id = room, message = "", props = new { attachments = new[] { Attachment(bot, message) } } };
        return await HttpSending.SendAsync(HttpSending.Json(HttpMethod.Post, $"{Server(bot)}/api/v4/posts", body, bot.Token), cancel, answer =>
            HttpSending.TextIn(answer, "id") is { } id ? new(true, Phrase.Of("mattermost.posted")) { Reference = isReply ? message.Root : id } : new(false, Phrase.Of("mattermost.no_post")), bot.Token);
    }

    /// <summary>The room in which the bot and one person speak; its id is the outcome's reference.</summary>
    private static async Task<SendOutcome> DirectRoomAsync(MattermostSettings bot, string name, CancellationToken cancel)
    {
        var ids = new List<string>();
        foreach (var who in new[] { "me", "username/" + Uri.EscapeDataString(name) })
        {
            var found = await HttpSending.SendAsync(Get(bot, $"/api/v4/users/{who}"), cancel, a => new(true, Phrase.Of("mattermost.posted")) { Reference = HttpSending.TextIn(a, "id") }, bot.Token);
            if (found.Reference is not { } id) return found with { Sent = false };
            ids.Add(id);
        }
        return await HttpSending.SendAsync(HttpSending.Json(HttpMethod.Post, $"{Server(bot)}/api/v4/channels/direct", ids, bot.Token), cancel, a => new(HttpSending.TextIn(a, "id") is not null, Phrase.Of("mattermost.no_post")) { Reference = HttpSending.TextIn(a, "id") }, bot.Token);
    }

    private static HttpRequestMessage Get(MattermostSettings bot, string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, Server(bot) + path);
        request.Headers.Authorization = new("Bearer", bot.Token!.Reveal());
        return request;
    }

    private static string Server(MattermostSettings bot) => bot.Server!.TrimEnd('/');

    /// <summary>Title, facts, text and buttons; what people wrote is escaped, so that nobody is called by an alert's text.</summary>
    private object Attachment(MattermostSettings settings, Message message) => new
    {
        fallback = message.Subject,
        color = message.Tone switch { MessageTone.Good => "#2e7d32", MessageTone.Uneasy => "#b26a00", _ => "#c62828" },
        title = Escape(message.Title),
        title_link = message.Url,
        text = Escape(Cut(message.Body)),
        fields = message.Facts.Select(f => new { @short = f.Value.Length < 40, title = Escape(f.Label), value = Escape(f.Value) }),
        actions = settings.IsBot ? message.Actions.Select(a => new
        {
            id = a.Id.Replace("_", "", StringComparison.Ordinal), // letters and digits only, else the server drops it
            name = a.Label,
            type = "button",
            style = a.Id == MessageAction.Acknowledge ? "primary" : "default",
            integration = new { url = $"{message.PublicUrl}/hooks/mattermost/{Uri.EscapeDataString(message.Channel)}", context = ContextOf(signer, message, a.Id) },
        }) : [],
    };

    private static string Cut(string text) => text.Length > LongestText ? text[..LongestText] + "…" : text;

    /// <summary>What comes back with a click. Mattermost keeps it from its users; the signature says that it is ours.</summary>
    private static object ContextOf(LinkSigner signer, Message message, string action) => new
    {
        action,
        incident = message.Incident,
        expires = message.ActionsUntil.ToUnixTimeSeconds(),
        revision = message.Revision,
        token = signer.Sign(Signed(message.Channel, message.Incident ?? 0, action, message.ActionsUntil.ToUnixTimeSeconds(), message.Revision)),
    };

    /// <summary>The text that a button's token signs.</summary>
    public static string Signed(string channel, long incident, string action, long expires, long revision) => string.Create(CultureInfo.InvariantCulture, $"mattermost:{channel}:{incident}:{action}:{expires}:{revision}");

    /// <summary>No mention, link or heading comes out of somebody's text.</summary>
    internal static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("@", "@\u200B", StringComparison.Ordinal)
        .Replace("[", "\\[", StringComparison.Ordinal).Replace("![", "\\![", StringComparison.Ordinal).Replace("<", "\\<", StringComparison.Ordinal).Replace("#", "\\#", StringComparison.Ordinal).Replace("~", "\\~", StringComparison.Ordinal);
}
