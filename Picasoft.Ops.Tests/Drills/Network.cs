using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Drills;

/// <summary>
/// Three hosts, the people's side and a switch, each a network namespace. No leg outside: nothing of a drill can reach, or be reached from, the machine's
/// own network, and several drills can run at once. A cut takes the port out of the switch, so that packets vanish in silence as they do when a machine dies.
/// </summary>
/// <param name="Prefix">Of the namespaces' names; holds the owner's process id, so that what a killed drill left can be told.</param>
internal sealed record Network(string Prefix)
{
    public const string Client = "client";
    private const string Switch = "switch";

    public static readonly string[] Hosts = ["alice", "bob", "caribou"];

    public static string AddressOf(string host) => $"10.77.0.{(host == Client ? 2 : 11 + Array.IndexOf(Hosts, host))}";

    public const string VirtualAddress = "10.77.0.100";

    public string Path(string host) => $"/run/netns/{Prefix}{host}";

    public static string PrefixOf(int processId) => $"opsdrill{processId}-";

    public async Task CreateAsync()
    {
        foreach (var name in Hosts.Append(Client).Append(Switch))
        {
            await Shell.RunAsync("ip", "netns", "add", Prefix + name);
            await Ip(name, "link", "set", "lo", "up");
        }
        await Ip(Switch, "link", "add", "br0", "type", "bridge", "mcast_snooping", "0");
        await Ip(Switch, "link", "set", "br0", "up");
        foreach (var host in Hosts.Append(Client))
        {
            await Ip(Switch, "link", "add", host, "type", "veth", "peer", "name", "eth0", "netns", Prefix + host);
            await Ip(Switch, "link", "set", host, "master", "br0", "up");
            await Ip(host, "address", "add", $"{AddressOf(host)}/24", "dev", "eth0");
            await Ip(host, "link", "set", "eth0", "up");
            // HAProxy binds the virtual address before it is held.
            await Shell.RunAsync("ip", "netns", "exec", Prefix + host, "sysctl", "-qw", "net.ipv4.ip_nonlocal_bind=1");
        }
    }

    public Task CutAsync(string host) => Ip(Switch, "link", "set", host, "nomaster");

    public Task HealAsync(string host) => Ip(Switch, "link", "set", host, "master", "br0");

    /// <summary>The two no longer hear each other; everybody else hears both.</summary>
    public async Task SplitAsync(string one, string other, bool isSplit)
    {
        foreach (var host in new[] { one, other })
            await Shell.RunAsync("bridge", "-n", Prefix + Switch, "link", "set", "dev", host, "isolated", isSplit ? "on" : "off");
    }

    /// <summary>A machine that boots does not hold the address it held when it died.</summary>
    public async Task ForgetVirtualAddressAsync(string host) => await Shell.TryAsync("ip", "-n", Prefix + host, "address", "del", $"{VirtualAddress}/24", "dev", "eth0");

    public async Task<bool> HoldsVirtualAddressAsync(string host) => (await Shell.RunAsync("ip", "-n", Prefix + host, "-4", "address", "show", "dev", "eth0")).Contains(VirtualAddress + "/", StringComparison.Ordinal);

    public async Task<int[]> ProcessesAsync(string host) =>
        [.. (await Shell.TryAsync("ip", "netns", "pids", Prefix + host)).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];

    /// <summary>Ends everything in it, and takes it away.</summary>
    public async Task RemoveAsync()
    {
        foreach (var name in Hosts.Append(Client).Append(Switch))
        {
            foreach (var id in await ProcessesAsync(name)) Signals.Send(id, Signals.Kill);
            await Shell.TryAsync("ip", "netns", "delete", Prefix + name);
        }
    }

    /// <summary>What drills left that were killed themselves.</summary>
    public static IEnumerable<Network> Orphans() => !Directory.Exists("/run/netns") ? [] :
        Directory.EnumerateFiles("/run/netns", "opsdrill*").Select(System.IO.Path.GetFileName).Select(n => n!.Split('-')[0]).Distinct()
            .Where(n => int.TryParse(n["opsdrill".Length..], out var id) && !Support.Remains.IsAlive(id)).Select(n => new Network(n + "-"));

    private Task<string> Ip(string name, params string[] arguments) => Shell.RunAsync("ip", ["-n", Prefix + name, .. arguments]);
}
