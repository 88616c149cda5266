using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Compat.Alertmanager;

/// <summary>
/// Programs that Debian does not have: the requests that they make, as their public sources write them, in their order. Not the programs themselves: docs/alertmanager.md says so.
/// </summary>
public sealed class ReplayedClientsTests(OpsApi api) : IClassFixture<OpsApi>
{
    private const string Token = "a-token-for-tests-with-all-scopes-0123456789";

    /// <summary>vmalert's notifier: times to the nanosecond, an end far enough ahead to be sent again, then the end itself. It takes 200 only.</summary>
    [Fact]
    public async Task Requests_of_vmalert()
    {
        var start = TimeProvider.System.GetUtcNow();
        Assert.Equal(HttpStatusCode.OK, (await VmalertAsync(start, start.AddMinutes(4))).Status);
        var listed = (await api.GetAsync("/api/v2/alerts?filter=alertgroup%3D%22node%22")).Json[0];
        Assert.Equal("http://vmalert:8880/vmalert/alert?group_id=1&alert_id=2", listed.GetProperty("generatorURL").GetString());
        Assert.Equal("95% used on \"/\"", listed.GetProperty("annotations").GetProperty("summary").GetString());
        Assert.Equal(HttpStatusCode.OK, (await VmalertAsync(start, TimeProvider.System.GetUtcNow())).Status);
        await Eventually.TrueAsync(async () => (await api.GetAsync("/api/v2/alerts?filter=alertgroup%3D%22node%22")).Json.GetArrayLength() == 0, "it has ended");

        async Task<Answer> VmalertAsync(DateTimeOffset from, DateTimeOffset to)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v2/alerts");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
            var body = string.Create(CultureInfo.InvariantCulture, $$$"""[{"startsAt":"{{{Nano(from)}}}","generatorURL": "http://vmalert:8880/vmalert/alert?group_id=1\u0026alert_id=2","endsAt":"{{{Nano(to)}}}","labels": {"alertgroup":"node","alertname":"DiskFull","instance":"bob:9100"},"annotations": {"summary":"95% used on \"/\""}}]""");
            request.Content = new StringContent(body, Encoding.UTF8);
            request.Content.Headers.ContentType = new("application/json"); // without a charset, as Go writes it
            using var answer = await api.Host.Client.SendAsync(request);
            return new(answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, await answer.Content.ReadAsStringAsync());
        }

        static string Nano(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff", CultureInfo.InvariantCulture) + "00Z";
    }

    /// <summary>karma: the version from the metrics, then status, silences, groups; each must have the fields that Alertmanager's description of its API requires.</summary>
    [Fact]
    public async Task Requests_of_karma()
    {
        await api.PostAsync("/api/v2/alerts", """[{"labels": {"alertname": "Karma", "service": "karma"}}]""");
        var now = TimeProvider.System.GetUtcNow();
        Assert.Equal(HttpStatusCode.OK, (await api.PostAsync("/api/v2/silences", new { matchers = new[] { new { name = "alertname", value = "Karma", isRegex = false, isEqual = true } }, startsAt = now, endsAt = now.AddHours(1), createdBy = "camille", comment = "ACK!" })).Status);

        Assert.Matches("(?m)^alertmanager_build_info\\{[^}]*version=\"\\d+\\.\\d+\\.\\d+\"", await KarmaAsync("/metrics"));
        var status = JsonDocument.Parse(await KarmaAsync("/api/v2/status")).RootElement;
        Has(status, "cluster", "versionInfo", "config", "uptime");
        Has(status.GetProperty("cluster"), "status", "name", "peers");
        Has(status.GetProperty("versionInfo"), "version", "revision", "branch", "buildUser", "buildDate", "goVersion");
        var silence = JsonDocument.Parse(await KarmaAsync("/api/v2/silences")).RootElement.EnumerateArray().First(s => s.GetProperty("comment").GetString() == "ACK!");
        Has(silence, "id", "status", "updatedAt", "matchers", "startsAt", "endsAt", "createdBy", "comment");
        var group = JsonDocument.Parse(await KarmaAsync("/api/v2/alerts/groups")).RootElement.EnumerateArray().First(g => g.GetProperty("labels").TryGetProperty("service", out var s) && s.GetString() == "karma");
        Has(group, "labels", "receiver", "alerts");
        var alert = group.GetProperty("alerts")[0];
        Has(alert, "receivers", "fingerprint", "startsAt", "updatedAt", "endsAt", "annotations", "status", "labels");
        Assert.Equal(silence.GetProperty("id").GetString(), alert.GetProperty("status").GetProperty("silencedBy")[0].GetString());

        async Task<string> KarmaAsync(string path)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"any:{Token}"))); // from the user part of its uri
            request.Headers.AcceptEncoding.ParseAdd("identity");
            using var answer = await api.Host.Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            return await answer.Content.ReadAsStringAsync();
        }

        static void Has(JsonElement json, params string[] fields) => Assert.All(fields, f => Assert.True(json.TryGetProperty(f, out _), $"{f} is missing in {json}"));
    }
}
