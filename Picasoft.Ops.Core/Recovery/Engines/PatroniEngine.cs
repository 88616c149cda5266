using System.Globalization;
using System.Text.Json;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Recovery.Engines;

/// <summary>
/// PostgreSQL under Patroni (3 and 4), by its REST API. Every member is asked: one that is cut off still shows an old view that names the old leader,
/// so the view is believed whose leader itself says that it leads.
/// </summary>
public sealed class PatroniEngine : IClusterEngine
{
    private const string Primary = "/primary", Own = "/patroni", Cluster = "/cluster", History = "/history", Config = "/config";

    /// <summary>Patroni's own <c>maximum_lag_on_failover</c>, in bytes, where nobody wrote another.</summary>
    private const long UsualLag = 1024 * 1024;

    public EngineKind Kind => EngineKind.Patroni;

    public IReadOnlyList<string> Paths { get; } = [Primary, Own, Cluster, History, Config];

    public ClusterView Read(IReadOnlyList<MemberAnswer> answers, DateTimeOffset now)
    {
        var leaders = answers.Where(a => a.StatusOf(Primary) == 200).ToList();
        var believed = leaders.FirstOrDefault() ?? answers.Where(a => a.Answers).MaxBy(LastSeen);
        if (believed is null) return new(now, [.. answers.Select(a => new MemberView(a.Name, null, null, null, null, false, false))], [new(FindingLevel.Bad, Phrase.Of("cluster.silent"))], []);
        var view = Parse(believed.BodyOf(Cluster));
        var said = Members(view);
        var members = answers.Select(a => a.Name).Union(said.Keys, StringComparer.Ordinal).Select(name => Member(name, answers.FirstOrDefault(a => a.Name == name), said.GetValueOrDefault(name))).ToList();
        var history = HistoryOf(believed);
        return new(now, members, [.. Findings(answers, leaders, members, said, view, Parse(believed.BodyOf(Config)), history, now)], history);
    }

    private static IEnumerable<Finding> Findings(IReadOnlyList<MemberAnswer> answers, List<MemberAnswer> leaders, List<MemberView> members, Dictionary<string, JsonElement> said, JsonElement? view, JsonElement? config, List<EngineEvent> history, DateTimeOffset now)
    {
        var ttl = Number(config, "ttl") ?? 30;
        var blind = answers.Where(a => a.Answers && LastSeen(a) is > 0 and var seen && now.ToUnixTimeSeconds() - seen > ttl).Select(a => a.Name).ToList();
        var isSynchronous = Text(config, "synchronous_mode") is "True" or "true";
        var standby = members.Find(m => m.Role is "sync_standby" or "quorum_standby");
        var isPaused = Text(view, "pause") is "True" or "true";

        if (leaders.Count > 1) yield return new(FindingLevel.Bad, Phrase.Of("cluster.two_leaders", string.Join(", ", leaders.Select(l => l.Name))));
        if (leaders.Count == 0)
        {
            yield return new(FindingLevel.Bad, Phrase.Of("cluster.no_leader"));
            // Why nobody took over, in the order in which Patroni would stumble over it.
            var fit = members.FindAll(m => m.Answers && (!isSynchronous || m == standby));
            if (isPaused) yield return new(FindingLevel.Note, Phrase.Of("cluster.why.paused"));
            else if (blind.Count > 0 && blind.Count == answers.Count(a => a.Answers)) yield return new(FindingLevel.Note, Phrase.Of("cluster.why.no_majority"));
            else if (isSynchronous && standby is { Answers: false }) yield return new(FindingLevel.Note, Phrase.Of("cluster.why.only_standby", standby.Name));
            else if (isSynchronous && standby is null) yield return new(FindingLevel.Note, Phrase.Of("cluster.why.no_standby"));
            else if (fit.TrueForAll(m => MayNotLead(said.GetValueOrDefault(m.Name)))) yield return new(FindingLevel.Note, Phrase.Of("cluster.why.nofailover", string.Join(", ", fit.Select(m => m.Name))));
            else if ((Number(config, "maximum_lag_on_failover") ?? UsualLag) is var most && fit.TrueForAll(m => m.Lag > most)) yield return new(FindingLevel.Note, Phrase.Of("cluster.why.behind", string.Join(", ", fit.Select(m => m.Name)), most));
            else yield return new(FindingLevel.Note, Phrase.Of("cluster.why.wait", TimeSpan.FromSeconds(ttl)));
        }
        else if (history.Count > 0) yield return new(FindingLevel.Note, Phrase.Of("cluster.why.leads", history[^1].Leader, history[^1].At, history[^1].Timeline, history[^1].Reason));
        foreach (var silent in members.Where(m => !m.Answers)) yield return new(FindingLevel.Warning, Phrase.Of("cluster.member_silent", silent.Name));
        foreach (var name in blind) yield return new(FindingLevel.Warning, Phrase.Of("cluster.member_blind", name));
        var leader = members.Find(m => m.Leads);
        foreach (var behind in members.Where(m => leader?.Timeline is { } timeline && m.Answers && m.Timeline is { } own && own != timeline)) yield return new(FindingLevel.Warning, Phrase.Of("cluster.other_timeline", behind.Name, behind.Timeline, leader!.Timeline));
        foreach (var member in members.Where(m => m.Answers && leaders.Count > 0 && m.State is { } state && state is not ("running" or "streaming"))) yield return new(FindingLevel.Warning, Phrase.Of("cluster.member_state", member.Name, member.State));
        if (leaders.Count > 0 && isSynchronous && standby is null) yield return new(FindingLevel.Warning, Phrase.Of("cluster.no_standby"));
        if (isPaused && leaders.Count > 0) yield return new(FindingLevel.Warning, Phrase.Of("cluster.paused"));
        if (view is { ValueKind: JsonValueKind.Object } seen && seen.TryGetProperty("scheduled_switchover", out var planned)) yield return new(FindingLevel.Note, Phrase.Of("cluster.switchover_planned", Text(planned, "from"), DateTimeOffset.TryParse(Text(planned, "at"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : Text(planned, "at")));
    }

    private static MemberView Member(string name, MemberAnswer? answer, JsonElement? said) => new(
        name,
        Text(said, "role") is "master" or "primary" ? "leader" : Text(said, "role"),
        Text(said, "state"),
        Number(said, "timeline"),
        Number(said, "lag"),
        answer?.Answers ?? false,
        answer?.StatusOf(Primary) == 200);

    private static bool MayNotLead(JsonElement said) => said.ValueKind == JsonValueKind.Object && said.TryGetProperty("tags", out var tags) && Text(tags, "nofailover") is "True" or "true";

    private static Dictionary<string, JsonElement> Members(JsonElement? view) =>
        view is { ValueKind: JsonValueKind.Object } v && v.TryGetProperty("members", out var members) && members.ValueKind == JsonValueKind.Array
            ? members.EnumerateArray().Where(m => Text(m, "name") is not null).GroupBy(m => Text(m, "name")!, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal) : [];

    private static List<EngineEvent> HistoryOf(MemberAnswer member)
    {
        var events = new List<EngineEvent>();
        if (Parse(member.BodyOf(History)) is not { ValueKind: JsonValueKind.Array } history) return events;
        // [timeline that ended, LSN, reason, time, new leader]; old ones lack the last two.
        foreach (var line in history.EnumerateArray().Where(l => l.ValueKind == JsonValueKind.Array && l.GetArrayLength() >= 5))
            if (line[0].TryGetInt64(out var ended) && DateTimeOffset.TryParse(line[3].ToString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
                events.Add(new(at.ToUniversalTime(), line[4].ToString(), ended + 1, line[2].ToString()));
        return events;
    }

    private static long LastSeen(MemberAnswer answer) => Number(Parse(answer.BodyOf(Own)), "dcs_last_seen") ?? 0;

    private static JsonElement? Parse(string? body)
    {
        if (body is null) return null;
        try { return JsonElement.Parse(body); }
        catch (JsonException) { return null; }
    }

    private static string? Text(JsonElement? json, string name) => json is { ValueKind: JsonValueKind.Object } o && o.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value.ToString() : null;

    private static long? Number(JsonElement? json, string name) => json is { ValueKind: JsonValueKind.Object } o && o.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;
}
