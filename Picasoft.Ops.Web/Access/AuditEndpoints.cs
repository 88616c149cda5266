using System.Globalization;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Web.Shell;

namespace Picasoft.Ops.Web.Access;

/// <summary>The audit log in <c>/api/v1</c>.</summary>
internal static class AuditEndpoints
{
    public static void MapAudit(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/v1/audit", ListAsync).RequireAuthorization(Policies.Admin).WithTags("audit").WithSummary("Lists who changed what, newest first");

    private static async Task<IResult> ListAsync(AuditQueries queries, string? actor, string? action, string? target, string? from, string? to, string? limit, string? after, CancellationToken cancel)
    {
        List<FieldError> errors = [];
        var filter = new AuditFilter(actor, action, target, Time(from, "from", errors), Time(to, "to", errors));
        var size = (int)(Number(limit, "limit", 1, 500, errors) ?? 100);
        var last = Number(after, "after", 1, long.MaxValue, errors);
        if (errors.Count > 0) return Api.Problem(Refusal.Invalid(errors));
        var entries = await queries.FindAsync(filter, size + 1, last, cancel);
        return Api.Json(new { items = entries.Take(size).Select(AccessJson.Of), next = entries.Count > size ? entries[size - 1].Id.ToString(CultureInfo.InvariantCulture) : null });
    }

    private static DateTimeOffset? Time(string? text, string field, List<FieldError> errors)
    {
        if (string.IsNullOrEmpty(text)) return null;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at)) return at;
        errors.Add(new(field, Phrase.Of("input.expected_time", text)));
        return null;
    }

    private static long? Number(string? text, string field, long min, long max, List<FieldError> errors)
    {
        if (string.IsNullOrEmpty(text)) return null;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max) return number;
        errors.Add(new(field, Phrase.Of("input.out_of_range", text, min, max)));
        return null;
    }
}
