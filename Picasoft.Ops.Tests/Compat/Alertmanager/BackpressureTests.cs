using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Compat.Alertmanager;

/// <summary>Too much at once is refused with a word on when to come back, and costs no memory.</summary>
public sealed class BackpressureTests(OpsApi api) : IClassFixture<OpsApi>
{
    private const int Largest = 16 * 1024 * 1024, Held = 4, Refused = 100;

    [Fact]
    public async Task Beyond_what_may_wait_it_is_429_with_Retry_After_and_memory_stays_bounded()
    {
        await api.PostAsync("/api/v2/alerts", """[{"labels": {"alertname": "Before"}}]""");
        var before = MemoryMiB();
        // Four of the largest bodies fill the room: all but their last byte.
        var holders = new List<TcpClient>();
        for (var i = 0; i < Held; i++) holders.Add(await BeginAsync(new byte[Largest - 1]));
        await Eventually.TrueAsync(async () => (await api.PostAsync("/api/v2/alerts", """[{"labels": {"alertname": "Meanwhile"}}]""")).Status == HttpStatusCode.TooManyRequests, "the room is full");

        for (var i = 0; i < Refused; i++)
        {
            using var refused = await BeginAsync([]);
            var answer = await ReadAsync(refused);
            Assert.StartsWith("HTTP/1.1 429", answer, StringComparison.Ordinal);
            Assert.Contains("\r\nRetry-After: 1\r\n", answer, StringComparison.Ordinal);
        }
        // What the refused announced would be 1.6 GB.
        var grown = MemoryMiB() - before;
        Assert.True(grown < 300, string.Create(CultureInfo.InvariantCulture, $"{grown} MiB more than before"));

        foreach (var holder in holders) holder.Dispose();
        await Eventually.TrueAsync(async () => (await api.PostAsync("/api/v2/alerts", """[{"labels": {"alertname": "After"}}]""")).Status == HttpStatusCode.OK, "there is room again");
    }

    [Fact]
    public async Task Readers_who_do_not_read_cost_no_memory()
    {
        const int Alerts = 20_000, Readers = 100; // 10 MB for each of them, of which the system takes less than half
        for (var from = 0; from < Alerts; from += 5000)
            Assert.Equal(HttpStatusCode.OK, (await api.PostAsync("/api/v2/alerts", "[" + string.Join(',', Enumerable.Range(from, 5000).Select(i =>
                $$$"""{"labels": {"alertname": "Many", "service": "many", "n": "{{{i}}}"}, "annotations": {"description": "{{{new string('x', 200)}}}"}}""")) + "]")).Status);
        var before = MemoryMiB();
        var readers = new List<TcpClient>();
        for (var i = 0; i < Readers; i++)
        {
            readers.Add(new TcpClient(api.Host.Address.Host, api.Host.Address.Port) { NoDelay = true, ReceiveBufferSize = 4096 });
            await readers[^1].GetStream().WriteAsync("GET /api/v2/alerts HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer a-token-for-tests-with-all-scopes-0123456789\r\n\r\n"u8.ToArray());
        }
        foreach (var reader in readers) Assert.Equal((byte)'H', (byte)reader.GetStream().ReadByte()); // each answer has begun
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/api/v2/alerts?filter=n%3D7&filter=alertname%3DMany")).Status);
        var grown = MemoryMiB() - before;
        foreach (var reader in readers) reader.Dispose();
        Assert.True(grown < 400, string.Create(CultureInfo.InvariantCulture, $"{grown} MiB more than before"));
    }

    /// <summary>Sends the head of the largest request, and what of its body is given.</summary>
    private async Task<TcpClient> BeginAsync(byte[] body)
    {
        var client = new TcpClient(api.Host.Address.Host, api.Host.Address.Port) { NoDelay = true };
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"POST /api/v2/alerts HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer a-token-for-tests-with-all-scopes-0123456789\r\nContent-Type: application/json\r\nContent-Length: {Largest}\r\n\r\n")));
        await stream.WriteAsync(body);
        return client;
    }

    private static async Task<string> ReadAsync(TcpClient client)
    {
        var buffer = new byte[4096];
        var read = 0;
        while (!Encoding.ASCII.GetString(buffer, 0, read).Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            var more = await client.GetStream().ReadAsync(buffer.AsMemory(read));
            if (more == 0) break;
            read += more;
        }
        return Encoding.ASCII.GetString(buffer, 0, read);
    }

    private double MemoryMiB() =>
        double.Parse(File.ReadLines($"/proc/{api.Host.ProcessId}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
}
