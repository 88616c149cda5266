using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Drills;

/// <summary>The worked example of docs/pra, done as the page says: what it gives to copy is accepted by what will read it.</summary>
public sealed class WekanExampleTests : IDisposable
{
    private static readonly string _example = Path.Combine(Repository.Root, "docs", "pra", "wekan");
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task Its_files_are_rendered_and_accepted()
    {
        await Shell.RunAsync("cp", "-a", Path.Combine(Repository.Root, "docker", "ha"), _folder["ha"]);
        File.Copy(Path.Combine(_example, "wekan.yaml"), _folder["ha/roles/wekan.yaml"]);
        File.Copy(Path.Combine(_example, "wekan.env"), _folder["ha/templates/wekan.env"]);
        await File.AppendAllTextAsync(_folder["ha/templates/haproxy.cfg"], await File.ReadAllTextAsync(Path.Combine(_example, "haproxy.cfg")));
        Directory.CreateDirectory(_folder["ha/secrets"]);
        foreach (var name in new[] { "postgres", "replicator", "rewind", "patroni", "etherpad", "etherpad_api", "etherpad_session", "mattermost", "ops", "ops_key", "ldap", "wekan", "mongo.key" }) await File.WriteAllTextAsync(_folder["ha/secrets/" + name], $"s-{name}\n");
        File.Copy(_folder["ha/site.env.example"], _folder["ha/site.env"]);
        await Shell.RunAsync(_folder["ha/render"], _folder["ha/site.env"], _folder["ha/profiles/tuned.env"], "alice", _folder["ha/out/alice"]);

        Assert.Contains("mongodb://wekan:s-wekan@10.0.0.1:27017,10.0.0.2:27017,10.0.0.3:27017/wekan?replicaSet=wekan&w=majority", await File.ReadAllTextAsync(_folder["ha/out/alice/wekan.env"]), StringComparison.Ordinal);
        await Shell.RunAsync("/usr/sbin/haproxy", "-c", "-q", "-f", _folder["ha/out/alice/haproxy.cfg"]);
        var machine = File.ReadLines(_folder["ha/machines/alice.env"]).Select(l => l.StartsWith("COMPOSE_FILE=", StringComparison.Ordinal) ? l + ":roles/wekan.yaml" : l);
        await File.WriteAllLinesAsync(_folder["ha/all.env"], machine.Concat(File.ReadLines(_folder["ha/site.env"])));
        var composed = await Shell.RunAsync("bash", "-c", $"cd '{_folder["ha"]}' && exec docker-compose --env-file all.env config");
        Assert.Contains("MONGO_OPLOG_URL: mongodb://wekan:s-wekan@10.0.0.1:27017", composed, StringComparison.Ordinal);
        Assert.Contains("--replSet", composed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_product_is_told_of_it_is_a_good_file()
    {
        var said = await OpsHost.VerbAsync("check", Path.Combine(_example, "ops.yaml"));
        Assert.True(said.Exit == 0, said.Output + said.Error);
    }

    public void Dispose() => _folder.Dispose();
}
