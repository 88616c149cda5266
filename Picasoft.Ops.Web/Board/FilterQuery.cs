using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Web.Board;

/// <summary>The inbox's filter in the address: a link shows others the same. A word that means nothing is left out.</summary>
public static class FilterQuery
{
    /// <summary>Whoever opens the link.</summary>
    public const string Me = "me";

    public static InboxFilter Read(string? state, string? severity, string? service, string? who, string? silenced, string? q) => new(
        Words.TryParse<IncidentState>(state, out var s) ? s : null,
        Words.TryParse<Severity>(severity, out var v) ? v : null,
        Text(service),
        Text(who),
        silenced switch { "only" => true, "hide" => false, _ => null },
        Text(q));

    public static IReadOnlyDictionary<string, object?> Write(InboxFilter filter) => new Dictionary<string, object?>(StringComparer.Ordinal)
    {
        ["state"] = filter.State is { } s ? Words.Of(s) : null,
        ["severity"] = filter.Severity is { } v ? Words.Of(v) : null,
        ["service"] = Text(filter.Service),
        ["who"] = Text(filter.Assignee),
        ["silenced"] = filter.Silenced switch { true => "only", false => "hide", null => null },
        ["q"] = Text(filter.Text),
    };

    private static string? Text(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
