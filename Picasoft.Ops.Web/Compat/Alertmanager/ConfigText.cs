using System.Globalization;
using System.Text;
using System.Text.Json;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Primitives;
using Route = Picasoft.Ops.Core.Alerts.Routing.Route;

namespace Picasoft.Ops.Web.Compat.Alertmanager;

/// <summary>Our routes as a configuration of Alertmanager, for programs that read it. Every text is quoted as JSON, which YAML reads too.</summary>
internal static class ConfigText
{
    public static string Of(PolicyBook book)
    {
        var text = new StringBuilder("global:\n  resolve_timeout: 5m\nroute:\n");
        Write(text, book.Routes.Root, "  ", isRoot: true);
        text.Append("receivers:\n");
        foreach (var name in Paging.Receivers(book)) text.Append(CultureInfo.InvariantCulture, $"- name: {Quoted(name)}\n");
        return text.ToString();
    }

    private static void Write(StringBuilder text, Route route, string indent, bool isRoot)
    {
        text.Append(CultureInfo.InvariantCulture, $"{indent}receiver: {Quoted(route.Escalation)}\n");
        if (route.GroupBy is { } by) text.Append(CultureInfo.InvariantCulture, $"{indent}group_by: [{string.Join(", ", by.Select(Quoted))}]\n");
        text.Append(CultureInfo.InvariantCulture, $"{indent}group_wait: {DurationText.Exact(route.GroupWait)}\n");
        if (!isRoot) text.Append(CultureInfo.InvariantCulture, $"{indent}matchers: [{string.Join(", ", route.Match.Select(m => Quoted(m.ToString())))}]\n{indent}continue: {(route.Continue ? "true" : "false")}\n");
        if (route.Routes.Count == 0) return;
        text.Append(CultureInfo.InvariantCulture, $"{indent}routes:\n");
        foreach (var child in route.Routes)
        {
            text.Append(CultureInfo.InvariantCulture, $"{indent}-\n");
            Write(text, child, indent + "  ", isRoot: false);
        }
    }

    private static string Quoted(string text) => JsonSerializer.Serialize(text, Wire.Relaxed);
}
