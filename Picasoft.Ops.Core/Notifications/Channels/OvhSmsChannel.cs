using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Notifications.Channels;

/// <summary>Text messages through OVHcloud's API, each request signed with the application's secret and the consumer key.</summary>
public sealed record OvhSmsSettings : IChecked
{
    /// <summary>Name of the SMS account: <c>sms-ab1234-1</c>.</summary>
    [Setting(Required = true, MaxLength = 100, Example = "sms-ab1234-1")]
    public string Account { get; init; } = "";

    [Setting(Required = true)]
    public Secret ApplicationKey { get; init; } = new("");

    [Setting(Required = true)]
    public Secret ApplicationSecret { get; init; } = new("");

    [Setting(Required = true)]
    public Secret ConsumerKey { get; init; } = new("");

    /// <summary>Numbers in international form.</summary>
    [Setting(MaxLength = 20, Example = "+33612345678")]
    public IReadOnlyList<string> To { get; init; } = [];

    /// <summary>A sender that OVH knows; null: one that can be answered.</summary>
    [Setting(MaxLength = 11)]
    public string? Sender { get; init; }

    [Setting(MaxLength = 500)]
    public string Server { get; init; } = "https://eu.api.ovh.com/1.0";

    public MessageLanguage Language { get; init; } = MessageLanguage.Fr;

    public IEnumerable<FieldError> Check()
    {
        if (!HttpSending.IsUrl(Server)) yield return new("server", Phrase.Of("http.not_a_url"));
        foreach (var (index, to) in To.Index())
            if (!IsNumber(to)) yield return new(string.Create(CultureInfo.InvariantCulture, $"to[{index}]"), Phrase.Of("sms.bad_number", to));
    }

    internal static bool IsNumber(string text) => text.Length is > 6 and <= 16 && text[0] == '+' && text.Skip(1).All(char.IsAsciiDigit);
}

public sealed class OvhSmsChannel(TimeProvider time) : IChannel
{
    public string Kind => "sms_ovh";

    public Type SettingsType => typeof(OvhSmsSettings);

    public IReadOnlyList<Recipient> Recipients(object settings) => [.. ((OvhSmsSettings)settings).To.Select(t => new Recipient(t, Words.Of(((OvhSmsSettings)settings).Language)))];

    public string? AddressOf(object settings, Person person) => person.Contacts.Phone is { } phone && OvhSmsSettings.IsNumber(phone) ? phone : null;

    public MessagePreview Show(object settings, Message message) => new(null, message.Sms);

    public Task<SendOutcome> SendAsync(object settings, string recipient, Message message, CancellationToken cancel)
    {
        var ovh = (OvhSmsSettings)settings;
        var url = $"{ovh.Server.TrimEnd('/')}/sms/{Uri.EscapeDataString(ovh.Account)}/jobs";
        var body = JsonSerializer.Serialize(new { receivers = new[] { recipient }, message = message.Sms, priority = "high", noStopClause = true, senderForResponse = ovh.Sender is null, sender = ovh.Sender ?? "" });
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        var at = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        request.Headers.Add("X-Ovh-Application", ovh.ApplicationKey.Reveal());
        request.Headers.Add("X-Ovh-Consumer", ovh.ConsumerKey.Reveal());
        request.Headers.Add("X-Ovh-Timestamp", at);
        request.Headers.Add("X-Ovh-Signature", Signature(ovh, "POST", url, body, at));
        return HttpSending.SendAsync(request, cancel, answer => Judge(answer, recipient), ovh.ApplicationKey, ovh.ApplicationSecret, ovh.ConsumerKey);
    }

    /// <summary>OVH's: <c>$1$</c> and SHA-1 over secret, consumer, method, address, body and time. SHA-1 is theirs, not ours.</summary>
    public static string Signature(OvhSmsSettings ovh, string method, string url, string body, string at) =>
#pragma warning disable CA5350
        "$1$" + Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes($"{ovh.ApplicationSecret.Reveal()}+{ovh.ConsumerKey.Reveal()}+{method}+{url}+{body}+{at}")));
#pragma warning restore CA5350

    /// <summary>A 200 may still name the number as one that cannot be reached.</summary>
    private static SendOutcome Judge(string answer, string recipient)
    {
        try
        {
            using var json = JsonDocument.Parse(answer);
            if (json.RootElement.TryGetProperty("invalidReceivers", out var invalid) && invalid.EnumerateArray().Any()) return new(false, Phrase.Of("sms.bad_number", recipient), Permanent: true);
            return new(true, Phrase.Of("sms.accepted"));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) { return new(true, Phrase.Of("sms.accepted")); }
    }
}
