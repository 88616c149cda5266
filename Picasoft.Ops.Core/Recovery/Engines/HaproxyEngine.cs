using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Recovery.Engines;

/// <summary>HAProxy, by the CSV of its statistics page. Columns are found by their names: later versions add some.</summary>
public sealed class HaproxyEngine : IClusterEngine
{
    private const string Statistics = "/;csv";

    public EngineKind Kind => EngineKind.Haproxy;

    public IReadOnlyList<string> Paths { get; } = [Statistics];

    public ClusterView Read(IReadOnlyList<MemberAnswer> answers, DateTimeOffset now)
    {
        var members = new List<MemberView>();
        var findings = new List<Finding>();
        foreach (var answer in answers)
        {
            var backends = Backends(answer.BodyOf(Statistics));
            var routes = backends.Where(b => b.Up.Count > 0).Select(b => $"{b.Name} → {string.Join(", ", b.Up)}");
            members.Add(new(answer.Name, null, backends.Count == 0 ? null : string.Join("; ", routes), null, null, answer.Answers, false));
            if (!answer.Answers) findings.Add(new(FindingLevel.Warning, Phrase.Of("cluster.member_silent", answer.Name)));
            findings.AddRange(backends.Where(b => b.Up.Count == 0 && b.Known > 0).Select(b => new Finding(FindingLevel.Bad, Phrase.Of("cluster.nothing_behind", answer.Name, b.Name))));
            // By the naming of docker/ha: what ends in _rw may have one server that writes.
            findings.AddRange(backends.Where(b => b.Up.Count > 1 && b.Name.EndsWith("_rw", StringComparison.Ordinal)).Select(b => new Finding(FindingLevel.Bad, Phrase.Of("cluster.two_writers", answer.Name, b.Name, string.Join(", ", b.Up)))));
        }
        return new(now, members, [.. findings.OrderByDescending(f => f.Level)], []);
    }

    private static List<(string Name, List<string> Up, int Known)> Backends(string? csv)
    {
        var lines = (csv ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (lines.Length == 0 || !lines[0].StartsWith("# ", StringComparison.Ordinal)) return [];
        var columns = lines[0][2..].Split(',');
        var (proxy, server, status) = (Array.IndexOf(columns, "pxname"), Array.IndexOf(columns, "svname"), Array.IndexOf(columns, "status"));
        if (proxy < 0 || server < 0 || status < 0) return [];
        return [.. lines.Skip(1).Select(l => l.Split(',')).Where(c => c.Length > status && c[server] is not ("FRONTEND" or "BACKEND"))
            .GroupBy(c => c[proxy], StringComparer.Ordinal)
            .Select(g => (g.Key, g.Where(c => c[status].StartsWith("UP", StringComparison.Ordinal)).Select(c => c[server]).ToList(), g.Count()))];
    }
}
