using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Alerts.Routing;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Escalations;

/// <summary>What becomes of an alert under one set of decisions.</summary>
/// <param name="Labels">After the label rules.</param>
/// <param name="Routes">The paths of the routes it takes; "" for none.</param>
/// <param name="Escalations">The policies it follows.</param>
/// <param name="Group">What it shares an incident by.</param>
/// <param name="Mutes">What holds it back.</param>
public sealed record AlertFate(LabelSet Labels, IReadOnlyList<string> Routes, IReadOnlyList<string> Escalations, Phrase Group, IReadOnlyList<Mute> Mutes)
{
    public bool IsMuted => Mutes.Count > 0;
}

/// <summary>An alert that a change would treat differently.</summary>
/// <param name="Labels">As its source sent them.</param>
public sealed record ChangedAlert(LabelSet Labels, long? Incident, AlertFate Before, AlertFate After);

/// <summary>What a change would do to the alerts that go on. Pure.</summary>
/// <param name="Alerts">How many were looked at: the newest.</param>
/// <param name="Changed">How many would be treated differently.</param>
/// <param name="Muted">How many would be held back that are not now.</param>
/// <param name="Freed">How many would be held back no longer.</param>
/// <param name="Examples">Some of those that change.</param>
public sealed record PolicyEffect(int Alerts, int Changed, int Muted, int Freed, IReadOnlyList<ChangedAlert> Examples)
{
    /// <summary>Beyond as many, only the newest are looked at.</summary>
    public const int MostAlerts = 10_000;

    private const int MostExamples = 50;

    public static PolicyEffect Of(PolicyBook before, PolicyBook after, Silencing silences, IReadOnlyList<(LabelSet Labels, long? Incident)> alerts, DateTimeOffset now)
    {
        var (was, will) = (new World(before, silences, alerts, now), new World(after, silences, alerts, now));
        var changed = alerts.Select(a => new ChangedAlert(a.Labels, a.Incident, was.FateOf(a.Labels), will.FateOf(a.Labels))).Where(c => Differ(c.Before, c.After)).ToList();
        return new(alerts.Count, changed.Count, changed.Count(c => !c.Before.IsMuted && c.After.IsMuted), changed.Count(c => c.Before.IsMuted && !c.After.IsMuted), [.. changed.Take(MostExamples)]);
    }

    // The number of a route that only moved up is no difference to anybody, nor is that of a rule.
    private static bool Differ(AlertFate a, AlertFate b) => !a.Labels.Equals(b.Labels)
        || !a.Escalations.SequenceEqual(b.Escalations, StringComparer.Ordinal) || !a.Group.Equals(b.Group)
        || !Held(a).SetEquals(Held(b));

    private static HashSet<string> Held(AlertFate fate) => [.. fate.Mutes.Select(m => m.Kind == MuteKind.Inhibition ? "inhibited" : $"{m.Kind}:{m.Name}")];

    private sealed class World(PolicyBook book, Silencing silences, IReadOnlyList<(LabelSet Labels, long? Incident)> alerts, DateTimeOffset now)
    {
        private readonly Muting _muting = new(silences, book.Maintenances, new(book.Inhibitions, book.Inhibitions.Count == 0 ? [] : alerts.Select(a => book.Labels.Apply(a.Labels))), now);

        public AlertFate FateOf(LabelSet labels)
        {
            labels = book.Labels.Apply(labels);
            var routes = book.Routes.Match(labels);
            return new(labels, [.. routes.Select(r => r.Path)], [.. routes.Select(r => r.Escalation).Distinct(StringComparer.Ordinal)], Grouping.Shown(Grouping.KeyOf(routes[0], labels)), _muting.Of(labels));
        }
    }
}
