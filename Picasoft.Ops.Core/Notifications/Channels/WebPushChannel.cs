using System.Net;
using System.Text.Json;
using Lib.Net.Http.WebPush;
using Lib.Net.Http.WebPush.Authentication;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Notifications.Channels;

/// <summary>Pushes to browsers (RFC 8030, encrypted by RFC 8291): people switch theirs on, on the page "On call". No app, no account, no phone number.</summary>
public sealed record WebPushSettings : IChecked
{
    /// <summary>Whom push services may write to when something is wrong: an address, or a page.</summary>
    [Setting(Required = true, MaxLength = 200, Example = "mailto:ops@example.org")]
    public string Contact { get; init; } = "";

    /// <summary>Ends of the names of push services that are written to. An address that a browser gives is not followed anywhere else.</summary>
    [Setting(MaxLength = 253)]
    public IReadOnlyList<string> Services { get; init; } = ["fcm.googleapis.com", "push.services.mozilla.com", "push.apple.com", "notify.windows.com"];

    public MessageLanguage Language { get; init; } = MessageLanguage.Fr;

    public IEnumerable<FieldError> Check()
    {
        if (!(Contact.StartsWith("mailto:", StringComparison.Ordinal) && EmailSettings.Address(Contact["mailto:".Length..]) is not null) && !(HttpSending.IsUrl(Contact) && Contact.StartsWith("https:", StringComparison.Ordinal)))
            yield return new("contact", Phrase.Of("webpush.bad_contact", Contact));
        foreach (var (index, name) in Services.Index())
            if (Uri.CheckHostName(name) == UriHostNameType.Unknown) yield return new($"services[{index}]", Phrase.Of("email.not_a_host", name));
    }

    internal bool Knows(string endpoint) => Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.IsLoopback)
        && Services.Any(s => uri.Host.Equals(s, StringComparison.OrdinalIgnoreCase) || uri.Host.EndsWith("." + s, StringComparison.OrdinalIgnoreCase));
}

public sealed class WebPushChannel(IDbContextFactory<OpsDbContext> contexts, PushKeys keys) : IChannel
{
    /// <summary>Address of every browser that is switched on.</summary>
    private const string All = "*";

    // Of one encrypted record push services take 4096 bytes; what surrounds it needs some.
    private const int LongestBody = 1500;

    private static readonly TimeSpan _keep = TimeSpan.FromHours(24);
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(20);

    public string Kind => "webpush";

    public Type SettingsType => typeof(WebPushSettings);

    public IReadOnlyList<Recipient> Recipients(object settings) => [new(All, Words.Of(((WebPushSettings)settings).Language))];

    public string? AddressOf(object settings, Person person) => person.Browsers.Count > 0 ? person.Name : null;

    public MessagePreview Show(object settings, Message message) => new(EmailChannel.OneLine(message.Title, 200), Cut(message.Short), [.. message.AcknowledgeUrl is null ? [] : new[] { message.AcknowledgeLabel }]);

    /// <summary>To each browser of the person; it is told when one of them was. A browser that its service no longer knows is taken off.</summary>
    public async Task<SendOutcome> SendAsync(object settings, string recipient, Message message, CancellationToken cancel)
    {
        var push = (WebPushSettings)settings;
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var people = await db.People.AsNoTracking().Where(p => p.IsActive && (recipient == All || p.Name == recipient)).ToListAsync(cancel);
        var browsers = people.SelectMany(p => p.Browsers.Select(b => (Person: p, Browser: b))).ToList();
        if (browsers.Count == 0) return new(false, Phrase.Of("webpush.no_browser"), Permanent: true);
        using var authentication = new VapidAuthentication(keys.Public, keys.Private) { Subject = push.Contact };
        var body = Payload(message);
        var outcomes = await Task.WhenAll(browsers.Select(async b => (b.Person, b.Browser, Outcome: await PushAsync(push, b.Browser, body, message, authentication, cancel))));
        foreach (var (person, browser, outcome) in outcomes.Where(o => o.Outcome.Words.Key == "webpush.gone")) await ForgetAsync(db, person.Id, browser, cancel);
        var told = outcomes.Count(o => o.Outcome.Sent);
        if (told > 0) return new(true, Phrase.Of("webpush.accepted", told, browsers.Count));
        return outcomes.FirstOrDefault(o => !o.Outcome.Permanent).Outcome ?? outcomes[0].Outcome;
    }

    private static async Task<SendOutcome> PushAsync(WebPushSettings push, PushBrowser browser, string body, Message message, VapidAuthentication authentication, CancellationToken cancel)
    {
        if (!push.Knows(browser.Endpoint)) return new(false, Phrase.Of("webpush.unknown_service", browser.Name), Permanent: true);
        var host = new Uri(browser.Endpoint).Authority;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(_timeout);
        try
        {
            var subscription = new PushSubscription { Endpoint = browser.Endpoint };
            subscription.SetKey(PushEncryptionKeyName.P256DH, browser.P256dh);
            subscription.SetKey(PushEncryptionKeyName.Auth, browser.Auth);
            var what = new PushMessage(body) { TimeToLive = (int)_keep.TotalSeconds, Urgency = message.Tone == MessageTone.Good ? PushMessageUrgency.Normal : PushMessageUrgency.High };
            var client = new PushServiceClient(HttpSending.Client) { AutoRetryAfter = false };
            await client.RequestPushMessageDeliveryAsync(subscription, what, authentication, VapidAuthenticationScheme.Vapid, limit.Token);
            return new(true, Phrase.Of("http.accepted", host, 201));
        }
        catch (PushServiceClientException e)
        {
            return e.StatusCode switch
            {
                HttpStatusCode.NotFound or HttpStatusCode.Gone => new(false, Phrase.Of("webpush.gone", browser.Name), Permanent: true),
                HttpStatusCode.TooManyRequests => new(false, Phrase.Of("http.too_many", host)),
                >= HttpStatusCode.InternalServerError => new(false, Phrase.Of("http.failed", host, (int)e.StatusCode, EmailChannel.OneLine(e.Body ?? ""))),
                _ => new(false, Phrase.Of("http.refused", host, (int)e.StatusCode, EmailChannel.OneLine(e.Body ?? "")), Permanent: true),
            };
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested) { throw; }
        catch (OperationCanceledException) { return new(false, Phrase.Of("http.timeout", host, _timeout)); }
        catch (HttpRequestException e) { return new(false, Phrase.Of("http.unreachable", host, EmailChannel.OneLine(e.Message))); }
        catch (Exception e) when (e is FormatException or System.Security.Cryptography.CryptographicException or ArgumentException) { return new(false, Phrase.Of("webpush.bad_keys", browser.Name), Permanent: true); }
    }

    private static string Cut(string text) => text.Length > LongestBody ? text[..LongestBody] + "…" : text;

    /// <summary>What our service worker reads (<c>sw.js</c>).</summary>
    private static string Payload(Message message) => JsonSerializer.Serialize(new
    {
        title = EmailChannel.OneLine(message.Title, 200),
        body = Cut(message.Short),
        url = message.Url,
        tag = message.Thread,
        urgent = message.Tone == MessageTone.Bad,
        acknowledge = message.AcknowledgeUrl,
        label = message.AcknowledgeUrl is null ? null : message.AcknowledgeLabel,
    });

    private static async Task ForgetAsync(OpsDbContext db, long id, PushBrowser browser, CancellationToken cancel)
    {
        var person = await db.People.SingleAsync(p => p.Id == id, cancel);
        person.Browsers = [.. person.Browsers.Where(b => b.Endpoint != browser.Endpoint)];
        try { await db.SaveChangesAsync(cancel); }
        catch (DbUpdateConcurrencyException) { db.ChangeTracker.Clear(); } // somebody changes the person this moment: the next push finds it gone again
    }
}
