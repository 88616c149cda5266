using Microsoft.Extensions.Hosting;

namespace Picasoft.Ops.Core.Storage;

/// <summary>
/// A worker that does the same round again and again: at once when one of its topics moves, otherwise after a while. A round that fails, whatever it was,
/// is told and followed by the next: who watches others must not end because one thing went wrong.
/// </summary>
/// <param name="every">The longest pause between two rounds.</param>
/// <param name="signal">Wakes it; null: only time does.</param>
public abstract class RoundRunner(TimeProvider time, TimeSpan every, ChangeSignal? signal = null, params string[] topics) : BackgroundService
{
    /// <summary>The shortest pause after a round that failed.</summary>
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    private Wake? _wake;

    protected TimeProvider Time { get; } = time;

    /// <summary>There is something to do: the next round comes at once.</summary>
    protected void Ring() => _wake?.Ring();

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var wake = _wake = new Wake(signal, Time, topics);
        while (!stoppingToken.IsCancellationRequested)
        {
            try { await RoundAsync(stoppingToken); }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { return; }
            catch (Exception e)
            {
                RoundFailed(e);
                // News that keep coming must not make it fail as fast as it can.
                await Task.Delay(every < _pause ? every : _pause, Time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            await wake.WaitAsync(every, stoppingToken);
        }
    }

    protected abstract Task RoundAsync(CancellationToken cancel);

    /// <summary>Says so in the log, with the number of its part of the product.</summary>
    protected abstract void RoundFailed(Exception exception);
}
