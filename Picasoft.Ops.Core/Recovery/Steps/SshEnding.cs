using Renci.SshNet;

namespace Picasoft.Ops.Core.Recovery.Steps;

/// <summary>A command on another machine was cut short, and whether it ended nobody knows.</summary>
public sealed class LeftRunningException(CancellationToken cancel) : OperationCanceledException(cancel);

/// <summary>
/// Ends a command on another machine that is cut short: by the signals of RFC 4254, section 6.9, first politely. OpenSSH (7.9 and later) hands them to everything that the
/// command started in its group, for any account but root: there it refuses, and so may other servers. Whether it ended is what the other side says, not what we hope.
/// </summary>
internal static class SshEnding
{
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(2);

    public static async Task RunAsync(SshCommand command, CancellationToken cancel)
    {
        var running = command.ExecuteAsync(CancellationToken.None);
        try
        {
            await running.WaitAsync(cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested && !running.IsCompleted)
        {
            foreach (var isKill in new[] { false, true })
                if (await EndsAsync(command, running, isKill)) throw new OperationCanceledException(cancel);
            throw new LeftRunningException(cancel);
        }
    }

    private static async Task<bool> EndsAsync(SshCommand command, Task running, bool isKill)
    {
        // On a thread of its own, which may wait for an answer that never comes: until the connection is closed.
        _ = Task.Run(() => command.CancelAsync(isKill, Timeout.Infinite));
        await running.WaitAsync(_grace).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return command.ExitStatus is not null || command.ExitSignal is not null;
    }
}
