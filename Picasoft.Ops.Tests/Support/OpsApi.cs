using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Tests.Support;

/// <summary>The real product on a database of its own, spoken to with a token that may do everything. A class fixture: its tests share it.</summary>
public sealed class OpsApi(PostgresFixture postgres) : IAsyncLifetime
{
    public const string Token = "a-token-for-tests-with-all-scopes-0123456789";
    private readonly TempFolder _folder = new();
    private string _database = "";
    private NpgsqlDataSource _source = null!;

    public OpsHost Host { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.CreateDatabaseAsync();
        _source = NpgsqlDataSource.Create(_database);
        await StartAsync();
    }

    /// <summary>kill -9, and started anew: nothing but the database and its data folder is left of it.</summary>
    public async Task CrashAsync()
    {
        await Host.KillAsync();
        await Host.DisposeAsync();
        await StartAsync();
    }

    private async Task StartAsync() =>
        Host = await OpsHost.StartAsync(_folder["data"], _database, environment: new Dictionary<string, string> { ["OPS_BOOTSTRAP_ADMIN"] = $"{Cast.CamilleMail}:{Cast.Password}", ["OPS_BOOTSTRAP_TOKEN"] = Token });

    /// <summary>Hands in an alert as a source would, at once.</summary>
    public async Task AlertAsync(LabelSet labels, DateTimeOffset now, DateTimeOffset? endsAt = null)
    {
        await using var connection = await _source.OpenConnectionAsync();
        await AlertIntake.ApplyAsync(connection, [new(labels, LabelSet.Of(("summary", $"{labels["service"]} is down")), now, endsAt, "api")], now, CancellationToken.None);
    }

    /// <summary>Somebody new who may do everything, signed in in a browser of their own.</summary>
    public async Task<OpsPerson> AdministratorAsync(string name)
    {
        var invited = await PostAsync("/api/v1/people", new { email = $"{name}@example.org", name, role = "admin" });
        Assert.Equal(HttpStatusCode.Created, invited.Status);
        return await OpsPerson.EnterAsync(this, invited["setupPath"].GetString()!, "setup", ("Password", Cast.Password));
    }

    /// <summary>The first administrator, likewise.</summary>
    public Task<OpsPerson> CamilleAsync() => OpsPerson.EnterAsync(this, "/login", "login", ("Email", Cast.CamilleMail), ("Password", Cast.Password));

    /// <summary>A number from its database.</summary>
    public async Task<long> AskAsync(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Applies a configuration file, as an administrator would.</summary>
    public async Task ApplyAsync(string yaml)
    {
        var said = await TryApplyAsync(yaml);
        Assert.True(said.Exit == 0, said.Output + said.Error);
    }

    /// <summary>The same, of a file that may be refused.</summary>
    public async Task<Said> TryApplyAsync(string yaml)
    {
        await File.WriteAllTextAsync(_folder["ops.yaml"], yaml);
        return await OpsHost.VerbAsync(new Dictionary<string, string> { ["ConnectionStrings__Ops"] = _database }, "apply", _folder["ops.yaml"], "--data", _folder["data"]);
    }

    /// <summary>The key that opens the calendar feeds of somebody; only their own page shows it.</summary>
    public async Task<string> FeedKeyAsync(string name)
    {
        await using var db = StorageModule.NewContext(_source);
        return CalendarFeed.KeyOf(await db.People.SingleAsync(p => p.Name == name), await SignerAsync());
    }

    /// <summary>Signs links as it does.</summary>
    public async Task<LinkSigner> SignerAsync() => new(await File.ReadAllTextAsync(_folder["data/secret.key"]));

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null);

    public Task<Answer> PostAsync(string path, object? body = null) => SendAsync(HttpMethod.Post, path, body);

    public Task<Answer> PutAsync(string path, object body) => SendAsync(HttpMethod.Put, path, body);

    public Task<Answer> PatchAsync(string path, object body) => SendAsync(HttpMethod.Patch, path, body);

    public Task<Answer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path, null);

    /// <param name="body">An object, written as JSON; or text, sent as it stands.</param>
    public async Task<Answer> SendAsync(HttpMethod method, string path, object? body, string? token = Token)
    {
        using var request = new HttpRequestMessage(method, path);
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Headers.AcceptLanguage.ParseAdd("en");
        if (body is not null) request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        using var response = await Host.Client.SendAsync(request);
        return new(response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await _source.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>Somebody who is signed in, and speaks to the API as a page of ours does.</summary>
public sealed class OpsPerson : IDisposable
{
    private readonly OpsApi _api;
    private readonly CookieContainer _cookies = new();
    private HttpClient _browser;

    private OpsPerson(OpsApi api) => (_api, _browser) = (api, Browser(api));

    internal static async Task<OpsPerson> EnterAsync(OpsApi api, string page, string form, params (string, string)[] fields)
    {
        var person = new OpsPerson(api);
        using var answer = await RunningApp.SubmitAsync(person._browser, page, form, fields);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        return person;
    }

    public Task<Answer> PostAsync(string path, object? body = null) => SendAsync(HttpMethod.Post, path, body);

    public Task<Answer> PutAsync(string path, object body) => SendAsync(HttpMethod.Put, path, body);

    private async Task<Answer> SendAsync(HttpMethod method, string path, object? body)
    {
        if (_browser.BaseAddress != _api.Host.Address) // started anew, at another port
        {
            _browser.Dispose();
            _browser = Browser(_api);
        }
        using var request = new HttpRequestMessage(method, path) { Content = new StringContent(JsonSerializer.Serialize(body ?? new { }), Encoding.UTF8, "application/json") };
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        request.Headers.AcceptLanguage.ParseAdd("en");
        using var response = await _browser.SendAsync(request);
        return new(response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync());
    }

    public void Dispose() => _browser.Dispose();

    private HttpClient Browser(OpsApi api) => new(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = _cookies }) { BaseAddress = api.Host.Address };
}

/// <summary>What the API answered.</summary>
public sealed record Answer(HttpStatusCode Status, string? Type, string Text)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    public JsonElement this[string name] => Json.GetProperty(name);

    /// <summary>The fields that a problem names.</summary>
    public string?[] Fields => [.. Json.GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("field").GetString())];
}
