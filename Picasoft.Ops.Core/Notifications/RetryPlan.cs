namespace Picasoft.Ops.Core.Notifications;

/// <summary>When to try again what could not be handed over. Quick at first (a server restarting), then patient, and after a day no more. Pure.</summary>
public static class RetryPlan
{
    /// <summary>A message older than this is given up: it would no longer be news.</summary>
    public static readonly TimeSpan GiveUpAfter = TimeSpan.FromHours(24);

    private static readonly TimeSpan[] _pauses =
        [.. new[] { 5, 15, 30, 60, 120, 300, 600 }.Select(s => TimeSpan.FromSeconds(s))];

    /// <summary>When to try next; null: give up.</summary>
    /// <param name="attempts">How many were made, 1 or more.</param>
    /// <param name="createdAt">Since when it waits.</param>
    /// <param name="notBefore">What the channel asks for at least.</param>
    /// <param name="dice">0 to 1: spreads the tries over ±20 %, so that many messages do not come back in one burst.</param>
    public static DateTimeOffset? Next(int attempts, DateTimeOffset createdAt, DateTimeOffset now, TimeSpan? notBefore, double dice)
    {
        var pause = _pauses[Math.Clamp(attempts, 1, _pauses.Length) - 1] * (0.8 + 0.4 * dice);
        if (notBefore > pause) pause = notBefore.Value;
        return now + pause - createdAt > GiveUpAfter ? null : now + pause;
    }
}
