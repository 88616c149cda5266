using Picasoft.Ops.Core.People;
using Picasoft.Ops.Web.Shell;

namespace Picasoft.Ops.Web.Access;

/// <summary>Tokens in <c>/api/v1</c>.</summary>
internal static class TokensEndpoints
{
    public static void MapTokens(this IEndpointRouteBuilder app)
    {
        var tokens = app.MapGroup("/api/v1/tokens").RequireAuthorization(Policies.Admin).WithTags("tokens");

        tokens.MapGet("", async (PeopleQueries queries, CancellationToken cancel) =>
            Api.Json(new { items = (await queries.TokensAsync(cancel)).Select(AccessJson.Of), next = (string?)null })).WithSummary("Lists the tokens of programs");

        tokens.MapPost("", async (HttpContext http, TokenActions actions, CancellationToken cancel) =>
        {
            var input = await Api.ReadAsync<TokenInput>(http.Request, cancel);
            if (input.Refusal is { } refusal) return Api.Problem(refusal);
            var made = await actions.CreateAsync(input.Value.Name, input.Value.Flags(), input.Value.ExpiresAt, http.Actor(), cancel);
            return Api.Answer(made, m => new { token = AccessJson.Of(m.Token), text = m.Text }, StatusCodes.Status201Created);
        }).Reads<TokenInput>().WithSummary("Makes a token: its text is in this answer and nowhere else");

        tokens.MapDelete("{id:long}", async (long id, HttpContext http, TokenActions actions, CancellationToken cancel) =>
            Api.Answer(await actions.RevokeAsync(id, http.Actor(), cancel), AccessJson.Of)).WithSummary("Revokes a token");
    }
}
