using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Picasoft.Ops.Core.Heartbeats;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Web.Heartbeats;

/// <summary>Heartbeats as the API shows them.</summary>
internal static class HeartbeatsJson
{
    /// <summary>Fields of an answer that a change does not take.</summary>
    public static readonly IReadOnlyCollection<string> Answered = ["fromFile", "status", "since", "reason", "lastPing", "lastSuccess", "lastDuration", "expected", "running", "overlaps", "pings", "pingUrl", "createdAt"];

    /// <param name="url">The ping URL, for those who may see it.</param>
    public static JsonObject Of(HeartbeatRow row, string? url)
    {
        var (heartbeat, state) = (row.Heartbeat, row.State);
        var json = JsonSerializer.SerializeToNode(HeartbeatInput.Of(heartbeat, heartbeat.TokenGiven ? new(Secret.Mask) : null), OpsJson.Api)!.AsObject();
        var more = JsonSerializer.SerializeToNode(new
        {
            status = state.Status,
            state.Since,
            reason = state.Reason?.In(),
            lastPing = state.LastPingAt,
            lastSuccess = state.LastSuccessAt,
            lastDuration = state.LastDuration,
            expected = row.ExpectedAt,
            running = row.IsRunning,
            overlaps = row.Overlaps,
            state.Pings,
            pingUrl = url,
            heartbeat.CreatedAt,
            heartbeat.FromFile,
            heartbeat.Version,
        }, OpsJson.Api)!.AsObject();
        foreach (var (name, value) in more.ToList()) json[name] = value?.DeepClone();
        if (url is null) json.Remove("pingUrl");
        return json;
    }

    public static object Of(BackupTruth backup) => new
    {
        backup.Row.Heartbeat.Name,
        backup.Row.Heartbeat.Service,
        status = backup.Row.Status,
        reason = backup.Row.State.Reason?.In(),
        last = backup.Last?.At,
        size = backup.Last?.Facts?.Size,
        usualSize = backup.Size?.Median,
        sizeJudgement = backup.Size?.Judgement,
        provenRpo = backup.Rpo,
        promisedRpo = backup.Service?.Rpo,
        restored = backup.Restore is { } restore ? new { restore.At, took = restore.Took, restore.Proof } : null,
        promisedRto = backup.Service?.Rto,
    };

    public static object Of(Ping ping) => new
    {
        ping.Id,
        ping.At,
        ping.Kind,
        ping.ExitStatus,
        ping.Rid,
        ping.Method,
        ping.UserAgent,
        ping.Address,
        ping.Duration,
        ping.Facts,
        body = ping.Body is { } body ? Encoding.UTF8.GetString(body) : null,
    };
}
