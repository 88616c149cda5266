using System.Globalization;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Recovery.Engines;

/// <summary>Directories that copy each other (OpenLDAP's mirror mode), by their contextCSN: which change of which server each has seen last. All may be written to, so none leads. Source: slapo-syncprov(5).</summary>
public sealed class LdapEngine : IClusterEngine
{
    /// <summary>Under this name stand the values of contextCSN, one a line.</summary>
    public const string Csn = "contextCSN";

    /// <summary>A change is on the other side within milliseconds: after this long something is wrong.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    public EngineKind Kind => EngineKind.Ldap;

    public IReadOnlyList<string> Paths { get; } = [];

    public ClusterView Read(IReadOnlyList<MemberAnswer> answers, DateTimeOffset now)
    {
        var seen = answers.ToDictionary(a => a.Name, a => Lines(a.BodyOf(Csn)), StringComparer.Ordinal);
        var newest = seen.Values.SelectMany(l => l).GroupBy(ServerOf, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Max(StringComparer.Ordinal)!, StringComparer.Ordinal);
        var findings = new List<Finding>();
        var members = new List<MemberView>();
        foreach (var answer in answers)
        {
            var own = seen[answer.Name];
            var missing = own.Count == 0 ? [] : newest.Values.Where(csn => !own.Exists(o => ServerOf(o) == ServerOf(csn) && string.CompareOrdinal(o, csn) >= 0)).ToList();
            members.Add(new(answer.Name, null, own.Count == 0 ? null : string.Join("; ", own.Select(Shown)), null, null, answer.Answers, false));
            if (!answer.Answers) findings.Add(new(FindingLevel.Warning, Phrase.Of("cluster.member_silent", answer.Name)));
            else if (own.Count == 0) findings.Add(new(FindingLevel.Warning, Phrase.Of("cluster.no_csn", answer.Name)));
            if (missing.Select(AtOf).OfType<DateTimeOffset>().DefaultIfEmpty(now).Min() is var oldest && now - oldest > _patience)
                findings.Add(new(FindingLevel.Warning, Phrase.Of("cluster.ldap_behind", answer.Name, now - oldest, string.Join(", ", missing.Select(Shown)))));
        }
        if (answers.Count > 0 && members.TrueForAll(m => !m.Answers)) findings.Insert(0, new(FindingLevel.Bad, Phrase.Of("cluster.silent")));
        else if (findings.Count == 0) findings.Add(new(FindingLevel.Note, Phrase.Of("cluster.ldap_equal")));
        return new(now, members, findings, []);
    }

    private static List<string> Lines(string? body) => [.. (body ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    // 20261125181500.123456Z#000000#001#000000: when, and by which server.
    private static string ServerOf(string csn) => csn.Split('#') is { Length: > 2 } parts ? parts[2] : "";

    private static DateTimeOffset? AtOf(string csn) => DateTimeOffset.TryParseExact(csn.Split('.', '#')[0].TrimEnd('Z'), "yyyyMMddHHmmss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;

    private static string Shown(string csn) => $"{ServerOf(csn)}: {csn.Split('#')[0]}";
}
