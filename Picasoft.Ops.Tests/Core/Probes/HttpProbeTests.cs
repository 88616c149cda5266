using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Http;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Probes.Kinds;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Probes;

public sealed class HttpProbeTests : IDisposable
{
    private readonly HttpProbe _probe = new(TimeProvider.System);

    [Fact]
    public async Task A_page_that_answers_as_expected_is_up()
    {
        await using var web = await WebTarget.StartAsync(c => c.Response.WriteAsync("""{"status": "OK", "nodes": [{"role": "leader", "lag": 0, "ok": true}]}"""));
        await AssertUp(new()
        {
            Url = web.Url("/ping"),
            Expect = new()
            {
                Status = [200],
                Text = "leader",
                Regex = "\"role\": *\"l.*r\"",
                Json = new Dictionary<string, string> { ["status"] = "OK", ["nodes[0].role"] = "leader", ["nodes[0].lag"] = "0", ["nodes[0].ok"] = "true" },
                Latency = TimeSpan.FromSeconds(20),
            },
        });
    }

    [Fact]
    public async Task An_answer_other_than_expected_is_told_in_words()
    {
        await using var web = await WebTarget.StartAsync(c =>
        {
            c.Response.StatusCode = c.Request.Path == "/503" ? 503 : 200;
            return c.Response.WriteAsync(c.Request.Path == "/html" ? "<html>" : """{"status": "DEGRADED"}""");
        });
        await AssertDown(new() { Url = web.Url("/503") }, "answered 503 instead of 200–299");
        await AssertDown(new() { Url = web.Url("/"), Expect = new() { Status = [301, 302] } }, "answered 200 instead of 301, 302");
        await AssertDown(new() { Url = web.Url("/"), Expect = new() { Text = "Welcome" } }, "text “Welcome” not found in the answer");
        await AssertDown(new() { Url = web.Url("/"), Expect = new() { Regex = "^Welcome" } }, "nothing in the answer matches ^Welcome");
        await AssertDown(new() { Url = web.Url("/"), Expect = Json("status", "OK") }, "JSON: status is DEGRADED instead of OK");
        await AssertDown(new() { Url = web.Url("/"), Expect = Json("nodes[0].role", "leader") }, "JSON: nodes[0].role is missing, expected leader");
        await AssertDown(new() { Url = web.Url("/html"), Expect = Json("status", "OK") }, "the answer is not valid JSON");
    }

    [Fact]
    public async Task An_answer_that_takes_longer_than_allowed_is_down()
    {
        await using var web = await WebTarget.StartAsync();
        Assert.StartsWith("took ", await ReasonOf(new() { Url = web.Url(), Expect = new() { Latency = TimeSpan.FromTicks(1) } }));
    }

    [Fact]
    public async Task Why_nobody_answered_is_told_in_words()
    {
        var closed = RealProgram.FreePort();
        await AssertDown(new() { Url = $"http://127.0.0.1:{closed}/" }, $"connection refused by 127.0.0.1:{closed}");
        await AssertDown(new() { Url = "http://no-such-host.invalid/" }, "DNS name no-such-host.invalid does not exist");
        await AssertDown(new() { Url = "http://127.0.0.1:80/", IpVersion = IpVersion.Ipv6 }, "DNS name 127.0.0.1 has no IPv6 address");
        await AssertDown(new() { Url = "nonsense" }, "not a valid URL");
        using var rude = new RawTarget(_ => []);
        await AssertDown(new() { Url = $"http://127.0.0.1:{rude.Port}/" }, "connection closed before an answer");
        using var smtp = new RawTarget(_ => "220 mail.example.org ESMTP\r\n"u8.ToArray());
        await AssertDown(new() { Url = $"http://127.0.0.1:{smtp.Port}/" }, $"127.0.0.1:{smtp.Port} does not answer with HTTP");
        await AssertDown(new() { Url = $"https://127.0.0.1:{smtp.Port}/" }, $"TLS handshake with 127.0.0.1:{smtp.Port} failed");
        using var endless = new RawTarget(said => said.Length == 0 ? [] : Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nX: " + new string('x', 70_000) + "\r\n\r\n"));
        await AssertDown(new() { Url = $"http://127.0.0.1:{endless.Port}/" }, "the headers of the answer are larger than 64 KiB");
        using var cut = new RawTarget(said => said.Length == 0 ? [] : "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"u8.ToArray());
        await AssertDown(new() { Url = $"http://127.0.0.1:{cut.Port}/" }, "connection closed before an answer");
    }

    [Fact]
    public async Task An_expired_certificate_says_since_when()
    {
        using var certificate = Certificates.For("127.0.0.1", DateTimeOffset.UnixEpoch.AddDays(19_000), TimeProvider.System.GetUtcNow().AddDays(-2).AddMinutes(-5));
        await using var web = await WebTarget.StartAsync(certificate: certificate);
        await AssertDown(new() { Url = web.Url() }, "TLS certificate expired 2 d ago");
        await AssertUp(new() { Url = web.Url(), VerifyTls = false });
    }

    [Fact]
    public async Task A_certificate_for_another_name_says_for_which()
    {
        using var certificate = Certificates.For("other.example.org");
        await using var web = await WebTarget.StartAsync(certificate: certificate);
        await AssertDown(new() { Url = web.Url() }, "TLS certificate is for other.example.org, not 127.0.0.1");
    }

    [Fact]
    public async Task A_certificate_that_nobody_known_signed_is_told_so()
    {
        using var selfSigned = Certificates.For("127.0.0.1");
        await using var one = await WebTarget.StartAsync(certificate: selfSigned);
        await AssertDown(new() { Url = one.Url() }, "TLS certificate is self-signed, not signed by a known authority");

        using var authority = Certificates.For("Our own authority");
        using var signed = Certificates.For("127.0.0.1", signedBy: authority);
        await using var two = await WebTarget.StartAsync(certificate: signed);
        await AssertDown(new() { Url = two.Url() }, "TLS certificate is not signed by a known authority");
    }

    [Fact]
    public async Task Redirects_are_followed_up_to_the_limit_and_take_no_secrets_elsewhere()
    {
        var seen = new List<string>();
        await using var other = await WebTarget.StartAsync(c => { lock (seen) seen.Add("other " + c.Request.Headers["X-Key"]); return c.Response.WriteAsync("there"); });
        await using var web = await WebTarget.StartAsync(c =>
        {
            lock (seen) seen.Add("own " + c.Request.Headers["X-Key"]);
            if (c.Request.Path == "/loop") c.Response.Redirect("/loop");
            else if (c.Request.Path == "/mail") c.Response.Redirect("mailto:ops@example.org");
            else c.Response.Redirect(other.Url());
            return Task.CompletedTask;
        });
        var headers = new Dictionary<string, Secret> { ["X-Key"] = new("s3cret") };
        await AssertUp(new() { Url = web.Url("/away"), Headers = headers, Expect = new() { Text = "there" } });
        Assert.Equal(["own s3cret", "other "], seen);
        await AssertDown(new() { Url = web.Url("/loop"), MaxRedirects = 3 }, "more than 3 redirects");
        await AssertDown(new() { Url = web.Url("/mail") }, "redirected to mailto: neither http nor https");
        await AssertUp(new() { Url = web.Url("/loop"), FollowRedirects = false, Expect = new() { Status = [302] } });
    }

    [Fact]
    public async Task What_is_asked_arrives_as_it_was_written()
    {
        var asked = "";
        await using var web = await WebTarget.StartAsync(async c =>
        {
            using var reader = new StreamReader(c.Request.Body);
            asked = $"{c.Request.Method} {c.Request.ContentType} {c.Request.Headers.Authorization} {await reader.ReadToEndAsync()}";
        });
        await AssertUp(new() { Method = HttpVerb.Post, Url = web.Url(), Body = "{\"é\": 1}", Headers = new Dictionary<string, Secret> { ["Content-Type"] = new("application/json"), ["Authorization"] = new("Bearer abc") } });
        Assert.Equal("POST application/json Bearer abc {\"é\": 1}", asked);
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Every_verb_is_asked_by_its_name(HttpVerb verb)
    {
        var asked = "";
        await using var web = await WebTarget.StartAsync(c => { asked = c.Request.Method; return Task.CompletedTask; });
        await AssertUp(new() { Method = verb, Url = web.Url() });
        Assert.Equal(verb.ToString().ToUpperInvariant(), asked);
    }

    public static TheoryData<HttpVerb> Verbs => [.. Enum.GetValues<HttpVerb>()];

    [Theory]
    [InlineData(301, HttpVerb.Post, "GET ")]
    [InlineData(302, HttpVerb.Post, "GET ")]
    [InlineData(303, HttpVerb.Put, "GET ")]
    [InlineData(303, HttpVerb.Head, "HEAD ")]
    [InlineData(302, HttpVerb.Put, "PUT data")]
    [InlineData(307, HttpVerb.Post, "POST data")]
    [InlineData(308, HttpVerb.Post, "POST data")]
    public async Task A_redirect_is_followed_as_browsers_do(int status, HttpVerb verb, string then)
    {
        var asked = "";
        await using var web = await WebTarget.StartAsync(async c =>
        {
            using var reader = new StreamReader(c.Request.Body);
            asked = $"{c.Request.Method} {await reader.ReadToEndAsync()}";
            if (c.Request.Path != "/from") return;
            c.Response.StatusCode = status;
            c.Response.Headers.Location = "/to";
        });
        await AssertUp(new() { Method = verb, Url = web.Url("/from"), Body = "data" });
        Assert.Equal(then, asked);
    }

    [Fact]
    public async Task It_goes_by_the_version_of_IP_it_is_told_to()
    {
        Assert.SkipUnless(System.Net.Sockets.Socket.OSSupportsIPv6 && File.Exists("/proc/net/if_inet6"), "this machine has no IPv6");
        using var six = new RawTarget(said => said.Length == 0 ? [] : "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"u8.ToArray(), IPAddress.IPv6Loopback);
        var url = $"http://[::1]:{six.Port}/";
        await AssertUp(new() { Url = url });
        await AssertUp(new() { Url = url, IpVersion = IpVersion.Ipv6, Expect = new() { Text = "OK" } });
        await AssertDown(new() { Url = url, IpVersion = IpVersion.Ipv4 }, "DNS name [::1] has no IPv4 address");
        await using var four = await WebTarget.StartAsync();
        await AssertUp(new() { Url = $"http://localhost:{four.Port}/", IpVersion = IpVersion.Ipv4 });
    }

    [Fact]
    public async Task A_certificate_of_tomorrow_says_from_when_on_it_counts()
    {
        using var certificate = Certificates.For("127.0.0.1", TimeProvider.System.GetUtcNow().AddDays(1), TimeProvider.System.GetUtcNow().AddDays(20));
        await using var web = await WebTarget.StartAsync(certificate: certificate);
        Assert.StartsWith("TLS certificate is valid only from ", await ReasonOf(new() { Url = web.Url() }));
    }

    [Fact]
    public async Task An_endless_answer_is_read_only_to_the_limit()
    {
        await using var web = await WebTarget.StartAsync(async c =>
        {
            var block = new byte[64 * 1024];
            while (!c.RequestAborted.IsCancellationRequested) await c.Response.Body.WriteAsync(block, c.RequestAborted);
        });
        await AssertDown(new() { Url = web.Url(), Expect = new() { Text = "end" } }, "text “end” not found in the answer");
    }

    [Theory]
    [InlineData("Connections_of_plain_http_are_new_each_time", false, 2)]
    [InlineData("Connections_of_https_are_kept", true, 1)]
    public async Task Connections(string _, bool tls, int expected)
    {
        var connections = new HashSet<string>();
        using var certificate = tls ? Certificates.For("127.0.0.1") : null;
        await using var web = await WebTarget.StartAsync(c => { lock (connections) connections.Add(c.Connection.Id); return c.Response.WriteAsync("OK"); }, certificate);
        var settings = new HttpSettings { Url = web.Url(), VerifyTls = false };
        await AssertUp(settings);
        await AssertUp(settings);
        Assert.Equal(expected, connections.Count);
        if (!tls) return;
        await AssertUp(settings with { FreshConnection = true });
        Assert.Equal(2, connections.Count);
    }

    /// <summary>nginx keeps sessions and is asked by name, without which nobody takes one up; its log says which handshakes did.</summary>
    [Fact]
    public async Task Every_handshake_is_a_whole_one_and_shows_the_certificate_of_now()
    {
        using var folder = new TempFolder();
        await using var nginx = await Nginx.StartAsync(folder, tls: new("localhost", "$ssl_session_reused"));
        for (var i = 0; i < 3; i++) await AssertUp(new() { Url = $"https://localhost:{nginx.TlsPort}/", VerifyTls = false, FreshConnection = true, IpVersion = IpVersion.Ipv4 });
        await Eventually.TrueAsync(async () => (await File.ReadAllLinesAsync(folder["tls.log"])).Length == 3, "all three are logged");
        Assert.Equal([".", ".", "."], await File.ReadAllLinesAsync(folder["tls.log"]));
    }

    [Fact]
    public void The_target_shows_neither_user_nor_query() =>
        Assert.Equal("https://example.org:8443/ping", ((IProbe)_probe).Target(new HttpSettings { Url = "https://user:pass@example.org:8443/ping?key=s3cret#x" }));

    [Theory]
    [InlineData("ftp://example.org", "url")]
    [InlineData("https://user:pass@example.org", "url")]
    [InlineData("https://example.org", "expect.regex", "(a)\\1")]
    public void What_cannot_work_is_refused_when_it_is_written(string url, string field, string? regex = null)
    {
        var input = new InputMap([new("url", new InputScalar(url, false, null), null), new("expect", new InputMap([new("regex", new InputScalar(regex, false, null), null)], null), null)], null);
        Assert.Equal([field], InputReader.Read<HttpSettings>(input).Refusal!.Errors.Select(e => e.Field));
    }

    private static HttpExpectation Json(string path, string value) => new() { Json = new Dictionary<string, string> { [path] = value } };

    private async Task AssertUp(HttpSettings settings) => Assert.Equal("", await ReasonOf(settings));

    private async Task AssertDown(HttpSettings settings, string reason) => Assert.Equal(reason, await ReasonOf(settings));

    private async Task<string> ReasonOf(HttpSettings settings)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var seen = await _probe.CheckAsync(settings, new(TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(30)), patience.Token);
        return seen.IsUp ? "" : seen.Reason!.In(CultureInfo.InvariantCulture);
    }

    public void Dispose() => _probe.Dispose();
}

/// <summary>Certificates made on the spot.</summary>
internal static class Certificates
{
    public static X509Certificate2 For(string name, DateTimeOffset? from = null, DateTimeOffset? to = null, X509Certificate2? signedBy = null, string? usage = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(name, out var address)) names.AddIpAddress(address);
        else if (!name.Contains(' ')) names.AddDnsName(name);
        else request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        if (!name.Contains(' ')) request.CertificateExtensions.Add(names.Build());
        if (usage is not null) request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: false));
        var (begin, end) = (from ?? TimeProvider.System.GetUtcNow().AddDays(-1), to ?? TimeProvider.System.GetUtcNow().AddDays(30));
        using var made = signedBy is null ? request.CreateSelfSigned(begin, end) : request.Create(signedBy, begin, new DateTimeOffset(signedBy.NotAfter), [1, 2, 3, 4]).CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null); // with a key that a server can use
    }

    /// <summary>Its key in PEM, for programs that read it from a file.</summary>
    public static string KeyOf(X509Certificate2 certificate)
    {
        // A key from a PKCS #12 gives itself away only encrypted.
        using var key = certificate.GetECDsaPrivateKey()!;
        var secret = key.ExportEncryptedPkcs8PrivateKey("x", new(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1));
        using var open = ECDsa.Create();
        open.ImportEncryptedPkcs8PrivateKey("x", secret, out _);
        return open.ExportPkcs8PrivateKeyPem();
    }
}

/// <summary>A listener that says one thing and hangs up; or, with null, never says anything.</summary>
internal sealed class RawTarget : IDisposable
{
    private readonly TcpListener _listener;
    private readonly List<Socket> _held = [];

    public RawTarget(Func<string, byte[]?> answer, IPAddress? address = null)
    {
        _listener = new(address ?? IPAddress.Loopback, 0);
        _listener.Start();
        _ = AcceptAsync(answer);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    private async Task AcceptAsync(Func<string, byte[]?> answer)
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync();
                lock (_held) _held.Add(socket);
                _ = ServeAsync(socket, answer);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException) { }
    }

    private static async Task ServeAsync(Socket socket, Func<string, byte[]?> answer)
    {
        try
        {
            var buffer = new byte[4096];
            var said = answer("");
            if (said is null) return;
            if (said.Length > 0) await socket.SendAsync(said);
            var read = await socket.ReceiveAsync(buffer);
            if (answer(Encoding.UTF8.GetString(buffer, 0, read)) is { Length: > 0 } more && said.Length == 0) await socket.SendAsync(more);
            socket.Shutdown(SocketShutdown.Both);
            socket.Dispose();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException) { }
    }

    public void Dispose()
    {
        _listener.Dispose();
        lock (_held) _held.ForEach(s => s.Dispose());
    }
}
