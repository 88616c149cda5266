using System.Diagnostics;
using System.Net;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Web.Commands;

/// <summary><c>./ops run</c> as a process: started, killed, started twice, as root and as a normal user.</summary>
public sealed class RunCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Data => _folder["data"];

    [Fact]
    public async Task A_new_store_prints_the_first_administrators_link_and_stops_cleanly()
    {
        await using var ops = await OpsHost.StartAsync(Data);
        await Eventually.TrueAsync(() => Task.FromResult(ops.Output.Contains($"{ops.Address}setup?key=", StringComparison.Ordinal)), "the link is said");
        Assert.Equal(HttpStatusCode.OK, (await ops.Client.GetAsync("/healthz")).StatusCode);

        Assert.Equal(0, await ops.StopAsync());

        Assert.False(File.Exists(Path.Combine(Data, "postgres", "data", "postmaster.pid")), "PostgreSQL was stopped too");
        Assert.False(File.Exists(Path.Combine(Data, "run.json")));
    }

    [Fact]
    public async Task After_a_kill_the_next_start_takes_over_the_server_left_behind_and_stops_it_in_the_end()
    {
        await using (var first = await OpsHost.StartAsync(Data)) await first.KillAsync();
        var server = PidIn(Data);
        Assert.True(IsAlive(server));

        await using (var second = await OpsHost.StartAsync(Data))
        {
            Assert.Equal(server, PidIn(Data));
            Assert.Equal(0, await second.StopAsync());
        }

        Assert.False(IsAlive(server));
    }

    [Fact]
    public async Task After_a_kill_of_both_the_next_start_recovers()
    {
        await using (var first = await OpsHost.StartAsync(Data))
        {
            await OpsHost.VerbAsync("user", "add", "camille@example.org", "--data", Data);
            await first.KillAsync();
            using var server = Process.GetProcessById(PidIn(Data));
            server.Kill();
        }
        await using var second = await OpsHost.StartAsync(Data);
        Assert.DoesNotContain("/setup", second.Output); // Camille is there
    }

    [Fact]
    public async Task When_PostgreSQL_is_killed_it_is_not_ready_and_then_ready_again()
    {
        await using var ops = await OpsHost.StartAsync(Data);
        using var server = Process.GetProcessById(PidIn(Data));
        server.Kill();
        await Eventually.TrueAsync(() => Task.FromResult(ops.Output.Contains("is back", StringComparison.Ordinal)), "the server is back");
        await Eventually.TrueAsync(async () => (await ops.Client.GetAsync("/readyz")).IsSuccessStatusCode, "/readyz says 200 again");
    }

    [Fact]
    public async Task Without_a_database_readyz_says_why_not()
    {
        await using var ops = await OpsHost.StartAsync(Data);
        using var keeper = Process.GetProcessById(PidIn(Data));
        // Nobody can start it again while its folder is away.
        var (cluster, away) = (Path.Combine(Data, "postgres", "data"), Path.Combine(Data, "postgres", "away"));
        Directory.Move(cluster, away);
        keeper.Kill();
        try
        {
            await Eventually.TrueAsync(async () => (await ops.Client.GetAsync("/readyz")).StatusCode == HttpStatusCode.ServiceUnavailable, "/readyz says 503");
            Assert.Contains("\"reasons\":[\"The database cannot be reached", await (await ops.Client.GetAsync("/readyz")).Content.ReadAsStringAsync());
            Assert.Equal(HttpStatusCode.OK, (await ops.Client.GetAsync("/healthz")).StatusCode);
        }
        finally
        {
            Directory.Move(away, cluster);
        }
        await Eventually.TrueAsync(async () => (await ops.Client.GetAsync("/readyz")).IsSuccessStatusCode, "/readyz says 200 again");
    }

    [Fact]
    public async Task A_second_run_on_the_same_data_says_who_holds_it()
    {
        await using var ops = await OpsHost.StartAsync(Data);
        var second = await OpsHost.VerbAsync("run", "--data", Data, "--urls", "http://127.0.0.1:0");
        Assert.Equal(1, second.Exit);
        Assert.Contains($"in use by process {ops.ProcessId}, since ", second.Error);
        Assert.Contains($"at {ops.Address.ToString().TrimEnd('/')}: stop that one first", second.Error);
        Assert.Single(second.Error.Trim().Split('\n'));
    }

    [Fact]
    public async Task A_normal_user_runs_it_too()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can try it as somebody else; as a normal user every other test has shown it.");
        using (var made = Process.Start("install", ["-d", "-o", "nobody", "-m", "0700", Data])) await made.WaitForExitAsync();
        // A copy, as an installed product would be: others may not enter the checkout, or the package folder that a build refers to.
        using (var copied = Process.Start("cp", ["-r", Path.GetDirectoryName(OpsHost.Program)!, _folder["app"]])) await copied.WaitForExitAsync();
        File.Delete(_folder["app/Picasoft.Ops.Web.staticwebassets.runtime.json"]);
        await using var ops = await OpsHost.StartAsync(Data, user: "nobody", program: _folder["app/Picasoft.Ops.Web.dll"]);
        Assert.Equal(0, await ops.StopAsync());
    }

    [Fact]
    public async Task A_store_can_be_provisioned_with_nobody_at_the_keyboard()
    {
        var environment = new Dictionary<string, string> { ["OPS_BOOTSTRAP_ADMIN"] = "camille@example.org:a long enough one", ["OPS_BOOTSTRAP_TOKEN_FILE"] = _folder["token"] };
        await File.WriteAllTextAsync(_folder["token"], new string('x', 32) + "\n");
        await using (var ops = await OpsHost.StartAsync(Data, environment: environment)) Assert.DoesNotContain("/setup", ops.Output);
        await using var again = await OpsHost.StartAsync(Data, environment: environment);
        var taken = await OpsHost.VerbAsync("token", "create", "bootstrap", "--scope", "read", "--data", Data);
        Assert.Contains("There is a token named bootstrap already", taken.Error);
    }

    [Fact]
    public async Task A_port_in_use_is_said_in_one_sentence()
    {
        using var other = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var url = $"http://{other.LocalEndpoint}";
        var said = await OpsHost.VerbAsync("run", "--data", Data, "--urls", url);
        Assert.Equal(1, said.Exit);
        Assert.StartsWith($"Another program listens on {url} already", said.Error, StringComparison.Ordinal);
        Assert.Single(said.Error.Trim().Split('\n'));
        Assert.Equal("", said.Output);
    }

    [Fact]
    public async Task The_demo_shows_an_incident_and_stops_cleanly()
    {
        await using var ops = await OpsHost.StartAsync(Data, verb: "demo");
        Assert.Contains("Sign in as demo@example.org", ops.Output);
        await Eventually.TrueAsync(() => Task.FromResult(ops.Output.Contains("mail to tech@example.org: [Picasoft.Ops] #", StringComparison.Ordinal)), "an incident is opened and told");
        await Eventually.TrueAsync(() => Task.FromResult(ops.Output.Split('\n').Any(l => l.StartsWith("mail to", StringComparison.Ordinal) && l.Contains("sync-bob", StringComparison.Ordinal))), "a heartbeat falls silent and is told", 300);
        Assert.Equal(0, await ops.StopAsync());
        Assert.False(File.Exists(Path.Combine(Data, "postgres", "data", "postmaster.pid")), "PostgreSQL was stopped too");
    }

    [Fact]
    public async Task The_demo_lets_those_in_whom_the_environment_names()
    {
        var token = new string('d', 40);
        await using var ops = await OpsHost.StartAsync(Data, verb: "demo", environment: new Dictionary<string, string> { ["OPS_BOOTSTRAP_ADMIN"] = $"{Cast.CamilleMail}:{Cast.Password}", ["OPS_BOOTSTRAP_TOKEN"] = token });
        Assert.Contains("Sign in as OPS_BOOTSTRAP_ADMIN says", ops.Output);
        ops.Client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        Assert.Contains(Cast.CamilleMail, await ops.Client.GetStringAsync("/api/v1/people"), StringComparison.Ordinal);
    }

    private static int PidIn(string data) => int.Parse(File.ReadLines(Path.Combine(data, "postgres", "data", "postmaster.pid")).First());

    private static bool IsAlive(int pid)
    {
        try
        {
            return !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    public void Dispose() => _folder.Dispose();
}
