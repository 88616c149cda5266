using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Notifications.Channels;

/// <summary>ntfy, of somebody else or one's own: a topic is published to as JSON (docs.ntfy.sh/publish).</summary>
public sealed record NtfySettings : IChecked
{
    [Setting(MaxLength = 500, Example = "https://ntfy.sh")]
    public string Server { get; init; } = "https://ntfy.sh";

    /// <summary>On a public server whoever knows the topic reads it: choose one that nobody guesses.</summary>
    [Setting(Required = true, MaxLength = 64)]
    public string Topic { get; init; } = "";

    public Secret? Token { get; init; }

    public MessageLanguage Language { get; init; } = MessageLanguage.Fr;

    public IEnumerable<FieldError> Check()
    {
        if (!HttpSending.IsUrl(Server)) yield return new("server", Phrase.Of("http.not_a_url"));
        if (!IsTopic(Topic)) yield return new("topic", Phrase.Of("ntfy.bad_topic"));
    }

    internal static bool IsTopic(string text) => text.Length is > 0 and <= 64 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}

public sealed class NtfyChannel : IChannel
{
    public string Kind => "ntfy";

    public Type SettingsType => typeof(NtfySettings);

    public IReadOnlyList<Recipient> Recipients(object settings) => [new(((NtfySettings)settings).Topic, Words.Of(((NtfySettings)settings).Language))];

    public string? AddressOf(object settings, Person person) => person.Contacts.Ntfy is { } topic && NtfySettings.IsTopic(topic) ? topic : null;

    public MessagePreview Show(object settings, Message message) => new(message.Title, message.Short, [.. message.AcknowledgeUrl is null ? [] : new[] { message.AcknowledgeLabel }]);

    public Task<SendOutcome> SendAsync(object settings, string recipient, Message message, CancellationToken cancel)
    {
        var ntfy = (NtfySettings)settings;
        var body = new
        {
            topic = recipient,
            title = message.Title,
            message = message.Short,
            priority = message.Tone switch { MessageTone.Bad => 5, MessageTone.Uneasy => 3, _ => 2 },
            tags = new[] { message.Tone switch { MessageTone.Bad => "rotating_light", MessageTone.Uneasy => "warning", _ => "white_check_mark" } },
            click = message.Url,
            actions = message.AcknowledgeUrl is { } url ? new[] { new { action = "view", label = message.AcknowledgeLabel, url } } : [],
        };
        return HttpSending.SendAsync(HttpSending.Json(HttpMethod.Post, ntfy.Server.TrimEnd('/'), body, ntfy.Token), cancel, null, ntfy.Token);
    }
}
