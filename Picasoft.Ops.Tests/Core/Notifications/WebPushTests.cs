using System.Buffers.Binary;
using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Notifications.Channels;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Core.Incidents;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Notifications;

/// <summary>Pushes against a push service that reads them as a browser would: RFC 8291 undone with the browser's keys, and our signature (RFC 8292) verified.</summary>
public sealed class WebPushTests(PostgresFixture postgres)
{
    private static readonly LinkSigner _signer = new(new string('k', 32));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Message Page => new("[Picasoft.Ops] #12 Critical: chat is down", "text", null, "id-1", "thread-1", true, 12)
    {
        Title = "#12 Critical: chat is down",
        Short = "Service: chat",
        Url = "https://ops.example.org/incidents/12",
        AcknowledgeUrl = "https://ops.example.org/a/x",
        Actions = [new(MessageAction.Acknowledge, "I take it")],
        Tone = MessageTone.Bad,
    };

    [Fact]
    public async Task A_browser_can_read_it_its_service_knows_us_and_one_that_is_gone_is_taken_off()
    {
        await using var service = await PushServiceDouble.StartAsync();
        await using var world = await IncidentWorld.CreateAsync(postgres);
        using var phone = new Browser(service.Port, "phone");
        using var desk = new Browser(service.Port, "desk");
        await using (var db = world.CreateDbContext())
        {
            (await db.People.SingleAsync(p => p.Name == "camille", Cancel)).Browsers = [phone.Stored, desk.Stored];
            await db.SaveChangesAsync(Cancel);
        }
        var keys = new PushKeys(_signer);
        var channel = new WebPushChannel(world, keys);
        var settings = new WebPushSettings { Contact = "mailto:ops@example.org", Services = ["127.0.0.1"] };
        await using (var db = world.CreateDbContext())
        {
            Assert.Equal("camille", channel.AddressOf(settings, await db.People.SingleAsync(p => p.Name == "camille", Cancel)));
            Assert.Null(channel.AddressOf(settings, await db.People.SingleAsync(p => p.Name == "sacha", Cancel)));
        }

        Assert.True((await channel.SendAsync(settings, "camille", Page, Cancel)).Sent);
        Assert.Equal(["/desk", "/phone"], service.Seen.Select(s => s.Path).Order());
        var (_, headers, body) = service.Seen.Single(s => s.Path == "/phone");
        var told = JsonDocument.Parse(phone.Read(body)).RootElement;
        Assert.Equal(("#12 Critical: chat is down", "https://ops.example.org/incidents/12", "https://ops.example.org/a/x", "thread-1"),
            (told.GetProperty("title").GetString(), told.GetProperty("url").GetString(), told.GetProperty("acknowledge").GetString(), told.GetProperty("tag").GetString()));
        Assert.Throws<AuthenticationTagMismatchException>(() => desk.Read(body)); // what is for the phone only the phone reads
        Assert.Equal(("aes128gcm", "86400", "high"), (headers["Content-Encoding"], headers["TTL"], headers["Urgency"]));
        AssertSigned(headers["Authorization"], keys.Public, "http://127.0.0.1"); // the library leaves the port out: push services are on 443

        // The phone was reset: its service answers 410. The desk still hears, and the phone is no longer written to.
        service.Status = path => path == "/phone" ? 410 : 201;
        Assert.True((await channel.SendAsync(settings, "camille", Page, Cancel)).Sent);
        await using (var db = world.CreateDbContext()) Assert.Equal(["desk"], (await db.People.AsNoTracking().SingleAsync(p => p.Name == "camille", Cancel)).Browsers.Select(b => b.Name));

        service.Status = _ => 503;
        var failed = await channel.SendAsync(settings, "camille", Page, Cancel);
        Assert.Equal((false, false), (failed.Sent, failed.Permanent));
        Assert.True((await channel.SendAsync(settings, "sacha", Page, Cancel)).Permanent);
    }

    [Fact]
    public async Task Nothing_is_sent_to_an_address_that_is_no_push_service()
    {
        await using var service = await PushServiceDouble.StartAsync();
        await using var world = await IncidentWorld.CreateAsync(postgres);
        using var phone = new Browser(service.Port, "phone");
        await using (var db = world.CreateDbContext())
        {
            (await db.People.SingleAsync(p => p.Name == "camille", Cancel)).Browsers = [phone.Stored];
            await db.SaveChangesAsync(Cancel);
        }
        var outcome = await new WebPushChannel(world, new(_signer)).SendAsync(new WebPushSettings { Contact = "mailto:ops@example.org" }, "*", Page, Cancel);
        Assert.Equal((false, true, "webpush.unknown_service"), (outcome.Sent, outcome.Permanent, outcome.Words.Key));
        Assert.Empty(service.Seen);
    }

    [Theory]
    [InlineData("http://push.example.org/x", true, true)]
    [InlineData("https://fcm.googleapis.com/x", false, true)]
    [InlineData("https://fcm.googleapis.com/x", true, false)]
    public void What_a_browser_says_of_itself_is_looked_at(string endpoint, bool goodKey, bool goodAuth)
    {
        using var browser = new Browser(1, "x");
        var input = new PushBrowserInput { Endpoint = endpoint, P256dh = goodKey ? browser.Stored.P256dh : "AAAA", Auth = goodAuth ? browser.Stored.Auth : "AAAA" };
        Assert.Single(input.Check());
    }

    [Fact]
    public void Every_node_has_the_same_keys_and_another_product_has_others()
    {
        Assert.Equal(new PushKeys(_signer).Public, new PushKeys(new(new string('k', 32))).Public);
        Assert.NotEqual(new PushKeys(_signer).Public, new PushKeys(new(new string('l', 32))).Public);
        Assert.Equal(65, Base64Url.DecodeFromChars(new PushKeys(_signer).Public).Length);
    }

    private static void AssertSigned(string authorization, string publicKey, string audience)
    {
        Assert.StartsWith("vapid ", authorization, StringComparison.Ordinal);
        var parts = authorization["vapid ".Length..].Split(',').Select(p => p.Trim().Split('=', 2)).ToDictionary(p => p[0], p => p[1]);
        Assert.Equal(publicKey, parts["k"]);
        var token = parts["t"].Split('.');
        var point = Base64Url.DecodeFromChars(publicKey);
        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new() { X = point[1..33], Y = point[33..] } });
        Assert.True(key.VerifyData(Encoding.ASCII.GetBytes(token[0] + "." + token[1]), Base64Url.DecodeFromChars(token[2]), HashAlgorithmName.SHA256));
        var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(token[1])).RootElement;
        Assert.Equal((audience, "mailto:ops@example.org"), (claims.GetProperty("aud").GetString(), claims.GetProperty("sub").GetString()));
    }

    /// <summary>What only the browser has.</summary>
    private sealed class Browser : IDisposable
    {
        private readonly ECDiffieHellman _key = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        private readonly byte[] _auth = RandomNumberGenerator.GetBytes(16);

        public Browser(int port, string name) => Stored = new($"http://127.0.0.1:{port}/{name}", Base64Url.EncodeToString(Public), Base64Url.EncodeToString(_auth), name, DateTimeOffset.UnixEpoch);

        public PushBrowser Stored { get; }

        private byte[] Public => _key.ExportParameters(false).Q is var q ? [4, .. q.X!, .. q.Y!] : [];

        /// <summary>RFC 8188 and 8291, one record.</summary>
        public string Read(byte[] body)
        {
            var salt = body[..16];
            Assert.True(BinaryPrimitives.ReadUInt32BigEndian(body.AsSpan(16)) >= body.Length - 21 - body[20]);
            var sender = body[21..(21 + body[20])];
            var sealed_ = body[(21 + body[20])..];
            using var other = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new() { X = sender[1..33], Y = sender[33..] } });
            var shared = _key.DeriveRawSecretAgreement(other.PublicKey);
            var ikm = HKDF.DeriveKey(HashAlgorithmName.SHA256, shared, 32, _auth, [.. "WebPush: info\0"u8, .. Public, .. sender]);
            var key = HKDF.DeriveKey(HashAlgorithmName.SHA256, ikm, 16, salt, "Content-Encoding: aes128gcm\0"u8.ToArray());
            var nonce = HKDF.DeriveKey(HashAlgorithmName.SHA256, ikm, 12, salt, "Content-Encoding: nonce\0"u8.ToArray());
            var plain = new byte[sealed_.Length - 16];
            using var aes = new AesGcm(key, 16);
            aes.Decrypt(nonce, sealed_.AsSpan(0, plain.Length), sealed_.AsSpan(plain.Length), plain);
            var end = Array.FindLastIndex(plain, b => b != 0);
            Assert.Equal(2, plain[end]); // the last record
            return Encoding.UTF8.GetString(plain, 0, end);
        }

        public void Dispose() => _key.Dispose();
    }

    private sealed class PushServiceDouble(WebTarget target) : IAsyncDisposable
    {
        public ConcurrentQueue<(string Path, Dictionary<string, string> Headers, byte[] Body)> Seen { get; } = new();

        public Func<string, int> Status { get; set; } = _ => 201;

        public int Port => target.Port;

        public static async Task<PushServiceDouble> StartAsync()
        {
            var made = new PushServiceDouble(await WebTarget.StartAsync());
            made.Listen();
            return made;
        }

        public ValueTask DisposeAsync() => target.DisposeAsync();

        private void Listen() => target.Answer = async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            var path = context.Request.Path.ToString();
            Seen.Enqueue((path, context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase), body.ToArray()));
            context.Response.StatusCode = Status(path);
        };
    }
}
