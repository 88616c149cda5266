using System.Globalization;
using System.Text;
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
        using var body = new MemoryStream();
        body.Write(Encoding.UTF8.GetBytes(Write(await queries.ReadAsync(cancel))));
        await Metrics.DefaultRegistry.CollectAndExportAsTextAsync(body, cancel);
        return Results.Bytes(body.ToArray(), "text/plain; version=0.0.4; charset=utf-8");
    }

    private static string Write(IReadOnlyList<OwnFigure> figures)
    {
        var text = new StringBuilder();
        foreach (var group in figures.GroupBy(f => f.Name, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"# HELP {group.Key} {OwnFigureQueries.Meanings[group.Key]}\n# TYPE {group.Key} gauge\n");
            foreach (var figure in group)
            {
                text.Append(group.Key);
                if (figure.Labels.Count > 0) text.Append('{').AppendJoin(',', figure.Labels.Select(l => $"{l.Name}=\"{Escaped(l.Value)}\"")).Append('}');
                text.Append(CultureInfo.InvariantCulture, $" {figure.Value:0.###}\n");
            }
        }
        return text.ToString();
    }

    private static string Escaped(string value) => value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
