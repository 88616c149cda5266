using System.Runtime.InteropServices;

namespace Picasoft.Ops.Tests.Support;

/// <summary>What .NET does not offer of Linux.</summary>
internal static partial class Signals
{
    public const int Hangup = 1;
    public const int Quit = 3;
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;
    private const int NewNetwork = 0x40000000; // CLONE_NEWNET

    public static void Send(int processId, int signal) => _ = KillProcess(processId, signal);

    /// <summary>Runs on a thread of its own that stands within a network namespace: what it opens, synchronously, is opened there.</summary>
    public static Task<T> WithinAsync<T>(string namespacePath, Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                using var file = File.OpenHandle(namespacePath);
                if (SetNamespace((int)file.DangerousGetHandle(), NewNetwork) != 0) throw new InvalidOperationException($"setns({namespacePath}) failed: {Marshal.GetLastPInvokeErrorMessage()}");
                done.SetResult(work());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        })
        { IsBackground = true };
        thread.Start();
        return done.Task;
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int KillProcess(int processId, int signal);

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(int file, int kind);
}
