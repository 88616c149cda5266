using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Alerts.Routing;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Escalations;

/// <summary>Makes what calls too often call less.</summary>
public sealed class QuieterActions(IDbContextFactory<OpsDbContext> contexts, IncidentQueries incidents, PolicyQueries queries, PolicyActions policies)
{
    /// <summary>Name of the policy that it is turned to.</summary>
    public const string Digest = "digest";

    /// <summary>
    /// From now on what this incident is about calls nobody at once: whom its first step names hears of it once a day, with all else of that kind. Makes the policy for it, if there is
    /// none yet, and a route before all others that people made.
    /// </summary>
    /// <returns>The route.</returns>
    public async Task<Outcome<Policy>> ToDigestAsync(long incident, Actor actor, CancellationToken cancel)
    {
        var matchers = await incidents.MatchersOfAsync(incident, cancel, alsoOver: true);
        if (matchers.Count == 0) return Refusal.Conflict(Phrase.Of("incident.no_alert"));
        var routes = await queries.ListAsync(PolicyKind.Route, cancel);
        if (routes.Any(r => r.Input is RouteInput { Escalation: Digest } route && route.Match.SequenceEqual(matchers, StringComparer.Ordinal))) return Refusal.Conflict(Phrase.Of("review.digest_already"));
        if (await queries.FindAsync(PolicyKind.Escalation, Digest, cancel) is null)
        {
            var made = await policies.ChangeAsync(new(PolicyKind.Escalation, null, new EscalationInput { Name = Digest, Digest = "08:00", Steps = [new() { Notify = await ToldNowAsync(incident, cancel) }] }), actor, cancel);
            if (made.Refusal is { } refusal) return refusal;
        }
        return await policies.ChangeAsync(new(PolicyKind.Route, null, new RouteInput { Match = matchers, Escalation = Digest }, Position: 1), actor, cancel);
    }

    /// <summary>Whom the first step names that this incident follows.</summary>
    private async Task<IReadOnlyList<string>> ToldNowAsync(long incident, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var names = await db.Incidents.Where(i => i.Number == incident).Select(i => i.Escalations).SingleOrDefaultAsync(cancel) ?? [];
        return await queries.FindAsync(PolicyKind.Escalation, names.FirstOrDefault() ?? Route.DefaultEscalation, cancel) is { Input: EscalationInput { Steps: [{ } first, ..] } } ? first.Notify : [NotifyTarget.Everybody];
    }
}
