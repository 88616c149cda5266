using System.Text.Json;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes.Kinds;

/// <summary>Which cluster, and what it must have.</summary>
public sealed record PatroniSettings : IChecked
{
    /// <summary>REST addresses of all members: one that is cut off shows an old view, so all are asked.</summary>
    [Setting(Required = true, MaxLength = 253, Example = "http://10.0.0.1:8008")]
    public IReadOnlyList<string> Members { get; init; } = [];

    /// <summary>At least so many members must be running.</summary>
    [Setting(Min = "1", Max = "20")]
    public int MinRunning { get; init; } = 2;

    /// <summary>Most bytes a replica may be behind.</summary>
    [Setting(Min = "0")]
    public long? MaxLagBytes { get; init; }

    /// <summary>One replica must be synchronous.</summary>
    public bool Synchronous { get; init; }

    public bool VerifyTls { get; init; } = true;

    public IEnumerable<FieldError> Check()
    {
        foreach (var (index, member) in Members.Index())
            if (HttpProbe.Parse(member) is null) yield return new($"members[{index}]", Phrase.Of("input.not_url", member));
    }
}

/// <summary>A Patroni cluster has one leader and replicas that follow it. Warns while it is paused: then nobody takes over.</summary>
public sealed class PatroniProbe(TimeProvider time) : Probe<PatroniSettings>, IDisposable
{
    private readonly WebRunner _web = new(time);

    public override string Kind => "patroni";

    public override ProbeGroup Group => ProbeGroup.Clusters;

    protected override string Target(PatroniSettings settings) => string.Join(", ", settings.Members.Select(m => HttpProbe.Parse(m)?.Authority));

    protected override async ValueTask<Observation> CheckAsync(PatroniSettings settings, ProbeContext context, CancellationToken cancel)
    {
        // One member that hangs must not hide what the others say.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(context.Timeout * 0.8);
        var views = await Task.WhenAll(settings.Members.Select(m => AskAsync(new Uri(m.TrimEnd('/') + "/"), settings, limit.Token)));
        cancel.ThrowIfCancellationRequested();
        return Judge(settings, views);
    }

    private async Task<PatroniView> AskAsync(Uri member, PatroniSettings settings, CancellationToken cancel)
    {
        try
        {
            var cluster = await _web.GetAsync(new Uri(member, "cluster"), null, settings.VerifyTls, cancel);
            var primary = await _web.GetAsync(new Uri(member, "primary"), null, settings.VerifyTls, cancel);
            return cluster.Status == 200 ? PatroniView.Read(member.Authority, primary.Status == 200, cluster.Text) : new(member.Authority, primary.Status == 200, false, [], Phrase.Of("probe.status", cluster.Status, 200));
        }
        catch (Exception e)
        {
            return new(member.Authority, false, false, [], e is OperationCanceledException ? Phrase.Of("probe.unreachable", member.Authority) : ProbeReasons.Of(e, member.IdnHost, member.Port));
        }
    }

    /// <summary>What all members together say. Pure.</summary>
    public static Observation Judge(PatroniSettings settings, IReadOnlyList<PatroniView> views)
    {
        var primaries = views.Where(v => v.IsPrimary).ToList();
        if (primaries.Count > 1) return Observation.Down("probe.two_leaders", string.Join(", ", primaries.Select(p => p.Asked)));
        // The view of the member that leads is the one that is not old.
        if (primaries.Count == 0) return views.All(v => v.Trouble is not null) ? new(false, views[0].Trouble) : Observation.Down("probe.no_leader");
        var view = primaries[0];
        var leader = view.Members.FirstOrDefault(m => m.IsLeader);
        var running = view.Members.Where(m => m.State is "running" or "streaming").ToList();
        var behind = settings.MaxLagBytes is { } most ? running.Where(m => !m.IsLeader && (m.Lag is null || m.Lag > most)).MaxBy(m => m.Lag ?? double.MaxValue) : null;
        var seen = leader is null ? Observation.Down("probe.no_leader")
            : running.Count < settings.MinRunning ? Observation.Down("probe.members_missing", running.Count, settings.MinRunning, string.Join(", ", view.Members.Except(running).Select(m => $"{m.Name} {m.State}")))
            : running.Find(m => m.Timeline is { } line && line != leader.Timeline) is { } other ? Observation.Down("probe.member_timeline", other.Name, other.Timeline, leader.Timeline)
            : settings.Synchronous && !running.Exists(m => m.Role == "sync_standby") ? Observation.Down("probe.no_sync_standby")
            : behind is not null ? Observation.Down("probe.standby_behind", behind.Name, behind.Lag is { } bytes ? Units.Text(bytes, "B", System.Globalization.CultureInfo.InvariantCulture) : "unknown", Units.Text(settings.MaxLagBytes!.Value, "B", System.Globalization.CultureInfo.InvariantCulture))
            : view.IsPaused ? Observation.Warn("probe.cluster_paused")
            : views.FirstOrDefault(v => v.Trouble is not null) is { } mute ? Observation.Warn("probe.member_mute", mute.Asked, mute.Trouble)
            : Observation.Up;
        return seen.With([new Measurement("running", running.Count, Crit: settings.MinRunning, Min: 0, Max: settings.Members.Count), .. running.Where(m => !m.IsLeader && m.Lag is not null).Select(m => new Measurement("lag " + m.Name, m.Lag!.Value, "B", Crit: settings.MaxLagBytes, Min: 0))]);
    }

    public void Dispose() => _web.Dispose();
}

/// <summary>What one member says of the cluster. <paramref name="Trouble"/>: why it says nothing.</summary>
public sealed record PatroniView(string Asked, bool IsPrimary, bool IsPaused, IReadOnlyList<PatroniMember> Members, Phrase? Trouble)
{
    /// <summary>Reads <c>GET /cluster</c>; Patroni 3 says "master" or "leader", 4 "leader"; a lag may be "unknown".</summary>
    public static PatroniView Read(string asked, bool isPrimary, string cluster)
    {
        try
        {
            using var document = JsonDocument.Parse(cluster);
            var root = document.RootElement;
            var members = root.GetProperty("members").EnumerateArray().Select(m => new PatroniMember(Text(m, "name") ?? "?", Text(m, "role") ?? "", Text(m, "state") ?? "",
                m.TryGetProperty("timeline", out var line) && line.TryGetInt32(out var timeline) ? timeline : null, m.TryGetProperty("lag", out var lag) && lag.ValueKind == JsonValueKind.Number ? lag.GetDouble() : null)).ToList();
            return new(asked, isPrimary, root.TryGetProperty("pause", out var pause) && pause.ValueKind == JsonValueKind.True, members, null);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return new(asked, false, false, [], Phrase.Of("probe.not_protocol", asked, "Patroni")); // whoever it is, it leads nobody
        }
    }

    private static string? Text(JsonElement member, string name) => member.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>A member as another sees it.</summary>
public sealed record PatroniMember(string Name, string Role, string State, int? Timeline, double? Lag)
{
    public bool IsLeader => Role is "leader" or "master" or "primary" or "standby_leader";
}
