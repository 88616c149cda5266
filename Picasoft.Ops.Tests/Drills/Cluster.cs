using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Picasoft.Ops.Tests.Drills;

/// <summary>What the engines say of themselves, asked from the people's side.</summary>
internal sealed class Cluster(Lab lab) : IDisposable
{
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(2) };

    /// <summary>The machine whose PostgreSQL says it is primary; null: none, or nobody answers.</summary>
    public async Task<LabHost?> PrimaryAsync()
    {
        foreach (var host in lab.All)
            if (await StatusAsync($"http://{host.Address}:8008/primary") == 200) return host;
        return null;
    }

    public async Task<LabHost> PrimaryNowAsync() => await PrimaryAsync() ?? throw new InvalidOperationException("There is no primary.");

    public async Task<LabHost> SyncStandbyAsync()
    {
        foreach (var host in lab.All)
            if (await StatusAsync($"http://{host.Address}:8008/sync") == 200) return host;
        throw new InvalidOperationException("There is no synchronous standby.");
    }

    public async Task<LabHost> EtcdLeaderAsync()
    {
        foreach (var host in lab.All)
        {
            var metrics = await TextAsync($"http://{host.Address}:2379/metrics");
            if (metrics?.Contains("\netcd_server_is_leader 1", StringComparison.Ordinal) == true) return host;
        }
        throw new InvalidOperationException("etcd has no leader.");
    }

    public async Task<LabHost> HolderAsync()
    {
        foreach (var host in lab.All)
            if (await lab.Network.HoldsVirtualAddressAsync(host.Name)) return host;
        throw new InvalidOperationException("Nobody holds the virtual address.");
    }

    public static async Task SwitchoverAsync(LabHost from, string password)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{from.Address}:8008/switchover") { Content = new StringContent($"{{\"leader\":\"{from.Name}\"}}", Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"patroni:{password}")));
        using var patient = new HttpClient { Timeout = TimeSpan.FromSeconds(60) };
        using var answer = await patient.SendAsync(request);
        if (!answer.IsSuccessStatusCode) throw new InvalidOperationException($"Switchover refused: {await answer.Content.ReadAsStringAsync()}");
    }

    /// <summary>What is still missing for the cluster to be whole; empty: nothing.</summary>
    public async Task<IReadOnlyList<string>> MissingAsync(Product product)
    {
        List<string> missing = [];
        var primary = await PrimaryAsync();
        if (primary is null) return ["a primary"];
        var view = await TextAsync($"http://{primary.Address}:8008/cluster");
        if (view is null) return ["the view of the cluster"];
        var members = JsonDocument.Parse(view).RootElement.GetProperty("members").EnumerateArray().ToList();
        if (members.Count < Network.Hosts.Length) missing.Add("a member");
        var timelines = members.Select(m => m.TryGetProperty("timeline", out var t) ? t.GetInt32() : -1).Distinct().Count();
        if (timelines != 1) missing.Add("one timeline");
        missing.AddRange(members.Where(m => m.GetProperty("state").GetString() is not ("running" or "streaming")).Select(m => $"{m.GetProperty("name")} running"));
        if (members.TrueForAll(m => m.GetProperty("role").GetString() != "sync_standby")) missing.Add("a synchronous standby");
        foreach (var host in lab.All)
        {
            if (await StatusAsync($"http://{host.Address}:2379/health") != 200) missing.Add($"etcd on {host.Name}");
            if (await StatusAsync($"http://{host.Address}:7001/postgres") != 200) missing.Add($"HAProxy on {host.Name}");
            if (host.Name != "caribou" && !await product.IsReadyAsync(host)) missing.Add($"the product on {host.Name}");
        }
        if (await StatusAsync($"http://{Network.VirtualAddress}:7001/ldap") != 200) missing.Add("LDAP");
        if (!await lab.Network.HoldsVirtualAddressAsync(primary.Name)) missing.Add("the virtual address where the primary is");
        if (lab.Etherpad is not null && await StatusAsync($"http://{Network.VirtualAddress}:9001/api") != 200) missing.Add("Etherpad");
        if (await StatusAsync($"http://{Network.VirtualAddress}:8065/api/v4/system/ping") != 200) missing.Add("what stands in for Mattermost");
        foreach (var example in lab.Examples)
            foreach (var address in lab.All.Select(h => h.Address).Append(Network.VirtualAddress))
                if (await StatusAsync($"http://{address}:{example.Ping}") != 200) missing.Add($"{example.Name} on {address}");
        return missing;
    }

    /// <summary>Whether the machine's own Patroni answers that it is primary, asked from within: a machine that is cut off can still think so.</summary>
    public static bool IsPrimaryWithin(string address)
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 500, SendTimeout = 500 };
            socket.Connect(address, 8008);
            socket.Send("GET /primary HTTP/1.0\r\n\r\n"u8);
            var buffer = new byte[32];
            var read = socket.Receive(buffer);
            return Encoding.ASCII.GetString(buffer, 0, read).Contains(" 200 ", StringComparison.Ordinal);
        }
        catch (SocketException) { return false; }
    }

    public void Dispose() => _client.Dispose();

    private async Task<int> StatusAsync(string url)
    {
        try
        {
            using var answer = await _client.GetAsync(url);
            return (int)answer.StatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException) { return 0; }
    }

    private async Task<string?> TextAsync(string url)
    {
        try { return await _client.GetStringAsync(url); }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException) { return null; }
    }
}
