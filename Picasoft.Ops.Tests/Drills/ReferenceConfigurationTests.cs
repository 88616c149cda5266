using System.Text.RegularExpressions;
using Picasoft.Ops.Tests.Support;
using YamlDotNet.Serialization;

namespace Picasoft.Ops.Tests.Drills;

/// <summary>What <c>docker/ha</c> gives to three machines: the engines themselves accept it, and the compose files run what was drilled.</summary>
public sealed partial class ReferenceConfigurationTests : IDisposable
{
    private static readonly string _ha = Path.Combine(Repository.Root, "docker", "ha");
    private readonly TempFolder _folder = new();

    public static TheoryData<string, string> Machines => new MatrixTheoryData<string, string>(Network.Hosts, ["tuned", "portable"]);

    [Theory, MemberData(nameof(Machines))]
    public async Task The_engines_accept_what_is_rendered(string host, string profile)
    {
        var rendered = await RenderAsync(host, profile, Lab.SecretNames);
        Assert.True(rendered.Exit == 0, rendered.Error);
        foreach (var file in Directory.EnumerateFiles(_folder["out"])) Assert.DoesNotMatch(Placeholder(), await File.ReadAllTextAsync(file));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder["out"]));

        await AcceptsAsync("haproxy", "-c", "-q", "-f", _folder["out/haproxy.cfg"]);
        if (host != "caribou")
        {
            Directory.CreateDirectory(_folder["data/ldap"]);
            Directory.CreateDirectory(_folder["run"]);
            await AcceptsAsync("slaptest", "-u", "-f", _folder["out/slapd.conf"]);
        }
        var patroni = (Dictionary<object, object>)new DeserializerBuilder().Build().Deserialize(await File.ReadAllTextAsync(_folder["out/patroni.yml"]))!;
        Assert.Equal(host, patroni["name"]);
        // Patroni's own rule; below it Patroni adjusts them by itself, in silence.
        var dcs = (Dictionary<object, object>)((Dictionary<object, object>)patroni["bootstrap"])["dcs"];
        Assert.True(int.Parse((string)dcs["loop_wait"]) + 2 * int.Parse((string)dcs["retry_timeout"]) <= int.Parse((string)dcs["ttl"]));
        Assert.False(patroni.ContainsKey("etcd3"), "Patroni 3.0.2 with etcd3 loses acknowledged writes.");
        Assert.Contains("--enable-v2=true", await File.ReadAllLinesAsync(_folder["out/etcd.args"]));
        Assert.Contains("Cancellation Timeout=-1", await File.ReadAllTextAsync(_folder["out/ops.connection"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_that_is_missing_is_named()
    {
        var rendered = await RenderAsync("alice", "tuned", [.. Lab.SecretNames.Where(s => s != "ldap")]);
        Assert.Equal(1, rendered.Exit);
        Assert.Contains("slapd.conf: @SECRET_LDAP@ is neither in", rendered.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_machine_runs_its_roles_by_compose_files_that_pin_check_and_restart()
    {
        string[] known = ["image", "build", "init", "restart", "network_mode", "secrets", "volumes", "healthcheck", "environment", "depends_on", "cap_add", "shm_size", "stop_grace_period", "entrypoint"];
        var wrong = new List<string>();
        var included = Network.Hosts.SelectMany(h => Roles(h)).Select(Path.GetFileName).ToHashSet();
        foreach (var path in Directory.EnumerateFiles(Path.Combine(_ha, "roles")))
        {
            var role = Read(path);
            var name = Path.GetFileName(path);
            if (!included.Contains(name)) wrong.Add($"{name}: on no machine");
            foreach (var (key, value) in (Dictionary<object, object>)role["services"])
            {
                var service = (Dictionary<object, object>)value;
                wrong.AddRange(service.Keys.Cast<string>().Except(known).Select(k => $"{name} {key}: {k} is not known to Compose, or new here"));
                if (!PinnedImage().IsMatch((string)service["image"])) wrong.Add($"{name} {key}: {service["image"]} is not pinned");
                foreach (var needed in new[] { "restart", "healthcheck", "init" }.Where(n => !service.ContainsKey(n))) wrong.Add($"{name} {key}: no {needed}");
                wrong.AddRange(Items(service, "secrets").Cast<string>().Where(s => !((Dictionary<object, object>)role["secrets"]).ContainsKey(s)).Select(s => $"{name} {key}: secret {s} is not declared"));
            }
            if (role.TryGetValue("secrets", out var secrets))
                wrong.AddRange(((Dictionary<object, object>)secrets).Keys.Cast<string>().Where(s => !File.Exists(Path.Combine(_ha, "templates", s))).Select(s => $"{name}: no template makes {s}"));
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Every_variable_of_the_compose_files_is_in_the_files_that_are_handed_to_it()
    {
        var given = File.ReadLines(Path.Combine(_ha, "site.env.example")).Concat(File.ReadLines(Path.Combine(_ha, "machines", "alice.env"))).Select(l => l.Split('=')[0]).ToHashSet();
        var used = Directory.EnumerateFiles(Path.Combine(_ha, "roles")).SelectMany(p => Variable().Matches(File.ReadAllText(p))).Select(m => m.Groups["name"].Value).Distinct();
        Assert.Empty(used.Except(given));
    }

    /// <summary>Debian's Compose reads each machine's files against its own schema, fills in what is asked of it, and refuses what it does not know.</summary>
    [Theory, InlineData("alice", 9), InlineData("bob", 9), InlineData("caribou", 7)]
    public async Task Compose_accepts_every_machine(string host, int services)
    {
        await File.WriteAllLinesAsync(_folder["all.env"], File.ReadLines(Path.Combine(_ha, "machines", host + ".env")).Concat(File.ReadLines(Path.Combine(_ha, "site.env.example"))));
        var said = await Shell.TryAsync("bash", "-c", $"cd '{_ha}' && exec docker-compose --env-file '{_folder["all.env"]}' config");
        Assert.True(said.Exit == 0, said.Output + said.Error);
        Assert.DoesNotContain("not set", said.Error, StringComparison.Ordinal);
        var whole = (Dictionary<object, object>)new DeserializerBuilder().Build().Deserialize(said.Output)!;
        Assert.Equal(services, ((Dictionary<object, object>)whole["services"]).Count);
        foreach (var secret in ((Dictionary<object, object>)whole["secrets"]).Values) Assert.StartsWith(Path.Combine(_ha, "out", host) + "/", (string)((Dictionary<object, object>)secret)["file"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compose_accepts_the_product_beside_its_own_database()
    {
        var said = await Shell.TryAsync("docker-compose", "-f", Path.Combine(Repository.Root, "docker", "compose.yaml"), "config", "--quiet");
        Assert.True(said.Exit == 0, said.Output + said.Error);
    }

    /// <summary>Debian's Compose is old; what it accepts must be good for the one that people have.</summary>
    [Fact]
    public async Task Every_compose_file_holds_to_the_specification_of_today()
    {
        string[] files = [Path.Combine(Repository.Root, "docker", "compose.yaml"), .. Directory.EnumerateFiles(Path.Combine(_ha, "roles"), "*.yaml"), .. ExamplePage.All.Select(p => p.Path(p.Name + ".yaml"))];
        Assert.Equal(10, files.Length);
        Assert.Empty(await ComposeSchema.ErrorsAsync(files));

        await File.WriteAllTextAsync(_folder["wrong.yaml"], "services:\n  a:\n    image: x:1\n    helthcheck: {test: [CMD, a]}\n    depends_on: {b: {condition: healthy}}\n");
        Assert.Equal(2, (await ComposeSchema.ErrorsAsync([_folder["wrong.yaml"]])).Count);
    }

    public void Dispose() => _folder.Dispose();

    private static string[] Roles(string host) => File.ReadLines(Path.Combine(_ha, "machines", host + ".env")).First(l => l.StartsWith("COMPOSE_FILE=", StringComparison.Ordinal))["COMPOSE_FILE=".Length..].Split(':');

    private async Task<(int Exit, string Output, string Error)> RenderAsync(string host, string profile, IEnumerable<string> secrets)
    {
        Directory.CreateDirectory(_folder["secrets"]);
        foreach (var secret in secrets) await File.WriteAllTextAsync(_folder["secrets/" + secret], $"s-{secret}\n");
        var site = (await File.ReadAllTextAsync(Path.Combine(_ha, "site.env.example"))).Replace("DATA=/var/lib/ha", $"DATA={_folder["data"]}", StringComparison.Ordinal).Replace("RUN=/run/ha", $"RUN={_folder["run"]}", StringComparison.Ordinal);
        await File.WriteAllTextAsync(_folder["site.env"], site);
        return await Shell.TryAsync(Path.Combine(_ha, "render"), _folder["site.env"], Path.Combine(_ha, "profiles", profile + ".env"), host, _folder["out"]);
    }

    private static async Task AcceptsAsync(string program, params string[] arguments)
    {
        var said = await Shell.TryAsync("/usr/sbin/" + program, arguments);
        Assert.True(said.Exit == 0, said.Output + said.Error);
    }

    private static Dictionary<object, object> Read(string path) => (Dictionary<object, object>)new DeserializerBuilder().Build().Deserialize(File.ReadAllText(path))!;

    private static IEnumerable<object> Items(Dictionary<object, object> map, string key) => map.TryGetValue(key, out var list) ? (List<object>)list : [];

    [GeneratedRegex("@[A-Z][A-Z0-9_]*@")]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"^[\w./-]+:\d[\w.-]*$")]
    private static partial Regex PinnedImage();

    [GeneratedRegex(@"\$\{(?<name>[A-Z0-9_]+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Variable();
}
