using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Notifications.Channels;

/// <summary>Text messages to the owner of a Free Mobile line, free of charge (the option "Notifications par SMS"): only ever to that one line.</summary>
public sealed record FreeMobileSettings : IChecked
{
    /// <summary>Login of the line's account.</summary>
    [Setting(Required = true, MaxLength = 20)]
    public string User { get; init; } = "";

    [Setting(Required = true)]
    public Secret Pass { get; init; } = new("");

    [Setting(MaxLength = 500)]
    public string Url { get; init; } = "https://smsapi.free-mobile.fr/sendmsg";

    public MessageLanguage Language { get; init; } = MessageLanguage.Fr;

    public IEnumerable<FieldError> Check()
    {
        if (!HttpSending.IsUrl(Url)) yield return new("url", Phrase.Of("http.not_a_url"));
    }
}

public sealed class FreeMobileChannel : IChannel
{
    public string Kind => "sms_free_mobile";

    public Type SettingsType => typeof(FreeMobileSettings);

    public IReadOnlyList<Recipient> Recipients(object settings) => [new(((FreeMobileSettings)settings).User, Words.Of(((FreeMobileSettings)settings).Language))];

    public MessagePreview Show(object settings, Message message) => new(null, message.Sms);

    public async Task<SendOutcome> SendAsync(object settings, string recipient, Message message, CancellationToken cancel)
    {
        var free = (FreeMobileSettings)settings;
        using var request = HttpSending.Json(HttpMethod.Post, free.Url, new { user = free.User, pass = free.Pass.Reveal(), msg = message.Sms });
        var outcome = await HttpSending.SendAsync(request, cancel, null, free.Pass);
        // Its own words for its own codes: 402 too many at once, 403 the option is off or the key wrong.
        return outcome.Words is { Key: "http.refused", Args: [_, "402", ..] } ? new(false, Phrase.Of("http.too_many", "Free Mobile"), NotBefore: TimeSpan.FromMinutes(1)) : outcome;
    }
}
