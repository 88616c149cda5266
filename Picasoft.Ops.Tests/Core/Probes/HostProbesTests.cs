using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Probes.Kinds;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Probes;

/// <summary>A real sshd; and Docker's Engine API, played as it is documented (there is no engine where tests run).</summary>
public sealed class HostProbesTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly IProbe _ssh = new SshCommandProbe();
    private readonly DockerProbe _docker = new(TimeProvider.System);

    [Fact]
    public async Task A_command_on_another_host_is_run_and_judged()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && File.Exists("/usr/sbin/sshd"), "sshd needs root");
        foreach (var key in new[] { "host", "user" }) await RealProgram.RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", _folder[key]);
        await RealProgram.RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "open sesame", "-f", _folder["locked"]);
        await File.WriteAllTextAsync(_folder["authorized"], await File.ReadAllTextAsync(_folder["user.pub"]) + await File.ReadAllTextAsync(_folder["locked.pub"]));
        Directory.CreateDirectory("/run/sshd"); // Debian's sshd wants it, whoever starts it
        await using var server = await RealProgram.StartAsync("/usr/sbin/sshd", port => ["-D", "-e", "-f", "/dev/null", "-p", $"{port}", "-h", _folder["host"], "-o", "ListenAddress=127.0.0.1", "-o", $"AuthorizedKeysFile={_folder["authorized"]}", "-o", "StrictModes=no", "-o", "PidFile=none", "-o", "UsePAM=no", "-o", "PermitRootLogin=prohibit-password"], RealProgram.ListensAsync);
        var print = (await RealProgram.RunAsync("ssh-keygen", "-lf", _folder["host.pub"])).Split(' ')[1];
        var settings = new SshCommandSettings { Host = "127.0.0.1", Port = server.Port, User = "root", PrivateKey = new(await File.ReadAllTextAsync(_folder["user"])), HostKey = print, Command = "echo all is well" };
        var at = $"127.0.0.1:{server.Port}";

        Assert.Equal("", await _ssh.ReasonOf(settings with { Expect = "well" }));
        Assert.Equal("text “ill” not found in the answer", await _ssh.ReasonOf(settings with { Expect = "ill" }));
        Assert.Equal("the command ended with status 3 instead of 0: too bad", await _ssh.ReasonOf(settings with { Command = "echo too bad >&2; exit 3" }));
        Assert.Equal("", await _ssh.ReasonOf(settings with { Command = "exit 3", Exit = 3 }));
        Assert.Equal("", await _ssh.ReasonOf(settings with { PrivateKey = new(await File.ReadAllTextAsync(_folder["locked"])), Passphrase = new("open sesame") }));
        var plugin = await _ssh.CheckAsync(settings with { Plugin = true, Command = "echo 'LOAD WARNING | load1=3;2;4'; exit 1" });
        Assert.Equal("warning: LOAD WARNING", plugin.Words());
        Assert.Equal(3, plugin.Value("load1"));

        Assert.Equal($"{at} shows another host key than the expected one: {print}", await _ssh.ReasonOf(settings with { HostKey = "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8" }));
        Assert.StartsWith($"{at} refuses the sign-in", await _ssh.ReasonOf(settings with { PrivateKey = null, Password = new("wrong") }));
        Assert.StartsWith("the private key", await _ssh.ReasonOf(settings with { PrivateKey = new(await File.ReadAllTextAsync(_folder["locked"])) }));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _ssh.CheckAsync(settings with { Command = "sleep 60" }, new(TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(2)), limit.Token));
    }

    [Theory]
    [InlineData("""{"State":{"Status":"running","Health":{"Status":"healthy"},"StartedAt":"2020-01-01T00:00:00.123456789Z"},"RestartCount":2}""", "")]
    [InlineData("""{"State":{"Status":"running","StartedAt":"2020-01-01T00:00:00Z"}}""", "")]
    [InlineData("""{"State":{"Status":"running","Health":{"Status":"unhealthy","Log":[{"Output":"curl: (7) refused\n"}]}}}""", "the container is unhealthy: curl: (7) refused")]
    [InlineData("""{"State":{"Status":"restarting","ExitCode":137},"RestartCount":12}""", "the container keeps restarting (12 times), last with status 137")]
    [InlineData("""{"State":{"Status":"exited","ExitCode":1}}""", "the container is exited, with status 1")]
    [InlineData("""{"State":{"Status":"exited","ExitCode":137,"OOMKilled":true}}""", "the container was killed: it ran out of memory")]
    [InlineData("""{"State":{"Status":"paused","ExitCode":0}}""", "the container is paused, with status 0")]
    public async Task The_state_of_a_container_is_told(string answer, string said)
    {
        await using var engine = await EngineAsync(answer);
        Assert.Equal(said, await ((IProbe)_docker).ReasonOf(new DockerSettings { Container = "mattermost", Engine = _folder["docker.sock"] }));
    }

    [Fact]
    public async Task One_that_was_just_restarted_warns_and_restarts_are_counted()
    {
        await using var engine = await EngineAsync($$"""{"State":{"Status":"running","StartedAt":"{{TimeProvider.System.GetUtcNow().AddMinutes(-1):O}}"},"RestartCount":3}""");
        var seen = await ((IProbe)_docker).CheckAsync(new DockerSettings { Container = "mattermost", Engine = _folder["docker.sock"] });
        Assert.StartsWith("warning: the container was restarted 1 min", seen.Words());
        Assert.Equal(3, seen.Value("restarts"));
        Assert.Equal("there is no container nobody", await ((IProbe)_docker).ReasonOf(new DockerSettings { Container = "nobody", Engine = _folder["docker.sock"] }));
        Assert.Equal($"nobody listens on {_folder["gone.sock"]}", await ((IProbe)_docker).ReasonOf(new DockerSettings { Container = "x", Engine = _folder["gone.sock"] }));
    }

    private async Task<WebApplication> EngineAsync(string mattermost)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(_folder["docker.sock"]));
        var engine = builder.Build();
        engine.Run(async context =>
        {
            context.Response.StatusCode = context.Request.Path == "/containers/mattermost/json" ? 200 : 404;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(context.Response.StatusCode == 200 ? mattermost : """{"message":"No such container"}""");
        });
        await engine.StartAsync();
        return engine;
    }

    public void Dispose()
    {
        _docker.Dispose();
        _folder.Dispose();
    }
}
