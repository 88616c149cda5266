using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Drills;

/// <summary>The worked examples of docs/pra, done as their pages say: what they give to copy is accepted by what will read it.</summary>
public sealed class ExamplePageTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public static TheoryData<string> Names => [.. ExamplePage.All.Select(p => p.Name)];

    [Theory, MemberData(nameof(Names))]
    public async Task Its_files_are_rendered_and_accepted(string name)
    {
        var page = new ExamplePage(name);
        var ha = await ExamplePage.CopyAsync(_folder.Path);
        foreach (var secret in Lab.SecretNames) await File.WriteAllTextAsync(Path.Combine(ha, "secrets", secret), $"s-{secret}\n");
        await page.FollowAsync(ha);
        var site = Path.Combine(ha, "site.env");
        await File.WriteAllLinesAsync(site, File.ReadLines(Path.Combine(ha, "site.env.example")).Select(l => l == "RUN=/run/ha" ? $"RUN={_folder.Path}" : l.StartsWith("ALICE=", StringComparison.Ordinal) ? "ALICE=127.77.0.11" : l)); // nginx -t binds it
        await Shell.RunAsync(Path.Combine(ha, "render"), site, Path.Combine(ha, "profiles", "tuned.env"), "alice", Path.Combine(ha, "out", "alice"));

        await Shell.RunAsync("/usr/sbin/haproxy", "-c", "-q", "-f", Path.Combine(ha, "out", "alice", "haproxy.cfg"));
        Assert.Contains($"listen {name}\n", await File.ReadAllTextAsync(Path.Combine(ha, "out", "alice", "haproxy.cfg")), StringComparison.Ordinal);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(ha, "out", "alice"), "*.nginx")) await Shell.RunAsync("/usr/sbin/nginx", "-t", "-q", "-e", "stderr", "-c", file);
        await File.WriteAllLinesAsync(Path.Combine(ha, "all.env"), File.ReadLines(Path.Combine(ha, "machines", "alice.env")).Concat(File.ReadLines(site)));
        var composed = await Shell.TryAsync("bash", "-c", $"cd '{ha}' && exec docker-compose --env-file all.env config");
        Assert.True(composed.Exit == 0, composed.Output + composed.Error);
        Assert.DoesNotContain("not set", composed.Error, StringComparison.Ordinal);
        Assert.Contains($"\n  {name}:\n", composed.Output, StringComparison.Ordinal);
        // What it runs is in the Dockerfile, or comes from elsewhere and is pinned.
        if (composed.Output.Contains($"picasoft-ha/{name}:", StringComparison.Ordinal)) Assert.Contains($" AS {name}\n", await File.ReadAllTextAsync(Path.Combine(ha, "images", "Dockerfile")), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Names))]
    public async Task What_the_product_is_told_of_it_is_a_good_file(string name)
    {
        var said = await OpsHost.VerbAsync("check", new ExamplePage(name).Path("ops.yaml"));
        Assert.True(said.Exit == 0, said.Output + said.Error);
    }

    [Theory, MemberData(nameof(Names))]
    public void Both_languages_give_the_same_commands(string name)
    {
        var page = new ExamplePage(name);
        Assert.NotEmpty(page.Blocks());
        Assert.Equal(page.Blocks(), page.Blocks("README.fr.md"));
    }

    public void Dispose() => _folder.Dispose();
}
