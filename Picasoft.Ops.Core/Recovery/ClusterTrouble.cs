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

    /// <summary>The alert that is to be open while this is told; none for a note.</summary>
    public static IReadOnlyList<AlertSignal> Wanted(ClusterInput cluster, ClusterView view, FindingLevel level, DateTimeOffset since)
    {
        if (level == FindingLevel.Note) return [];
        var worst = view.Findings.FirstOrDefault(f => f.Level == level)?.Words;
        var summary = worst is null ? null : Phrase.Of("cluster.alert", cluster.Name, worst);
        return
        [
            new(LabelSet.Of(("alertname", level == FindingLevel.Bad ? "cluster_broken" : "cluster_at_risk"), ("cluster", cluster.Name), ("service", cluster.Service ?? ""), ("severity", level == FindingLevel.Bad ? "critical" : "medium")),
                LabelSet.Of(("summary", summary?.In(CultureInfo.InvariantCulture) ?? ""), ("description", string.Join('\n', view.Findings.Select(f => f.Words.In(CultureInfo.InvariantCulture))))),
                since, null, Source, summary),
        ];
    }
}
