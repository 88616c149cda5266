using Picasoft.Ops.Core.Heartbeats;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Web.Heartbeats;

/// <summary>Where a heartbeat is pinged. Knowing it is the right to ping, so it is shown only to those who may change the heartbeat.</summary>
internal sealed class PingUrl(HeartbeatActions actions, OpsSettings settings)
{
    /// <param name="asked">How whoever asks reaches us; <c>OPS_PUBLIC_URL</c> goes before it.</param>
    /// <returns>Null when it was sealed with another key.</returns>
    public string? Of(Heartbeat heartbeat, string asked)
    {
        if (TokenOf(heartbeat) is not { } token) return null;
        var text = token.Reveal();
        return $"{(settings.PublicUrl ?? asked).TrimEnd('/')}/{(Guid.TryParseExact(text, "D", out _) ? "ping" : "api/push")}/{text}";
    }

    /// <summary>The token that its owner chose; null: we made it.</summary>
    public Secret? GivenToken(Heartbeat heartbeat) => heartbeat.TokenGiven ? TokenOf(heartbeat) : null;

    private Secret? TokenOf(Heartbeat heartbeat)
    {
        try { return actions.TokenOf(heartbeat); }
        catch (InvalidOperationException) { return null; }
    }
}
