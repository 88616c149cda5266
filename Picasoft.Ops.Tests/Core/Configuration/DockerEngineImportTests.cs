using Picasoft.Ops.Core.Configuration.Import.Compose;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Probes.Kinds;
using Picasoft.Ops.Tests.Core.Probes;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Configuration;

/// <summary><c>./ops import docker</c>, with Debian's Docker Engine.</summary>
public sealed class DockerEngineImportTests(DockerEngine engine, PostgresFixture postgres) : IAsyncLifetime
{
    private readonly DockerEngineRunner _runner = new(TimeProvider.System);

    public async ValueTask InitializeAsync() => await engine.RequireAsync();

    [Fact]
    public async Task What_runs_becomes_services_probes_and_dependencies()
    {
        var (web, data, job) = (DockerEngine.NameOf("wiki"), DockerEngine.NameOf("wikidb"), DockerEngine.NameOf("wikijob"));
        string[] Of(string service) => ["--label", $"com.docker.compose.project={web}", "--label", $"com.docker.compose.service={service}"];
        await engine.StartAsync(data, "sleep 1000", [.. Of(data), "--health-cmd", "true"]);
        await engine.StartAsync(web, "sleep 1000", [.. Of(web), "--env", $"DB_HOST={data}", "--label", $"com.docker.compose.depends_on={data}:service_started:false", "--label", "traefik.enable=true",
            "--label", $"traefik.http.routers.w.rule=Host(`{web}.example.org`)", "--label", "traefik.http.routers.w.tls=true"]);
        await engine.StartAsync(job, "sleep 1000", [.. Of(job), "--label", "com.docker.compose.oneoff=True"]);

        var done = await _runner.ReadAsync(engine.Socket, "alice", TestContext.Current.CancellationToken);
        Assert.True(done.IsDone, done.Refusal?.ToString());
        var file = ConfigurationStore.Read(done.Value.Yaml);
        Assert.True(file.IsDone, $"{file.Refusal}\n{done.Value.Yaml}");
        var items = file.Value.Items.ToDictionary(i => (i.Kind, i.Name), i => i.Input);
        Assert.IsType<HostInput>(items[("host", "alice")]);
        var wiki = (ServiceInput)items[("service", web)];
        Assert.Equal(($"https://{web}.example.org", "alice"), (wiki.Url, wiki.Host));
        Assert.Equal([data], wiki.DependsOn);
        Assert.Equal([$"{web}-certificate tls", $"{web}-web http"], ProbesOf(web));
        Assert.Equal([$"{data}-container docker"], ProbesOf(data));
        // It finds its container again, through the door by which it was found.
        var proposed = items.Values.OfType<ProbeInput>().Single(p => p.Service == data);
        using var probe = new DockerProbe(TimeProvider.System);
        var settings = InputReader.Read(typeof(DockerSettings), proposed.Settings.Values.Single()).Value;
        Assert.Equal(engine.Socket, ((DockerSettings)settings).Engine);
        Assert.Equal("", await probe.ReasonOf(settings));
        Assert.DoesNotContain(items.Keys, k => k.Name.StartsWith(job, StringComparison.Ordinal));

        IEnumerable<string> ProbesOf(string service) => items.Values.OfType<ProbeInput>().Where(p => p.Service == service).Select(p => $"{p.Name} {p.Type}").Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task By_its_verb_what_is_missing_is_shown_and_taken_over_once()
    {
        var name = DockerEngine.NameOf("carnet");
        await engine.StartAsync(name, "sleep 1000");
        using var folder = new TempFolder();
        var database = await postgres.CreateDatabaseAsync();
        Task<Said> Import(params string[] more) => OpsHost.VerbAsync(new Dictionary<string, string> { ["ConnectionStrings__Ops"] = database }, ["import", "docker", engine.Socket, "--host", "alice", "--data", folder["data"], .. more]);
        var plain = await Import();
        Assert.True(plain.Exit == 0, plain.Error);
        Assert.Contains($"name: {name}", plain.Output, StringComparison.Ordinal);
        foreach (var (how, end) in new[] { ("--diff", "nothing was done."), ("--diff", "nothing was done."), ("--accept", "taken over.") })
        {
            var said = await Import(how);
            Assert.True(said.Exit == 0, said.Error);
            Assert.Contains($"+ service {name}\n    name: {name}\n    host: alice\n", said.Output, StringComparison.Ordinal);
            Assert.EndsWith(end, said.Output.TrimEnd(), StringComparison.Ordinal);
        }
        Assert.DoesNotContain(name, (await Import("--diff")).Output, StringComparison.Ordinal);
        var stored = await OpsHost.VerbAsync(new Dictionary<string, string> { ["ConnectionStrings__Ops"] = database }, "export", "--data", folder["data"]);
        Assert.Contains($"name: {name}-container", stored.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_name_the_machine_is_called_as_it_calls_itself()
    {
        var name = DockerEngine.NameOf("lonely");
        await engine.StartAsync(name, "sleep 1000");
        var done = await _runner.ReadAsync(engine.Socket, null, TestContext.Current.CancellationToken);
        Assert.True(done.IsDone, done.Refusal?.ToString());
        var lonely = (ServiceInput)ConfigurationStore.Read(done.Value.Yaml).Value.Items.Single(i => i.Kind == "service" && i.Name == name).Input;
        Assert.Equal(Environment.MachineName, lonely.Host, ignoreCase: true);
    }

    [Fact]
    public async Task A_wrong_door_is_told_in_words()
    {
        using var folder = new TempFolder();
        var gone = await _runner.ReadAsync(folder["gone.sock"], null, TestContext.Current.CancellationToken);
        Assert.Equal($"nobody listens on {folder["gone.sock"]}", gone.Refusal!.Errors.Single().Message.In());
        await using var web = await WebTarget.StartAsync();
        Assert.Equal("import.no_engine", (await _runner.ReadAsync(web.Url(), null, TestContext.Current.CancellationToken)).Refusal!.Errors.Single().Message.Key);
    }

    public ValueTask DisposeAsync()
    {
        _runner.Dispose();
        return ValueTask.CompletedTask;
    }
}
