using Microsoft.AspNetCore.Http;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Recovery;
using Picasoft.Ops.Core.Recovery.Steps;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Recovery;

/// <summary>Debian's HAProxy, sshd, Docker Engine and programs.</summary>
public sealed class StepActionsTests(DockerEngine docker) : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task HAProxy_drains_a_server_and_takes_it_back()
    {
        await File.WriteAllTextAsync(_folder["haproxy.cfg"], "");
        var socket = _folder["admin.sock"];
        await using var proxy = await RealProgram.StartAsync("haproxy", port =>
        {
            File.WriteAllText(_folder["haproxy.cfg"], $"""
                global
                    stats socket {socket} level admin
                    stats socket ipv4@127.0.0.1:{port} level admin
                defaults
                    mode tcp
                    timeout connect 1s
                    timeout client 5s
                    timeout server 5s
                backend web
                    server one 127.0.0.1:9
                    server two 127.0.0.1:9

                """);
            return ["-db", "-f", _folder["haproxy.cfg"]];
        }, RealProgram.ListensAsync);
        var step = new HaproxyStepInput { Socket = socket, Backend = "web", Server = "one", Action = HaproxyAction.Drain };

        Assert.Equal((true, "one is ready."), Said(await HaproxyStepActions.DoAsync(step, lookOnly: true, CancellationToken.None)));
        Assert.Equal((true, "one is drain."), Said(await HaproxyStepActions.DoAsync(step, lookOnly: false, CancellationToken.None)));
        Assert.Equal((true, "one is maint."), Said(await HaproxyStepActions.DoAsync(step with { Socket = $"127.0.0.1:{proxy.Port}", Action = HaproxyAction.Maint }, lookOnly: false, CancellationToken.None)));
        Assert.Equal((true, "two is ready."), Said(await HaproxyStepActions.DoAsync(step with { Server = "two", Action = HaproxyAction.Ready }, lookOnly: false, CancellationToken.None)));
        Assert.Equal((true, "one is ready."), Said(await HaproxyStepActions.DoAsync(step with { Action = HaproxyAction.Ready }, lookOnly: false, CancellationToken.None)));
        Assert.Equal((false, "HAProxy has no server three in web."), Said(await HaproxyStepActions.DoAsync(step with { Server = "three" }, lookOnly: false, CancellationToken.None)));
        Assert.Equal((false, "HAProxy has no server one in nothing."), Said(await HaproxyStepActions.DoAsync(step with { Backend = "nothing" }, lookOnly: false, CancellationToken.None)));
        var gone = _folder["gone.sock"];
        Assert.Equal((false, $"It could not be asked: nobody listens on {gone}."), Said(await HaproxyStepActions.DoAsync(step with { Socket = gone }, lookOnly: false, CancellationToken.None)));
        var port = RealProgram.FreePort();
        Assert.Equal((false, $"It could not be asked: connection refused by 127.0.0.1:{port}."), Said(await HaproxyStepActions.DoAsync(step with { Socket = $"127.0.0.1:{port}" }, lookOnly: false, CancellationToken.None)));
        Assert.Equal((false, $"It could not be asked: nobody listens on {gone}."), Said(await DockerStepActions.DoAsync(new() { Engine = gone, Container = "wiki", Action = DockerAction.Start }, lookOnly: false, CancellationToken.None)));
    }

    [Fact]
    public async Task Only_commands_of_the_list_are_run_on_another_machine()
    {
        await using var server = await SshServer.StartAsync(_folder);
        var host = new SshHostInput { Name = "alice", Host = "127.0.0.1", Port = server.Port, User = "root", KeyFile = server.Key, HostKey = server.Print, Commands = new Dictionary<string, string> { ["touch"] = $"touch {_folder["touched"]}; echo done", ["fail"] = "echo no >&2; exit 4" } };

        Task<StepOutcome> Run(string command, SshHostInput? on, bool look = false) => ProgramStepActions.OverSshAsync(new() { Host = "alice", Command = command }, on, TimeSpan.FromSeconds(30), look, CancellationToken.None);
        Assert.Equal((true, "Signed in as root on 127.0.0.1; nothing was run."), Said(await Run("touch", host, look: true)));
        Assert.False(File.Exists(_folder["touched"]));
        var done = await Run("touch", host);
        Assert.True(done.IsWell && File.Exists(_folder["touched"]));
        Assert.Equal("done\n", done.Output);
        Assert.Equal((false, "Ended with 4."), Said(await Run("fail", host)));
        Assert.Equal((false, "rm is not in the list of what may be run on alice."), Said(await Run("rm", host)));
        Assert.Equal((false, "No commands are allowed on alice: there is no such machine under ssh_hosts."), Said(await Run("touch", null)));
        Assert.Contains("another host key", Said(await Run("touch", host with { HostKey = "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8" })).Words, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("postgres", "polite", false, true)]
    [InlineData("postgres", "deaf", false, true)]
    [InlineData("root", "polite", false, false)]
    [InlineData("root", "polite", true, true)]
    [InlineData("root", "deaf", true, true)]
    [InlineData("postgres", "listed", true, true)]
    public async Task A_command_on_another_machine_ends_when_it_is_cut_short_or_it_is_said_that_nobody_knows(string user, string command, bool hasEnd, bool ends)
    {
        await using var server = await SshServer.StartAsync(_folder, pam: true);
        Directory.CreateDirectory(_folder["shared"]);
        File.SetUnixFileMode(_folder["shared"], (UnixFileMode)0b111_111_111);
        var written = _folder["shared/" + command];
        // The line of the guide, and an account that lets through only what is listed there.
        var end = (await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs/configuration.md"))).Split('\n').Single(l => l.StartsWith("    end: ", StringComparison.Ordinal))[9..];
        var polite = $"sleep 600 & echo $! > {written}; wait";
        await File.WriteAllTextAsync(_folder["shared/list"], $"#!/bin/sh\ncase \"$SSH_ORIGINAL_COMMAND\" in '{polite}'|'{end}') exec sh -c \"$SSH_ORIGINAL_COMMAND\" ;; esac\nexit 77\n");
        File.SetUnixFileMode(_folder["shared/list"], (UnixFileMode)0b111_101_101);
        await File.WriteAllTextAsync(_folder["authorized"], (command == "listed" ? $"restrict,command=\"{_folder["shared/list"]}\" " : "") + await File.ReadAllTextAsync(_folder["user.pub"]));
        var host = new SshHostInput
        {
            Name = "alice",
            Host = "127.0.0.1",
            Port = server.Port,
            User = user,
            KeyFile = server.Key,
            HostKey = server.Print,
            Commands = new Dictionary<string, string> { ["polite"] = polite, ["listed"] = polite, ["deaf"] = $"trap '' TERM; echo $$ > {written}; while :; do sleep 1; done" },
            End = hasEnd ? end : null,
        };

        var (process, said) = await GivesUpWhenCutAsync(written, cut => ProgramStepActions.OverSshAsync(new() { Host = "alice", Command = command }, host, TimeSpan.FromMinutes(10), lookOnly: false, cut));
        Assert.Equal(ends, said is not LeftRunningException);
        if (ends) await EndedAsync(process);
        else Signals.Send(process, Signals.Kill);
    }

    [Fact]
    public async Task A_program_of_an_allowed_folder_is_run_and_told_whether_it_is_a_drill()
    {
        Directory.CreateDirectory(_folder["allowed"]);
        await File.WriteAllTextAsync(_folder["allowed/restore"], "#!/bin/sh\necho \"$1 $OPS_PLAN $OPS_DRILL rpo=90s\"; [ \"$1\" = well ]\n");
        File.SetUnixFileMode(_folder["allowed/restore"], (UnixFileMode)0b111_101_101);
        var run = RunMachine.Begin(new() { Name = "wekan", Service = "wekan", Steps = [] }, drill: true, dryRun: false, Actor.System, DateTimeOffset.UnixEpoch);

        Task<StepOutcome> Run(string command, string argument, bool look = false) => ProgramStepActions.HereAsync(new() { Command = command, Arguments = [argument] }, _folder["allowed"], run, look, CancellationToken.None);
        Assert.Equal("well wekan 1 rpo=90s\n", (await Run("restore", "well")).Output);
        Assert.Equal((false, "Ended with 1."), Said(await Run("restore", "ill")));
        Assert.Null((await Run("restore", "well", look: true)).Output);
        Assert.False((await Run("sh", "well")).IsWell);
        Assert.Equal(TimeSpan.FromSeconds(90), RunMachine.RpoOf("well wekan 1 rpo=90s\n"));
        Assert.Null(RunMachine.RpoOf("no rpo=soon"));

        await File.WriteAllTextAsync(_folder["allowed/long"], $"#!/bin/sh\nsleep 600 &\necho $! > {_folder["child"]}; wait\n");
        File.SetUnixFileMode(_folder["allowed/long"], (UnixFileMode)0b111_101_101);
        var (child, _) = await GivesUpWhenCutAsync(_folder["child"], cut => ProgramStepActions.HereAsync(new() { Command = "long" }, _folder["allowed"], run, lookOnly: false, cut));
        await EndedAsync(child);
    }

    private static Task EndedAsync(int process) => Eventually.TrueAsync(() => Task.FromResult(!Directory.Exists($"/proc/{process}") || IsZombie(process)), "what it started is ended with it");

    private static bool IsZombie(int process)
    {
        try { return File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal); }
        catch (IOException) { return true; } // gone between the two looks
    }

    /// <returns>The process whose number the step wrote, and what the step said.</returns>
    private static async Task<(int Process, OperationCanceledException Said)> GivesUpWhenCutAsync(string file, Func<CancellationToken, Task<StepOutcome>> step)
    {
        using var cut = new CancellationTokenSource();
        var running = step(cut.Token);
        var process = "";
        await Eventually.TrueAsync(async () => File.Exists(file) && (process = (await File.ReadAllTextAsync(file)).Trim()).Length > 0, "it runs");
        Assert.True(Directory.Exists($"/proc/{process}"));
        await cut.CancelAsync();
        var said = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        return (int.Parse(process, System.Globalization.CultureInfo.InvariantCulture), said);
    }

    [Fact]
    public async Task A_container_is_stopped_and_started_and_what_it_is_then_is_read()
    {
        await docker.RequireAsync();
        var (wekan, crash) = (DockerEngine.NameOf("wekan"), DockerEngine.NameOf("crash"));
        await docker.StartAsync(wekan, "trap 'exit 0' TERM; while :; do sleep 1 & wait; done");
        await docker.StartAsync(crash, "exit 3");

        async Task<(bool, string)> Run(DockerAction action, string container, bool look = false) => Said(await DockerStepActions.DoAsync(new() { Engine = docker.Socket, Container = container, Action = action }, look, CancellationToken.None));
        Assert.Equal((true, $"{wekan} is running."), await Run(DockerAction.Stop, wekan, look: true));
        Assert.Equal((true, $"{wekan} is exited."), await Run(DockerAction.Stop, wekan));
        Assert.Equal((true, $"{wekan} is exited."), await Run(DockerAction.Stop, wekan));
        Assert.Equal((true, $"{wekan} is running."), await Run(DockerAction.Restart, wekan));
        Assert.Equal((true, $"{wekan} is running."), await Run(DockerAction.Start, wekan));
        await Eventually.TrueAsync(async () => await Run(DockerAction.Start, crash, look: true) == (true, $"{crash} is exited."), "it ended by itself");
        Assert.Equal((false, "There is no container nobody."), await Run(DockerAction.Start, "nobody"));
        Assert.Equal("true", (await docker.DoAsync("inspect", "--format", "{{.State.Running}}", wekan)).Trim());
    }

    [Fact]
    public async Task A_container_that_ends_at_once_was_started_and_is_not_called_well()
    {
        // What the real engine answers between the start and the end of such a container is a matter of luck: played as it is documented.
        await using var engine = await WebTarget.StartAsync(async context =>
        {
            context.Response.StatusCode = context.Request.Method == "POST" ? 204 : 200;
            if (context.Request.Method == "GET") await context.Response.WriteAsync("""{"State":{"Status":"exited"}}""");
        });
        Assert.Equal((false, "crash is exited."), Said(await DockerStepActions.DoAsync(new() { Engine = engine.Url(), Container = "crash", Action = DockerAction.Start }, lookOnly: false, CancellationToken.None)));
    }

    private static (bool IsWell, string Words) Said(StepOutcome outcome) => (outcome.IsWell, outcome.Words?.In(System.Globalization.CultureInfo.GetCultureInfo("en")) ?? "");

    public void Dispose() => _folder.Dispose();
}
