using Renci.SshNet;
using Renci.SshNet.Common;

namespace Picasoft.Ops.Core.Recovery.Steps;

/// <summary>A command on another machine was cut short, and whether it ended nobody knows.</summary>
public sealed class LeftRunningException(CancellationToken cancel) : OperationCanceledException(cancel);

/// <summary>
/// Ends a command on another machine that is cut short: by the signals of RFC 4254, section 6.9, first politely. OpenSSH (7.9 and later) hands them to everything that the
/// command started in its group, but refuses for root and for forced commands, and so may other servers: there the machine's own command for it is run in a second session.
/// Never one that nobody listed: whoever has a forced command runs just that one, again, whatever they are asked. Whether it ended is what the other side says, not what we hope.
/// </summary>
internal static class SshEnding
{
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(2);

    /// <summary>What the machine's own command may take.</summary>
    private static readonly TimeSpan _ending = TimeSpan.FromSeconds(10);

    /// <param name="end">The machine's own command that ends the others; null: signals only.</param>
    public static async Task RunAsync(SshClient client, SshCommand command, string? end, CancellationToken cancel)
    {
        var running = command.ExecuteAsync(CancellationToken.None);
        try
        {
            await running.WaitAsync(cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested && !running.IsCompleted)
        {
            if (end is not null && await EndedByAsync(client, end, command, running)) throw new OperationCanceledException(cancel);
            foreach (var isKill in new[] { false, true })
                if (await EndsAsync(command, running, isKill)) throw new OperationCanceledException(cancel);
            throw new LeftRunningException(cancel);
        }
    }

    private static async Task<bool> EndedByAsync(SshClient client, string end, SshCommand command, Task running)
    {
        using var ending = client.CreateCommand(end);
        try { await Task.WhenAll(ending.ExecuteAsync(CancellationToken.None), running).WaitAsync(_ending); }
        catch (Exception e) when (e is TimeoutException or SshException or IOException) { } // then by signals
        return HasEnded(command);
    }

    private static bool HasEnded(SshCommand command) => command.ExitStatus is not null || command.ExitSignal is not null;

    private static async Task<bool> EndsAsync(SshCommand command, Task running, bool isKill)
    {
        // On a thread of its own, which may wait for an answer that never comes: until the connection is closed.
        _ = Task.Run(() => command.CancelAsync(isKill, Timeout.Infinite));
        await running.WaitAsync(_grace).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return HasEnded(command);
    }
}
