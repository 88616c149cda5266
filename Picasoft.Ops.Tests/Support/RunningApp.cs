using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Web;

namespace Picasoft.Ops.Tests.Support;

/// <summary>The web application in this process, on a real port and a database of its own; the clock can be ours.</summary>
public sealed partial class RunningApp : IAsyncDisposable
{
    public const string Password = "correct horse battery";

    private readonly TempFolder _data = new();
    private readonly WebApplication _app;

    private RunningApp(WebApplication app, TempFolder data) => (_app, _data) = (app, data);

    public IServiceProvider Services => _app.Services;

    public Uri Address => new(_app.Urls.First());

    public static async Task<RunningApp> StartAsync(PostgresFixture postgres, TimeProvider? time = null, string syslog = "", string? config = null) =>
        await StartOnAsync(await postgres.CreateDatabaseAsync(), time, syslog, config);

    public static async Task<RunningApp> StartOnAsync(string database, TimeProvider? time = null, string syslog = "", string? config = null)
    {
        var data = new TempFolder();
        var settings = new OpsSettings { Data = data.Path, Urls = "http://127.0.0.1:0", Syslog = syslog, Config = config, SecretKey = new("0123456789abcdef0123456789abcdef") };
        var app = OpsApplication.Build(settings, database, builder =>
        {
            if (time is not null) builder.Services.Replace(ServiceDescriptor.Singleton(time));
        });
        await app.StartAsync();
        return new(app, data);
    }

    /// <summary>Somebody who can sign in with <see cref="Password"/>.</summary>
    public Task<Person> AddPersonAsync(string name, Role role) => InScopeAsync(async services =>
        (await services.GetRequiredService<PersonActions>().AddAsync($"{name}@example.org", name, role, Password, Actor.System, default)).Value);

    /// <summary>A token's text.</summary>
    public Task<string> AddTokenAsync(Scopes scopes, DateTimeOffset? expiresAt = null) => InScopeAsync(async services =>
        (await services.GetRequiredService<TokenActions>().CreateAsync($"token {Guid.NewGuid():N}", scopes, expiresAt, Actor.System, default)).Value.Text);

    public async Task<T> InScopeAsync<T>(Func<IServiceProvider, Task<T>> work)
    {
        await using var scope = Services.CreateAsyncScope();
        return await work(scope.ServiceProvider);
    }

    /// <summary>A browser: keeps cookies, follows no redirect.</summary>
    public HttpClient Browser() => new(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = Address };

    /// <summary>A program with a token.</summary>
    public HttpClient Program(string? token)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Address };
        if (token is not null) client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return client;
    }

    /// <summary>Fills in a form of a page as a browser does.</summary>
    public static async Task<HttpResponseMessage> SubmitAsync(HttpClient browser, string page, string form, params (string Name, string Value)[] fields)
    {
        var html = await browser.GetStringAsync(page);
        var token = AntiforgeryToken().Match(html).Groups["token"].Value;
        var values = fields.Append(("_handler", form)).Append(("__RequestVerificationToken", token)).Select(f => KeyValuePair.Create(f.Item1, f.Item2));
        using var request = new HttpRequestMessage(HttpMethod.Post, page) { Content = new FormUrlEncodedContent(values) };
        request.Headers.Add("Origin", browser.BaseAddress!.GetLeftPart(UriPartial.Authority));
        return await browser.SendAsync(request);
    }

    public static Task<HttpResponseMessage> SignInAsync(HttpClient browser, string email, string password = Password) =>
        SubmitAsync(browser, "/login", "login", ("Email", email), ("Password", password));

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _data.Dispose();
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"(?<token>[^\"]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AntiforgeryToken();
}
