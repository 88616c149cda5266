using System.Diagnostics;

namespace Picasoft.Ops.Tests.Support;

/// <summary>An address (of those kept for documentation, RFC 5737) to which the kernel of this machine knows that no way leads, for as long as a test needs it.</summary>
public sealed class NoRoute : IAsyncDisposable
{
    private static int _count;

    private NoRoute(string address) => Address = address;

    public string Address { get; }

    /// <summary>Skips the test where we may not change the routes.</summary>
    public static async Task<NoRoute> MakeAsync()
    {
        var made = new NoRoute($"203.0.113.{Interlocked.Increment(ref _count) + (Environment.ProcessId % 200)}");
        Assert.SkipUnless(Environment.IsPrivilegedProcess && await RunAsync("replace", made.Address) == 0, "may not change the routes");
        return made;
    }

    public async ValueTask DisposeAsync() => await RunAsync("del", Address);

    private static async Task<int> RunAsync(string verb, string address)
    {
        using var ip = Process.Start(new ProcessStartInfo("/bin/ip", ["route", verb, "unreachable", address + "/32"]) { RedirectStandardError = true })!;
        await ip.WaitForExitAsync();
        return ip.ExitCode;
    }
}
