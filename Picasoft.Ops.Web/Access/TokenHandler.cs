using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Picasoft.Ops.Core.People;

namespace Picasoft.Ops.Web.Access;

/// <summary><c>Authorization: Bearer TOKEN</c>, or the token as the password of Basic, whatever the name: some programs know nothing else.</summary>
internal sealed class TokenHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, TokenQueries tokens, WrongTokenLimit limit)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string Challenge = "Bearer realm=\"Picasoft.Ops\", Basic realm=\"Picasoft.Ops\", charset=\"UTF-8\"";

    private TimeSpan? _wait;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        // What is open to all asks no token, and so not the store either: a watcher that sends its token everywhere learns while the store is away that we are alive.
        if (Schemes.IsForAll(Context)) return AuthenticateResult.NoResult();
        if (!AuthenticationHeaderValue.TryParse(Request.Headers.Authorization, out var header) || TextOf(header) is not { } text) return AuthenticateResult.NoResult();
        if (await tokens.FindAsync(text, Context.RequestAborted) is not { } token)
        {
            _wait = limit.Note(Context.Connection.RemoteIpAddress);
            return AuthenticateResult.Fail("unknown, expired or revoked token");
        }
        return AuthenticateResult.Success(new(Principals.Of(token), Scheme.Name));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (_wait is { } wait)
        {
            Response.StatusCode = StatusCodes.Status429TooManyRequests;
            Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            return Task.CompletedTask;
        }
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = Challenge;
        return Task.CompletedTask;
    }

    private static string? TextOf(AuthenticationHeaderValue header)
    {
        if (header.Parameter is not { Length: > 0 } parameter) return null;
        if (header.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase)) return parameter.Trim();
        if (!header.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase)) return null;
        try
        {
            var pair = Encoding.UTF8.GetString(Convert.FromBase64String(parameter));
            var colon = pair.IndexOf(':', StringComparison.Ordinal);
            return colon < 0 ? null : pair[(colon + 1)..];
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
