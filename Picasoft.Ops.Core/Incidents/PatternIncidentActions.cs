using Picasoft.Ops.Core.Logs.Patterns;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Incidents;

/// <summary>Opens an incident for a kind of log line that nobody had seen before.</summary>
public sealed class PatternIncidentActions(IncidentActions incidents, PatternActions patterns, PatternQueries queries)
{
    /// <param name="service">Whose trouble it is; null: nobody's yet.</param>
    public async Task<Outcome<Incident>> OpenAsync(long id, string? service, Actor actor, CancellationToken cancel)
    {
        if (await queries.FindAsync(id, cancel) is not { } pattern) return Refusal.NotFound("log_pattern", id);
        var title = $"{pattern.App}: {pattern.Text}";
        if (title.Length > 300) title = title[..299] + "…";
        var severity = PatternRank.Of(pattern.Text, pattern.Level, pattern.Count, pattern.Peak) >= 60 ? Severity.High : Severity.Medium;
        var opened = await incidents.DeclareAsync(actor, title, severity, service, $"{pattern.Host} · {pattern.App}\n\n```\n{pattern.Text}\n```", cancel);
        if (opened.IsDone) await patterns.DecideAsync(id, PatternState.Incident, actor, cancel);
        return opened;
    }
}
