using Microsoft.AspNetCore.Http.Metadata;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Web.Shell;

/// <summary>
/// What no address may hold, whoever reads it: a NUL, which the store cannot hold; in <c>/api/v1</c> also a parameter that nobody reads
/// (a misspelt filter must not answer with everything) and a yes or no that is neither. An endpoint whose parameters a <see cref="QueryReader"/> reads is judged by that.
/// </summary>
public static class AddressRules
{
    public static IApplicationBuilder UseAddressRules(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        if (!http.Request.QueryString.HasValue) return next(http);
        if (http.Request.Path.StartsWithSegments("/api/v1", StringComparison.OrdinalIgnoreCase)) return Judge(http) is { Count: > 0 } errors ? Api.Problem(Refusal.Invalid(errors)).ExecuteAsync(http) : next(http);
        if (!HasNul(http.Request)) return next(http);
        http.Response.StatusCode = StatusCodes.Status400BadRequest; // its page says the rest
        return Task.CompletedTask;
    });

    private static bool HasNul(HttpRequest request) => request.QueryString.Value!.Contains("%00", StringComparison.Ordinal);

    private static List<FieldError> Judge(HttpContext http)
    {
        var query = http.Request.Query;
        if (HasNul(http.Request) && query.Where(q => q.Key.Contains('\0', StringComparison.Ordinal) || q.Value.Any(v => v?.Contains('\0', StringComparison.Ordinal) == true)).ToList() is { Count: > 0 } unreadable)
            return [.. unreadable.Take(20).Select(q => new FieldError(q.Key.Replace('\0', '\uFFFD'), Phrase.Of("input.nul")))];
        if (http.GetEndpoint() is not RouteEndpoint endpoint || endpoint.Metadata.GetMetadata<Describing.Parameters>() is not null) return [];
        var known = Of(endpoint);
        var unknown = known.Count == 0 ? Phrase.Of("input.no_parameters") : Phrase.Of("input.unknown_key", string.Join(", ", known.Select(p => p.Name)));
        return
        [
            .. query.Keys.Where(k => !known.Exists(p => string.Equals(p.Name, k, StringComparison.OrdinalIgnoreCase))).Take(20).Select(k => new FieldError(QueryReader.Short(k), unknown)),
            .. known.Where(p => p.ParameterInfo.ParameterType == typeof(bool?) && query[p.Name].ToString() is { Length: > 0 } said && !bool.TryParse(said, out _)).Select(p => new FieldError(p.Name, Phrase.Of("input.expected_bool", QueryReader.Short(query[p.Name].ToString())))),
        ];
    }

    /// <summary>The parameters of the address that an endpoint takes as such, beside those of its path.</summary>
    public static List<IParameterBindingMetadata> Of(Endpoint? endpoint) => endpoint is not RouteEndpoint route ? [] :
        [.. route.Metadata.OfType<IParameterBindingMetadata>().Where(p => (p.HasTryParse || p.ParameterInfo.ParameterType == typeof(string)) && route.RoutePattern.GetParameter(p.Name) is null)];
}
