using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Probes.Kinds;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Probes;

/// <summary>What a user of Etherpad does, and the WebSocket under it, with the real one.</summary>
public sealed class EtherpadProbesTests : IAsyncLifetime
{
    private readonly HttpScenarioProbe _scenario = new(TimeProvider.System);
    private readonly IProbe _websocket = new WebsocketProbe(TimeProvider.System);
    private Etherpad _etherpad = null!;

    public async ValueTask InitializeAsync() => _etherpad = await Etherpad.StartAsync();

    [Fact]
    public async Task A_pad_is_created_edited_read_and_deleted()
    {
        IProbe probe = _scenario;
        var settings = Documented.Scenario("etherpad", _etherpad.Address, new() { ["key"] = new(Etherpad.Key) });
        var seen = await probe.CheckAsync(settings);
        Assert.Equal("", seen.Words());
        Assert.Equal(["create", "edit", "read", "delete"], seen.Measured.Select(m => m.Name));
        Assert.Empty(await _etherpad.PadsAsync());

        Assert.Equal("step 1 (create): answered 401 instead of 200–299", await probe.ReasonOf(settings with { Secrets = new Dictionary<string, Secret> { ["key"] = new("wrong") } }));
        // A pad that is there already, as after a check that was cut short; and one that is not there.
        Assert.Equal("step 2 (again): JSON: code is 1 instead of 0", await probe.ReasonOf(settings with { Steps = [settings.Steps[0], settings.Steps[0] with { Name = "again" }] }));
        Assert.Equal("step 1 (edit): JSON: code is 1 instead of 0", await probe.ReasonOf(settings with { Steps = [settings.Steps[1] with { Body = settings.Steps[1].Body!.Replace("{now}", "gone", StringComparison.Ordinal) }] }));
        Assert.Equal("step 3 (read): text “never written” not found in the answer", await probe.ReasonOf(settings with { Steps = [settings.Steps[0] with { Body = settings.Steps[0].Body!.Replace("{now}", "new", StringComparison.Ordinal) }, settings.Steps[1] with { Body = settings.Steps[1].Body!.Replace("{now}", "new", StringComparison.Ordinal) }, settings.Steps[2] with { Body = settings.Steps[2].Body!.Replace("{now}", "new", StringComparison.Ordinal), Expect = new() { Text = "never written" } }] }));

        await _etherpad.DisposeAsync();
        Assert.StartsWith("step 1 (create): connection refused by 127.0.0.1:", await probe.ReasonOf(settings));
    }

    [Fact]
    public async Task Its_WebSocket_opens_greets_and_answers()
    {
        var socket = new WebsocketSettings { Url = _etherpad.Address.Replace("http://", "ws://", StringComparison.Ordinal) + "/socket.io/?EIO=3&transport=websocket" };
        Assert.Equal("", await _websocket.ReasonOf(socket));
        Assert.Equal("", await _websocket.ReasonOf(socket with { Expect = "\"sid\":" }));
        // As a browser opens a pad.
        Assert.Equal("", await _websocket.ReasonOf(socket with { Send = new("""42["message",{"component":"pad","type":"CLIENT_READY","padId":"probe","token":"t.12345678901234567890","protocolVersion":2}]"""), Expect = "CLIENT_VARS" }));
        Assert.Equal("answered 400 instead of 101", await _websocket.ReasonOf(socket with { Url = socket.Url.Replace("transport=websocket", "transport=pigeon", StringComparison.Ordinal) }));
        // It says nothing of the kind, ever: the runner's time is what ends that.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _websocket.CheckAsync(socket with { Expect = "never said" }, new(TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(1)), limit.Token));

        await _etherpad.DisposeAsync();
        Assert.StartsWith("connection refused by 127.0.0.1:", await _websocket.ReasonOf(socket));
    }

    public async ValueTask DisposeAsync()
    {
        _scenario.Dispose();
        await _etherpad.DisposeAsync();
    }
}
