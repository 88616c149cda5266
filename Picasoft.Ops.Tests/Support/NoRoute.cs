using System.Globalization;
using System.Text.RegularExpressions;
using Picasoft.Ops.Tests.Drills;

namespace Picasoft.Ops.Tests.Support;

/// <summary>
/// An address (of those kept for documentation, RFC 5737) to which the kernel of this machine knows that no way leads, for as long as a test needs it.
/// The route's metric is the number of the process that owns it, so that what is left of a killed one is known (<see cref="Remains"/>).
/// </summary>
public sealed partial class NoRoute : IAsyncDisposable
{
    private const string Program = "/bin/ip";
    private static int _count;
    private readonly int _owner;

    private NoRoute(string address, int owner) => (Address, _owner) = (address, owner);

    public string Address { get; }

    /// <summary>Skips the test where we may not change the routes.</summary>
    public static async Task<NoRoute> MakeAsync(int? owner = null)
    {
        var made = new NoRoute($"203.0.113.{Interlocked.Increment(ref _count) + (Environment.ProcessId % 200)}", owner ?? Environment.ProcessId);
        Assert.SkipUnless(Environment.IsPrivilegedProcess && (await made.ChangeAsync("replace")).Exit == 0, "may not change the routes");
        return made;
    }

    /// <summary>Those whose owner is no more.</summary>
    internal static async Task<IReadOnlyList<NoRoute>> OrphansAsync()
    {
        var found = new List<NoRoute>();
        if (!File.Exists(Program)) return found;
        foreach (var route in Route().Matches((await Shell.TryAsync(Program, "-o", "route", "show", "type", "unreachable")).Output).Select(m => m.Groups))
            if (int.TryParse(route["owner"].Value, CultureInfo.InvariantCulture, out var owner) && !Remains.IsAlive(owner)) found.Add(new(route["address"].Value, owner));
        return found;
    }

    public async ValueTask DisposeAsync() => await ChangeAsync("del");

    private Task<(int Exit, string Output, string Error)> ChangeAsync(string verb) => Shell.TryAsync(Program, "route", verb, "unreachable", Address + "/32", "metric", _owner.ToString(CultureInfo.InvariantCulture));

    [GeneratedRegex(@"^unreachable (?<address>203\.0\.113\.\d+) .*metric (?<owner>\d+)", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Route();
}
