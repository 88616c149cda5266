using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Picasoft.Ops.Core.Notifications.Templates;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Notifications.Channels;

/// <summary>
/// Any program that takes a POST. Signed as Stripe and Standard Webhooks do: HMAC-SHA256 over time and body, so that the other side knows that it is us and when.
/// </summary>
public sealed record WebhookSettings : IChecked
{
    /// <summary>May hold a key, so it is one.</summary>
    [Setting(Required = true)]
    public Secret Url { get; init; } = new("");

    /// <summary>Signs the body: <c>X-Picasoft-Signature: t=TIME,v1=HMAC-SHA256 of "TIME.BODY" in hexadecimal</c>.</summary>
    public Secret? Secret { get; init; }

    public IReadOnlyDictionary<string, Secret> Headers { get; init; } = new Dictionary<string, Secret>(StringComparer.Ordinal);

    /// <summary>The body, with <c>{{ title }}</c> and so on; empty: JSON with everything.</summary>
    [Setting(MaxLength = 20_000, Multiline = true)]
    public string? Template { get; init; }

    [Setting(MaxLength = 100)]
    public string ContentType { get; init; } = "application/json";

    public MessageLanguage Language { get; init; } = MessageLanguage.Fr;

    public IEnumerable<FieldError> Check()
    {
        if (!HttpSending.IsUrl(Url.Reveal())) yield return new("url", Phrase.Of("http.not_a_url"));
        if (!System.Net.Http.Headers.MediaTypeHeaderValue.TryParse(ContentType, out _)) yield return new("content_type", Phrase.Of("webhook.bad_type"));
        if (Template is { Length: > 0 } && MessageTemplate.Check(Template).Refusal is { } refusal) yield return new("template", refusal.Errors[0].Message);
        foreach (var name in Headers.Keys.Where(n => n.Length == 0 || !n.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))) yield return new($"headers.{name}", Phrase.Of("webhook.bad_header"));
    }
}

public sealed class WebhookChannel(TimeProvider time) : IChannel
{
    public string Kind => "webhook";

    public Type SettingsType => typeof(WebhookSettings);

    public bool IsForPeople => false;

    public IReadOnlyList<Recipient> Recipients(object settings) => [new(new Uri(((WebhookSettings)settings).Url.Reveal()).Authority, Words.Of(((WebhookSettings)settings).Language))];

    public MessagePreview Show(object settings, Message message) => new(null, Body((WebhookSettings)settings, message) is var body && body.Refusal is { } refusal ? refusal.Errors[0].Message.In() : body.Value) { IsCode = true };

    private static Outcome<string> Body(WebhookSettings hook, Message message) => hook.Template is { Length: > 0 } template ? MessageTemplate.Render(template, message.ForPrograms()) : OpsJson.Text(message.ForPrograms());

    public Task<SendOutcome> SendAsync(object settings, string recipient, Message message, CancellationToken cancel)
    {
        var hook = (WebhookSettings)settings;
        var body = Body(hook, message);
        if (body.Refusal is { } refusal) return Task.FromResult(new SendOutcome(false, refusal.Errors[0].Message, Permanent: true));
        var request = new HttpRequestMessage(HttpMethod.Post, hook.Url.Reveal()) { Content = new StringContent(body.Value, Encoding.UTF8) };
        request.Content.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse(hook.ContentType);
        // The same for every try: the other side may drop what it has seen.
        request.Headers.TryAddWithoutValidation("Idempotency-Key", message.Id);
        foreach (var (name, value) in hook.Headers) request.Headers.TryAddWithoutValidation(name, value.Reveal());
        if (hook.Secret is { IsEmpty: false } secret) request.Headers.TryAddWithoutValidation("X-Picasoft-Signature", Signature(secret.Reveal(), body.Value, time.GetUtcNow()));
        return HttpSending.SendAsync(request, cancel, null, [hook.Url, hook.Secret, .. hook.Headers.Values]);
    }

    public static string Signature(string secret, string body, DateTimeOffset now)
    {
        var at = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"t={at},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{at}.{body}")))}";
    }
}
