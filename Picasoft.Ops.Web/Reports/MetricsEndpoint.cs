using Picasoft.Ops.Core.Reports;
using Picasoft.Ops.Web.Access;
using Prometheus;

namespace Picasoft.Ops.Web.Reports;

/// <summary><c>/metrics</c>: the product's own figures, then those of its process and libraries, in Prometheus' text format (0.0.4).</summary>
internal static class MetricsEndpoint
{
    public static void MapOwnMetrics(this IEndpointRouteBuilder app) =>
        app.MapGet("/metrics", AnswerAsync).RequireAuthorization(Policies.Read).ExcludeFromDescription();

    private static async Task<IResult> AnswerAsync(OwnFigureQueries queries, CancellationToken cancel)
    {
        // A registry of its own for each answer: what is no longer (a deleted channel) is not said again.
        var own = Metrics.NewCustomRegistry();
        var factory = Metrics.WithCustomRegistry(own);
        foreach (var figure in await queries.ReadAsync(cancel))
            factory.CreateGauge(figure.Name, OwnFigureQueries.Meanings[figure.Name], [.. figure.Labels.Select(l => l.Name)]).WithLabels([.. figure.Labels.Select(l => l.Value)]).Set(figure.Value);
        using var body = new MemoryStream();
        await own.CollectAndExportAsTextAsync(body, cancel);
        await Metrics.DefaultRegistry.CollectAndExportAsTextAsync(body, cancel);
        return Results.Bytes(body.ToArray(), "text/plain; version=0.0.4; charset=utf-8");
    }
}
