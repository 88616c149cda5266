using System.Runtime.InteropServices;

namespace Picasoft.Ops.Core.Logs.Syslog;

/// <summary>Threads that must get the processor at once on a busy machine. .NET's own priorities do nothing on Linux. Who may not (setting them takes root or CAP_SYS_NICE) goes on as before.</summary>
internal static partial class UrgentThread
{
    private const int RoundRobin = 2; // SCHED_RR
    private const int ResetOnFork = 0x40000000;
    private const int ThisThread = 0;

    /// <summary>The calling thread comes before all ordinary ones: for what only hands on and then waits. Linux leaves the others 5 % even if it never did.</summary>
    public static void First()
    {
        var lowest = 1;
        if (SetScheduler(ThisThread, RoundRobin | ResetOnFork, in lowest) != 0) Early();
    }

    /// <summary>The calling thread comes before its neighbours, as with <c>nice -n -10</c>.</summary>
    public static void Early() => _ = SetPriority(0, ThisThread, -10);

    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetScheduler(int thread, int policy, in int priority);

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int niceness);
}
