using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Tests.Core.Configuration;
using Picasoft.Ops.Tests.Support;
using Picasoft.Ops.Web.Ui;

namespace Picasoft.Ops.Tests.Web.Probes;

public class ProbesApiTests(PostgresFixture postgres)
{
    private const string Token = "hunter2-is-the-token";

    [Fact]
    public async Task A_probe_goes_round_and_its_secret_never_comes_out()
    {
        await using var app = await RunningApp.StartAsync(postgres);
        using var admin = app.Program(await app.AddTokenAsync(Scopes.All));
        using var closed = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var port = ((IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();
        var body = $$"""{"name":"ping","type":"http","interval":"1h","http":{"url":"http://127.0.0.1:{{port}}/","headers":{"Authorization":"{{Token}}"} } }""";
        var made = await admin.PostAsync("/api/v1/probes", Json(body));
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var got = await admin.GetStringAsync("/api/v1/probes/ping");
        Assert.DoesNotContain(Token, got, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, await made.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.OK, (await admin.PutAsync("/api/v1/probes/ping", Json(got))).StatusCode);
        var kinds = app.Services.GetRequiredService<ProbeKinds>();
        var stored = (await app.Services.GetRequiredService<ProbeQueries>().FindAsync("ping", default))!.Probe;
        Assert.Equal(Token, ((Picasoft.Ops.Core.Probes.Kinds.HttpSettings)kinds.Open(stored)!).Headers["Authorization"].Reveal());

        using var run = JsonDocument.Parse(await (await admin.PostAsync("/api/v1/probes/ping/run", null)).Content.ReadAsStringAsync());
        Assert.False(run.RootElement.GetProperty("ok").GetBoolean());
        using var results = JsonDocument.Parse(await admin.GetStringAsync("/api/v1/probes/ping/results"));
        Assert.Equal(run.RootElement.GetProperty("reason").GetString(), results.RootElement.GetProperty("items")[0].GetProperty("reason").GetString());
        Assert.DoesNotContain(Token, await admin.GetStringAsync("/api/v1/audit"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync("/api/v1/probes/ping")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.PostAsync("/api/v1/probes/ping/run", null)).StatusCode);
    }

    [Fact]
    public async Task The_form_the_API_and_the_file_say_the_same_of_the_same_mistakes()
    {
        await using var app = await RunningApp.StartAsync(postgres);
        using var admin = app.Program(await app.AddTokenAsync(Scopes.All));
        var kinds = app.Services.GetRequiredService<ProbeKinds>();
        CultureInfo.CurrentUICulture = new("en");

        var answer = await admin.PostAsync("/api/v1/probes", Json("""{"name":"Ping","type":"http","interval":"often","failures":1000,"severity":"huge","http":{"url":"nowhere","expect":{"status":[200,"x"]}}}"""));
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        var api = problem.RootElement.GetProperty("errors").EnumerateArray().Select(e => $"{e.GetProperty("field").GetString()}: {e.GetProperty("message").GetString()}").Order().ToList();
        Assert.Equal(6, api.Count);

        var file = ConfigurationStore.Read("version: 1\nprobes: [{name: Ping, type: http, interval: often, failures: 1000, severity: huge, http: {url: nowhere, expect: {status: [200, x]}}}]");
        Assert.Equal(api, file.Refusal!.Errors.Select(e => $"{e.Field["probes[0].".Length..]}: {e.Message.In()}").Order());

        var draft = SettingsDraft.Of(new ProbeInput(), "type").With("http", kinds.Find("http")!.SettingsType, null, after: "service");
        Assert.Equal(["name", "service", "http"], draft.Root.Fields.Take(3).Select(f => f.Name)); // what is checked comes before how often
        draft.Fixed["type"] = "http";
        Type(draft.Root, "name", "Ping");
        Type(draft.Root, "interval", "often");
        Type(draft.Root, "failures", "1000");
        Type(draft.Root, "severity", "huge");
        var http = (DraftRecord)draft.Root.Fields.Single(f => f.Name == "http").Node;
        Type(http, "url", "nowhere");
        ((DraftLines)((DraftRecord)http.Fields.Single(f => f.Name == "expect").Node).Fields.Single(f => f.Name == "status").Node).Text = "200\nx";
        Assert.Equal(api, kinds.ReadInput(draft.ToInput()).Refusal!.Errors.Select(e => $"{e.Field}: {e.Message.In()}").Order());
    }

    [Fact]
    public async Task A_mail_must_be_given_the_time_to_arrive_and_a_mailbox_somebody_who_opens_it()
    {
        await using var app = await RunningApp.StartAsync(postgres);
        using var admin = app.Program(await app.AddTokenAsync(Scopes.All));
        CultureInfo.CurrentUICulture = new("en");
        const string Rest = "name: mail, type: mail_roundtrip, mail_roundtrip: {smtp: {host: a}, from: a@example.org, to: b@example.org, imap: {host: b";
        string[] ErrorsOf(string probe) => [.. (ConfigurationStore.Read($"version: 1\nprobes: [{{{probe}}}]").Refusal?.Errors ?? []).Select(e => $"{e.Field["probes[0].".Length..]}: {e.Message.In()}")];
        const string TooShort = "timeout: 30 s is too short: a mail may take 1 min to arrive, so the wait must be longer.";

        Assert.Empty(ErrorsOf($"interval: 10m, {Rest}, user: b}}}}")); // its own timeout, when nothing is said
        Assert.Equal([TooShort], ErrorsOf($"{Rest}, user: b}}}}")); // which is no longer than the interval
        Assert.Equal(["timeout: 1 min is too short: a mail may take 1 min to arrive, so the wait must be longer."], ErrorsOf($"interval: 10m, timeout: 1m, {Rest}, user: b}}}}"));
        Assert.Empty(ErrorsOf($"interval: 10m, timeout: 61s, {Rest}, user: b}}}}"));
        Assert.Equal(["mail_roundtrip.imap.user: Required."], ErrorsOf($"interval: 10m, {Rest}}}}}"));

        var answer = await admin.PostAsync("/api/v1/probes", Json("""{"name": "mail", "type": "mail_roundtrip", "mail_roundtrip": {"smtp": {"host": "a"}, "from": "a@example.org", "to": "b@example.org", "imap": {"host": "b", "user": "b"}}}"""));
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal([TooShort], problem.RootElement.GetProperty("errors").EnumerateArray().Select(e => $"{e.GetProperty("field").GetString()}: {e.GetProperty("message").GetString()}"));

        const string Unsaid = """{"name": "mail", "type": "mail_roundtrip", "interval": "10m", "mail_roundtrip": {"smtp": {"host": "a"}, "from": "a@example.org", "to": "b@example.org", "imap": {"host": "b", "user": "b"}}}""";
        using var made = JsonDocument.Parse(await (await admin.PostAsync("/api/v1/probes", Json(Unsaid))).Content.ReadAsStringAsync());
        Assert.Equal("2m", made.RootElement.GetProperty("timeout").GetString());
    }

    private static void Type(DraftRecord record, string field, string text) => ((DraftScalar)record.Fields.Single(f => f.Name == field).Node).Text = text;

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
