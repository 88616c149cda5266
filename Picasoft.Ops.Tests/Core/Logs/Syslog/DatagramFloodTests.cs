using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Logs.Syslog;

/// <summary>More datagrams than the kernel keeps while nobody reads them. The product is held still for that: awake, it reads as fast as one machine can send.</summary>
public sealed class DatagramFloodTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Datagrams_that_the_kernel_threw_away_are_told_and_it_goes_on()
    {
        using var folder = new TempFolder();
        var port = RealProgram.FreePort(SocketType.Dgram);
        await using var ops = await OpsHost.StartAsync(folder["data"], await postgres.CreateDatabaseAsync(), environment: new Dictionary<string, string> { ["OPS_BOOTSTRAP_TOKEN"] = OpsApi.Token, ["OPS_SYSLOG"] = $"udp://127.0.0.1:{port}" });
        ops.Client.DefaultRequestHeaders.Authorization = new("Bearer", OpsApi.Token);
        using var rule = await ops.Client.PostAsync("/api/v1/log-rules", new StringContent("""{"name": "calm-again", "match": "calm again"}""", Encoding.UTF8, "application/json"));
        Assert.True(rule.StatusCode == HttpStatusCode.Created, await rule.Content.ReadAsStringAsync());
        await Eventually.TrueAsync(() => Task.FromResult(Dropped() is not null), "it hears syslog");

        Signals.Send(ops.ProcessId, Signals.Stop);
        try
        {
            // The kernel keeps some ten thousand of them.
            using var sender = new DatagramSender(port, 1000);
            for (var round = 0; round < 1000 && Dropped() is 0; round++)
                for (var i = 0; i < 1000; i++) sender.Add("<11>1 - flood flood - - - too fast"u8);
            Assert.True(Dropped() > 0, "the kernel took a million of them");
        }
        finally { Signals.Send(ops.ProcessId, Signals.Continue); } // who stands still cannot be ended

        await Eventually.TrueAsync(async () => (await AlertsAsync("alertname", "log_lines_lost")).Any(a => a.GetProperty("labels").GetProperty("reason").GetString() == "datagrams"), "the loss is an alert", 120);
        await Eventually.TrueAsync(async () =>
        {
            await RealProgram.RunAsync("logger", "--udp", "--server", "127.0.0.1", "--port", $"{port}", "calm again");
            return (await AlertsAsync("rule", "calm-again")).Count > 0;
        }, "the next line is heard", 120);

        // What the kernel counted of this socket is in its last column; null: nobody listens there.
        long? Dropped() => File.ReadLines("/proc/net/udp").Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(l => l[1] == $"0100007F:{port:X4}").Select(l => (long?)long.Parse(l[^1], CultureInfo.InvariantCulture)).FirstOrDefault();

        async Task<List<JsonElement>> AlertsAsync(string label, string name) =>
            [.. JsonDocument.Parse(await ops.Client.GetStringAsync("/api/v2/alerts")).RootElement.EnumerateArray().Where(a => a.GetProperty("labels").TryGetProperty(label, out var value) && value.GetString() == name)];
    }
}
