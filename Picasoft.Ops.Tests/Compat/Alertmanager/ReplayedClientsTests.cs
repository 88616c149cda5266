using System.Diagnostics;
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

    /// <summary>Grafana's contact point "Alertmanager": Go's writing of its own alert, with fields that no API describes, and a zero time for "not yet". Any 2xx is success.</summary>
    [Fact]
    public async Task Requests_of_Grafanas_contact_point()
    {
        var start = TimeProvider.System.GetUtcNow();
        await ContactPointAsync("0001-01-01T00:00:00Z");
        var listed = Assert.Single((await api.GetAsync("/api/v2/alerts?filter=grafana_folder%3DInfra")).Json.EnumerateArray());
        Assert.Equal("https://grafana.example.org/render/1.png", listed.GetProperty("annotations").GetProperty("image").GetString());
        await ContactPointAsync(start.AddSeconds(-1).ToString("O", CultureInfo.InvariantCulture));
        await Eventually.TrueAsync(async () => (await api.GetAsync("/api/v2/alerts?filter=grafana_folder%3DInfra")).Json.GetArrayLength() == 0, "it has ended");

        async Task ContactPointAsync(string ends)
        {
            using var answer = await GrafanaAsync(HttpMethod.Post, "/api/v2/alerts", string.Create(CultureInfo.InvariantCulture, $$$"""
                [{"labels":{"__alert_rule_uid__":"fe1","alertname":"DiskFull","grafana_folder":"Infra"},"annotations":{"__value_string__":"[ var='A' value=95 ]","image":"https://grafana.example.org/render/1.png","summary":"Disk"},"startsAt":"{{{start.AddMinutes(-1):O}}}","endsAt":"{{{ends}}}","generatorURL":"","UpdatedAt":"{{{start:O}}}","Timeout":true}]
                """));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    /// <summary>Grafana's data source "Alertmanager", implementation Prometheus: its test, its lists with flags that have no value, a silence made, edited and ended.</summary>
    [Fact]
    public async Task Requests_of_Grafanas_data_source()
    {
        await api.PostAsync("/api/v2/alerts", """[{"labels": {"alertname": "Seen by \"Grafana\"", "service": "grafana"}}]""");
        // Mimir answers these two, Alertmanager does not: by that it tells them apart.
        foreach (var path in new[] { "/api/v1/status/buildinfo", "/alertmanager/api/v2/status" })
        {
            using var unknown = await GrafanaAsync(HttpMethod.Get, path);
            Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        }
        var status = await ReadAsync("/api/v2/status");
        // It reads the configuration with Alertmanager's own code, which refuses much; amtool has the same.
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder["original.yml"], status.GetProperty("config").GetProperty("original").GetString());
        using var amtool = Process.Start(new ProcessStartInfo("amtool", ["check-config", folder["original.yml"]]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = amtool.StandardOutput.ReadToEndAsync();
        var wrong = await amtool.StandardError.ReadToEndAsync();
        await amtool.WaitForExitAsync();
        Assert.True(amtool.ExitCode == 0, await said + wrong);

        const string filter = "filter=alertname%3D%22Seen%20by%20%5C%22Grafana%5C%22%22";
        var alert = Assert.Single((await ReadAsync($"/api/v2/alerts?silenced&active&inhibited&{filter}")).EnumerateArray());
        Assert.NotEmpty((await ReadAsync("/api/v2/alerts/groups")).EnumerateArray());
        Assert.NotEmpty((await ReadAsync("/api/v2/receivers")).EnumerateArray());

        var (now, id) = (TimeProvider.System.GetUtcNow(), "");
        foreach (var comment in new[] { "created 10:00", "edited" })
        {
            using var made = await GrafanaAsync(HttpMethod.Post, "/api/v2/silences", string.Create(CultureInfo.InvariantCulture, $$$"""
                {"id":"{{{id}}}","comment":"{{{comment}}}","createdBy":"camille","endsAt":"{{{now.AddHours(2):yyyy-MM-dd'T'HH:mm:ss.fff}}}Z","matchers":[{"isEqual":true,"isRegex":false,"name":"service","value":"grafana"}],"startsAt":"{{{now:yyyy-MM-dd'T'HH:mm:ss.fff}}}Z"}
                """));
            Assert.Equal(HttpStatusCode.OK, made.StatusCode);
            id = JsonDocument.Parse(await made.Content.ReadAsStringAsync()).RootElement.GetProperty("silenceID").GetString()!;
        }
        Assert.Equal("edited", (await ReadAsync($"/api/v2/silence/{id}")).GetProperty("comment").GetString());
        alert = Assert.Single((await ReadAsync($"/api/v2/alerts?silenced&active&inhibited&{filter}")).EnumerateArray());
        Assert.Equal("suppressed", alert.GetProperty("status").GetProperty("state").GetString());
        using var ended = await GrafanaAsync(HttpMethod.Delete, $"/api/v2/silence/{id}");
        Assert.Equal(HttpStatusCode.OK, ended.StatusCode);
        Assert.Equal("expired", (await ReadAsync("/api/v2/silences")).EnumerateArray().Single(s => s.GetProperty("id").GetString() == id).GetProperty("status").GetProperty("state").GetString());

        async Task<JsonElement> ReadAsync(string path)
        {
            using var answer = await GrafanaAsync(HttpMethod.Get, path);
            Assert.Equal((HttpStatusCode.OK, "application/json"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
            return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.Clone();
        }
    }

    private Task<HttpResponseMessage> GrafanaAsync(HttpMethod method, string path, string? body = null)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"grafana:{Token}")));
        request.Headers.UserAgent.ParseAdd("Grafana");
        if (body is not null) (request.Content = new StringContent(body, Encoding.UTF8)).Headers.ContentType = new("application/json");
        return api.Host.Client.SendAsync(request);
    }
}
