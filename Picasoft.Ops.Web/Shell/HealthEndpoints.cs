using Microsoft.EntityFrameworkCore;
using Npgsql;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Quartz;

namespace Picasoft.Ops.Web.Shell;

/// <summary><c>/healthz</c>: the process answers. <c>/readyz</c>: it can do its work; else 503 and every reason.</summary>
public static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/healthz", () => Api.Json(new { status = "alive" })).AllowAnonymous();
        app.MapGet("/readyz", AnswerAsync).AllowAnonymous();
    }

    private static async Task<IResult> AnswerAsync(IDbContextFactory<OpsDbContext> contexts, ISchedulerFactory schedulers, CancellationToken cancel)
    {
        List<string> reasons = [.. await DatabaseAsync(contexts, cancel), .. await SchedulersAsync(schedulers, cancel)];
        return reasons.Count == 0 ? Api.Json(new { status = "ready" }) : Api.Json(new { status = "not_ready", reasons }, StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<IEnumerable<string>> DatabaseAsync(IDbContextFactory<OpsDbContext> contexts, CancellationToken cancel)
    {
        try
        {
            await using var db = await contexts.CreateDbContextAsync(cancel);
            db.Database.SetCommandTimeout(TimeSpan.FromSeconds(3));
            var pending = await SchemaUpgrade.PendingAsync(db, cancel);
            return pending.Count == 0 ? [] : [$"The schema is not current: {string.Join(", ", pending)}. Run ./ops migrate."];
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or InvalidOperationException)
        {
            return [$"The database cannot be reached: {e.Message}"];
        }
    }

    private static async Task<IEnumerable<string>> SchedulersAsync(ISchedulerFactory schedulers, CancellationToken cancel)
    {
        var all = await schedulers.GetAllSchedulers(cancel);
        if (all.Count == 0) return ["The scheduler has not started."];
        return all.Where(s => s.Status != SchedulerStatus.Running).Select(s => $"The scheduler {s.SchedulerName} is {Words.Of(s.Status)}.");
    }
}
