using System.Text.Json;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Probes.Kinds;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Probes;

/// <summary>With Debian's Docker Engine, through its socket.</summary>
public sealed class DockerProbeTests(DockerEngine engine) : IAsyncLifetime
{
    private readonly DockerProbe _probe = new(TimeProvider.System);

    public async ValueTask InitializeAsync() => await engine.RequireAsync();

    [Fact]
    public async Task A_container_that_runs_is_well_and_one_that_stops_is_not()
    {
        var name = DockerEngine.NameOf("wiki");
        await engine.StartAsync(name, "sleep 1000");
        var seen = await CheckAsync(name);
        Assert.Equal("", seen.Words());
        Assert.Equal(0, seen.Value("restarts"));

        await engine.DoAsync("pause", name);
        Assert.Equal("the container is paused, with status 0", (await CheckAsync(name)).Words());
        await engine.DoAsync("unpause", name);
        Assert.Equal("", (await CheckAsync(name)).Words());
        await engine.DoAsync("kill", name);
        Assert.Equal("the container is exited, with status 137", (await CheckAsync(name)).Words());
        await engine.DoAsync("rm", name);
        Assert.Equal($"there is no container {name}", (await CheckAsync(name)).Words());
    }

    [Fact]
    public async Task One_that_was_made_and_never_started_and_one_that_ended_badly_are_told_apart()
    {
        var (made, ended) = (DockerEngine.NameOf("made"), DockerEngine.NameOf("ended"));
        await engine.DoAsync("create", "--network", "none", "--name", made, "ops-test:1", "/bin/sh");
        Assert.Equal("the container is created, with status 0", (await CheckAsync(made)).Words());
        await engine.StartAsync(ended, "exit 3");
        await UntilAsync(ended, "the container is exited, with status 3");
    }

    [Fact]
    public async Task Its_own_health_check_is_believed_and_quoted()
    {
        var name = DockerEngine.NameOf("team");
        await engine.StartAsync(name, "sleep 1000", "--health-cmd", "test -e /well || { echo the database is gone; exit 1; }", "--health-interval", "1s", "--health-retries", "1");
        await UntilAsync(name, "the container is unhealthy: the database is gone");
        await engine.DoAsync("exec", name, "/bin/busybox", "touch", "/well");
        await UntilAsync(name, "");
    }

    [Fact]
    public async Task One_that_is_started_again_and_again_fails_and_one_that_was_just_restarted_warns()
    {
        var (loops, once) = (DockerEngine.NameOf("loops"), DockerEngine.NameOf("once"));
        await engine.StartAsync(loops, "exit 7", "--restart", "always");
        // Between two of its lives, which become longer, it is "restarting"; for a moment it runs, and then it was restarted just now.
        await Eventually.TrueAsync(async () => (await CheckAsync(loops)).Words() is var said && said.StartsWith("the container keeps restarting (", StringComparison.Ordinal) && said.EndsWith(" times), last with status 7", StringComparison.Ordinal), "restarting");

        await engine.StartAsync(once, "test -e /again && sleep 1000; touch /again; exit 1".Replace("touch", "/bin/busybox touch", StringComparison.Ordinal), "--restart", "on-failure");
        await Eventually.TrueAsync(async () => (await CheckAsync(once)) is { IsUp: true, Warning: not null } seen && seen.Value("restarts") >= 1, "it runs again, and it is said");
        Assert.StartsWith("warning: the container was restarted ", (await CheckAsync(once)).Words());
        Assert.Equal("", await ((IProbe)_probe).ReasonOf(new DockerSettings { Container = once, Engine = engine.Socket, Settled = TimeSpan.Zero }));
    }

    [Fact]
    public async Task One_that_takes_more_memory_than_it_may_is_said_to_have_done_so()
    {
        // The engine hears of such a death from the kernel's group, which may be gone before it looks: until it has heard of one.
        await Eventually.TrueAsync(async () =>
        {
            var name = DockerEngine.NameOf("greedy");
            await engine.DoAsync("run", "--detach", "--network", "none", "--name", name, "--memory", "8m", "ops-test:1", "/bin/sh", "-c", "(x=a; while true; do x=$x$x; done); sleep 1; exit 137");
            await engine.DoAsync("wait", name);
            return (await CheckAsync(name)).Words() == "the container was killed: it ran out of memory";
        }, "a container that took too much is said to have done so");
    }

    [Fact]
    public async Task A_wrong_door_is_told_in_words()
    {
        using var folder = new TempFolder();
        Assert.Equal($"nobody listens on {folder["gone.sock"]}", await ((IProbe)_probe).ReasonOf(new DockerSettings { Container = "x", Engine = folder["gone.sock"] }));
        await File.WriteAllTextAsync(folder["no.sock"], "");
        Assert.Equal($"nobody listens on {folder["no.sock"]}", await ((IProbe)_probe).ReasonOf(new DockerSettings { Container = "x", Engine = folder["no.sock"] }));
        await using var web = await WebTarget.StartAsync();
        Assert.Equal("the answer is not valid JSON", await ((IProbe)_probe).ReasonOf(new DockerSettings { Container = "x", Engine = web.Url() }));
        await using var proxy = await WebTarget.StartAsync(c => { c.Response.StatusCode = 403; return Task.CompletedTask; }); // one that gives out only what it should
        Assert.Equal("answered 403 instead of 200", await ((IProbe)_probe).ReasonOf(new DockerSettings { Container = "x", Engine = proxy.Url() }));
        var closed = RealProgram.FreePort();
        Assert.Equal($"connection refused by 127.0.0.1:{closed}", await ((IProbe)_probe).ReasonOf(new DockerSettings { Container = "x", Engine = $"http://127.0.0.1:{closed}" }));
    }

    /// <summary>Of Podman and of very old engines, which are not here.</summary>
    [Theory]
    [InlineData("""{"State":{"Running":true,"Healthcheck":{"Status":"healthy"}},"RestartCount":0}""", "")]
    [InlineData("""{"State":{"Running":false,"ExitCode":1}}""", "the container is exited, with status 1")]
    [InlineData("""{}""", "the container is exited, with status ?")]
    [InlineData("""[1]""", "the container is exited, with status ?")]
    public void Answers_without_a_status_are_understood(string answer, string said) =>
        Assert.Equal(said, DockerProbe.Judge(new(), JsonDocument.Parse(answer).RootElement, TimeProvider.System.GetUtcNow()).Words());

    private ValueTask<Observation> CheckAsync(string name) => new(((IProbe)_probe).CheckAsync(new DockerSettings { Container = name, Engine = engine.Socket }));

    private Task UntilAsync(string name, string said) => Eventually.TrueAsync(async () => (await CheckAsync(name)).Words() == said, $"{name}: {said}");

    public ValueTask DisposeAsync()
    {
        _probe.Dispose();
        return ValueTask.CompletedTask;
    }
}
