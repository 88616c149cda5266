using System.Globalization;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Recovery;

/// <summary>When what the engines say becomes an alert. A failover takes seconds in which nobody leads: people are told of what stays. Pure.</summary>
public static class ClusterTrouble
{
    /// <summary><see cref="Alert.Source"/> of these alerts.</summary>
    public const string Source = "cluster";

    /// <summary>How long a level must last.</summary>
    public static TimeSpan Patience(FindingLevel level) => level == FindingLevel.Bad ? TimeSpan.FromSeconds(15) : TimeSpan.FromSeconds(60);

    /// <summary>What should be told now.</summary>
    public static FindingLevel ToTell(FindingLevel level, DateTimeOffset since, FindingLevel told, DateTimeOffset now) =>
        level == FindingLevel.Note ? FindingLevel.Note // over at once
        : now - since >= Patience(level) ? level
        : told > level ? level : told;

    /// <summary>The alert that begins when this is to be told; null: nothing is.</summary>
    public static AlertSignal? Begins(ClusterInput cluster, ClusterView view, FindingLevel told, DateTimeOffset since)
    {
        if (told == FindingLevel.Note) return null;
        var isBroken = told == FindingLevel.Bad;
        var worst = view.Findings.FirstOrDefault(f => f.Level == told)?.Words;
        var summary = worst is null ? null : Phrase.Of("cluster.alert", cluster.Name, worst);
        return new(
            LabelSet.Of(("alertname", isBroken ? "cluster_broken" : "cluster_at_risk"), ("cluster", cluster.Name), ("service", cluster.Service ?? ""), ("severity", isBroken ? "critical" : "medium")),
            LabelSet.Of(("summary", summary?.In(CultureInfo.InvariantCulture) ?? ""), ("description", string.Join('\n', view.Findings.Select(f => f.Words.In(CultureInfo.InvariantCulture))))),
            since, null, Source, summary);
    }
}
