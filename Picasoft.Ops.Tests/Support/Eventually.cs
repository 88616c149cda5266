namespace Picasoft.Ops.Tests.Support;

/// <summary>Waits for another process, which cannot tell us when it is done: by asking it, at most as long as a patient person would.</summary>
public static class Eventually
{
    /// <summary>In seconds. A machine that runs everything at once is slow, and what holds in time ends the wait.</summary>
    public const int Patience = 120;

    public static Task TrueAsync(Func<Task<bool>> isTrue, string what, double seconds = Patience) => TrueAsync(isTrue, () => what, seconds);

    /// <param name="what">Asked only when patience ends: may say how things stood then.</param>
    public static async Task TrueAsync(Func<Task<bool>> isTrue, Func<string> what, double seconds = Patience)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await isTrue())
        {
            try
            {
                await timer.WaitForNextTickAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"Not within {seconds} s: {what()}");
            }
        }
    }
}
