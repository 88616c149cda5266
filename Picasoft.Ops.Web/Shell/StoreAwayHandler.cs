using System.Globalization;
using Microsoft.AspNetCore.Diagnostics;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Web.Access;

namespace Picasoft.Ops.Web.Shell;

/// <summary>A request that failed because the store was lost is answered with 503 and when to come back: as a problem for programs, as a page for people.</summary>
internal sealed class StoreAwayHandler : IExceptionHandler
{
    public static int StatusOf(Exception exception) => StoreAway.Is(exception) ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status500InternalServerError;

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (!StoreAway.Is(exception)) return false;
        httpContext.Response.Headers.RetryAfter = StoreAway.Pause.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        if (!Schemes.IsForPrograms(httpContext.Request.Path)) return false; // the error page says it
        await Api.Problem(Refusal.Unavailable(Phrase.Of("store.away"))).ExecuteAsync(httpContext);
        return true;
    }
}
