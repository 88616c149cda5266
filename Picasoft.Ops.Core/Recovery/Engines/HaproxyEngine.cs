using System.Globalization;
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
        var all = new List<BackendView>();
        foreach (var answer in answers)
        {
            var servers = Servers(answer.Name, answer.BodyOf(Statistics));
            var proxies = servers.GroupBy(s => s.Proxy, StringComparer.Ordinal).Select(g => (Name: g.Key, Up: g.Where(s => s.IsUp).Select(s => s.Server).ToList())).ToList();
            members.Add(new(answer.Name, null, servers.Count == 0 ? null : string.Join("; ", proxies.Where(p => p.Up.Count > 0).Select(p => $"{p.Name} → {string.Join(", ", p.Up)}")), null, null, answer.Answers, false));
            if (!answer.Answers) findings.Add(new(FindingLevel.Warning, Phrase.Of("cluster.member_silent", answer.Name)));
            findings.AddRange(proxies.Where(p => p.Up.Count == 0).Select(p => new Finding(FindingLevel.Bad, Phrase.Of("cluster.nothing_behind", answer.Name, p.Name))));
            // By the naming of docker/ha: what ends in _rw may have one server that writes.
            findings.AddRange(proxies.Where(p => p.Up.Count > 1 && p.Name.EndsWith("_rw", StringComparison.Ordinal)).Select(p => new Finding(FindingLevel.Bad, Phrase.Of("cluster.two_writers", answer.Name, p.Name, string.Join(", ", p.Up)))));
            all.AddRange(servers);
        }
        return new(now, members, [.. findings.OrderByDescending(f => f.Level)], []) { Backends = all };
    }

    private static List<BackendView> Servers(string member, string? csv)
    {
        var lines = (csv ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (lines.Length == 0 || !lines[0].StartsWith("# ", StringComparison.Ordinal)) return [];
        var columns = lines[0][2..].Split(',');
        string? Of(string[] cells, string name) => Array.IndexOf(columns, name) is >= 0 and var i && i < cells.Length && cells[i].Length > 0 ? cells[i] : null;
        return [.. lines.Skip(1).Select(l => l.Split(',')).Where(c => Of(c, "svname") is not (null or "FRONTEND" or "BACKEND") && Of(c, "status") is not null)
            .Select(c => new BackendView(member, Of(c, "pxname") ?? "", Of(c, "svname")!, Of(c, "status")!, double.TryParse(Of(c, "lastchg"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : null, CheckOf(Of(c, "check_status"), Of(c, "last_chk"))))];
    }

    // A star says that a check is running; what follows is what the last one said.
    private static string? CheckOf(string? status, string? said) => string.Join(": ", new[] { status?.TrimStart('*', ' '), said }.Where(t => !string.IsNullOrWhiteSpace(t))) is { Length: > 0 } check ? check : null;
}
