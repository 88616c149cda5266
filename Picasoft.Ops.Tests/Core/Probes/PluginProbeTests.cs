using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Probes.Kinds;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Probes;

/// <summary>With Debian's monitoring-plugins, and scripts that misbehave.</summary>
public sealed class PluginProbeTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly IProbe _debian = new PluginProbe(OpsSettings.DefaultPlugins);
    private readonly IProbe _own;

    public PluginProbeTests() => _own = new PluginProbe(_folder.Path);

    [Theory]
    [InlineData("0", "")]
    [InlineData("1", "warning: WARNING: hello")]
    [InlineData("2", "CRITICAL: hello")]
    [InlineData("3", "the plugin could not tell: UNKNOWN: hello")]
    public async Task Its_exit_status_is_the_verdict(string status, string said)
    {
        Assert.Equal(said, await _debian.ReasonOf(new PluginSettings { Command = "check_dummy", Arguments = [status, "hello"] }));
    }

    [Fact]
    public async Task What_it_says_when_all_is_well_is_kept_and_its_performance_data_measured()
    {
        var seen = await _debian.CheckAsync(new PluginSettings { Command = "check_disk", Arguments = ["-w", "0%", "-c", "0%", "-p", "/"] });
        Assert.StartsWith("DISK OK", seen.Reason!.In(new("en")));
        var disk = seen.Measured.Single(m => m.Name == "/");
        Assert.NotNull(Units.Scale(disk.Unit)); // bytes, whatever their power
        Assert.InRange(disk.Value, 0, disk.Max!.Value);
        Assert.InRange((await _debian.CheckAsync(new PluginSettings { Command = "check_load", Arguments = ["-w", "1000", "-c", "2000"] })).Measured.Count, 3, 3);
    }

    [Fact]
    public async Task No_shell_reads_its_arguments_and_no_path_leads_out_of_the_folder()
    {
        Write("say", "#!/bin/sh\nprintf '%s' \"$1\"");
        Assert.Equal("$(id); `id` | x", (await _own.CheckAsync(new PluginSettings { Command = "say", Arguments = ["$(id); `id` | x"] })).Reason!.In(new("en")) + " | x");
        Assert.StartsWith("there is no plugin ../bin/sh", await _own.ReasonOf(new PluginSettings { Command = "../bin/sh" }));
        Assert.StartsWith("there is no plugin check_dummy", await _own.ReasonOf(new PluginSettings { Command = "check_dummy" }));
        var input = new InputMap([new("command", new InputScalar("/bin/sh", false, null), null)], null);
        Assert.Equal(["command"], InputReader.Read<PluginSettings>(input).Refusal!.Errors.Select(e => e.Field));
        // More than the kernel takes as one argument.
        Write("say2", "#!/bin/sh\n");
        Assert.Equal("the plugin say2 cannot be started: Argument list too long", (await _own.ReasonOf(new PluginSettings { Command = "say2", Arguments = [string.Concat(Enumerable.Repeat("{k}", 300))], Secrets = new Dictionary<string, Secret> { ["k"] = new(new string('x', 4000)) } })));
        await File.WriteAllTextAsync(_folder["data"], "not a program");
        Assert.StartsWith("the plugin", await _own.ReasonOf(new PluginSettings { Command = "data" }));
    }

    [Fact]
    public async Task One_that_ends_in_no_way_that_is_agreed_on_could_not_tell()
    {
        Write("odd", "#!/bin/sh\necho all is well; exit 7");
        Assert.Equal("the plugin ended with status 7: all is well", await _own.ReasonOf(new PluginSettings { Command = "odd" }));
        Write("killed", "#!/bin/sh\necho half; kill -9 $$");
        Assert.Equal("the plugin ended with status 137: half", await _own.ReasonOf(new PluginSettings { Command = "killed" }));
        Write("mute", "#!/bin/sh\necho broken >&2; exit 2");
        Assert.Equal("broken", await _own.ReasonOf(new PluginSettings { Command = "mute" })); // what it says beside its words counts when there are none
        Write("gone", "#!/no/such/interpreter\n");
        Assert.StartsWith("the plugin ended with status 12", await _own.ReasonOf(new PluginSettings { Command = "gone" }));
    }

    [Fact]
    public async Task A_secret_reaches_it_by_argument_or_environment_and_never_comes_back()
    {
        Write("tell", "#!/bin/sh\necho \"CRITICAL: cannot sign in with $1 / $KEY\"; env | grep -c OPS_; exit 2");
        var settings = new PluginSettings { Command = "tell", Arguments = ["{KEY}"], Secrets = new Dictionary<string, Secret> { ["KEY"] = new("hunter2") } };
        Assert.Equal("CRITICAL: cannot sign in with ••• / •••", await _own.ReasonOf(settings));
        Assert.Equal("tell {KEY}", _own.Target(settings));
    }

    [Fact]
    public async Task At_the_timeout_everything_it_started_is_killed()
    {
        Write("hang", $"#!/bin/sh\nsleep 600 &\necho $! >>{_folder["pids"]}\nsetsid sleep 600 &\necho $! >>{_folder["pids"]}\n(sleep 600 & echo $! >>{_folder["pids"]})\necho $$ >>{_folder["pids"]}\nwait");
        using var limit = new CancellationTokenSource();
        var check = _own.CheckAsync(new PluginSettings { Command = "hang" }, new(TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(10)), limit.Token).AsTask();
        await Eventually.TrueAsync(() => Task.FromResult(Pids().Count == 4), "it has started all of them");
        await limit.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => check);
        await Eventually.TrueAsync(() => Task.FromResult(Pids().TrueForAll(IsGone)), "all are gone");
    }

    [Fact]
    public async Task One_that_leaves_a_child_behind_or_never_stops_talking_holds_nobody_up()
    {
        Write("leave", "#!/bin/sh\nsleep 600 &\necho OK left");
        Assert.Equal("OK left", (await _own.CheckAsync(new PluginSettings { Command = "leave" })).Reason!.In(new("en")));
        Write("chat", "#!/bin/sh\nhead -c 5000000 /dev/zero | tr '\\0' x; exit 2");
        Assert.InRange((await _own.ReasonOf(new PluginSettings { Command = "chat" })).Length, 100, 300);
    }

    [Fact]
    public void Performance_data_is_read_as_the_guidelines_have_it()
    {
        var output = PluginOutput.Parse("DISK OK - free | /=2643MB;5948;5958;0;5968 'a b''c'=3.5%;10:;~:90 unknown=U up=12c\nmore text\nlast | x=-1e3s;@1:5\ny=2,5ms\n");
        Assert.Equal(("DISK OK - free", "more text\nlast"), (output.Summary, output.Details));
        Assert.Equal(
        [
            new("/", 2643, "MB", 5948, 5958, 0, 5968), new("a b'c", 3.5, "%", 10, 90), new("up", 12, "c"), new("x", -1000, "s", 5), new("y", 2.5, "ms"),
        ], output.Measured);
        Assert.Empty(PluginOutput.Parse("OK | nonsense = x=;; 'open").Measured);
    }

    private List<int> Pids() => File.Exists(_folder["pids"]) ? [.. File.ReadAllLines(_folder["pids"]).Select(int.Parse)] : [];

    // A zombie that nobody reaps is as good as gone.
    private static bool IsGone(int pid)
    {
        try { return File.ReadAllText($"/proc/{pid}/stat").Split(") ")[^1].StartsWith('Z'); }
        catch (IOException) { return true; }
    }

    private void Write(string name, string script)
    {
        File.WriteAllText(_folder[name], script + "\n");
        File.SetUnixFileMode(_folder[name], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public void Dispose() => _folder.Dispose();
}
