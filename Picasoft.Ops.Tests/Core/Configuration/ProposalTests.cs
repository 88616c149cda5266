using Picasoft.Ops.Core.Configuration.Import;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Configuration;

/// <summary>What an import proposes is compared with the store, and only what somebody chose is taken over; what is there is never replaced.</summary>
public class ProposalTests(PostgresFixture postgres)
{
    private const string Compose = """
        name: wiki
        services:
          wiki:
            image: wiki
            container_name: wiki
            depends_on: [wikidb]
            labels: ['traefik.http.routers.w.rule=Host(`wiki.example.org`)', 'traefik.http.routers.w.tls=true']
          wikidb: {image: 'mariadb:10', container_name: wikidb}
        """;

    [Fact]
    public async Task What_is_chosen_comes_with_what_it_names_and_nothing_else_does()
    {
        await using var store = await ConfigurationStore.NewAsync(postgres);
        var proposed = Proposed();
        var diff = (await store.Proposals.CompareAsync(proposed, CancellationToken.None)).Value;
        Assert.Equal(["host:alice New", "service:wiki New", "service:wikidb New", "probe:wiki-web New", "probe:wiki-certificate New", "probe:wikidb-container New"], diff.Select(i => $"{i.Key} {i.State}"));
        Assert.Contains("depends_on: [wikidb]", diff[1].Added, StringComparison.Ordinal);

        Assert.Equal(4, (await store.Proposals.AcceptAsync(proposed, ["probe:wiki-web"], ConfigurationStore.Camille, CancellationToken.None)).Value);
        var now = (await store.Proposals.CompareAsync(proposed, CancellationToken.None)).Value;
        Assert.Equal(["host:alice There", "service:wiki There", "service:wikidb There", "probe:wiki-web There", "probe:wiki-certificate New", "probe:wikidb-container New"], now.Select(i => $"{i.Key} {i.State}"));
        Assert.Equal(0, (await store.Proposals.AcceptAsync(proposed, ["probe:wiki-web"], ConfigurationStore.Camille, CancellationToken.None)).Value);
        Assert.DoesNotContain("\"from_file\": true", await store.DumpAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task To_what_people_made_only_what_is_missing_is_added()
    {
        await using var store = await ConfigurationStore.NewAsync(postgres);
        await store.Inventory.CreateServiceAsync(new() { Name = "ldap" }, ConfigurationStore.Camille, CancellationToken.None);
        await store.Inventory.CreateServiceAsync(new() { Name = "wiki", Title = "Le wiki", Url = "https://w.example.org", Criticality = Criticality.Critical, DependsOn = ["ldap"] }, ConfigurationStore.Camille, CancellationToken.None);
        var diff = (await store.Proposals.CompareAsync(Proposed(), CancellationToken.None)).Value;
        var wiki = diff.Single(i => i.Key == "service:wiki");
        Assert.Equal((ProposedState.Adds, "host: alice\ndepends_on: [wikidb]\n"), (wiki.State, wiki.Added.Replace("\"", "", StringComparison.Ordinal)));
        Assert.True((await store.Proposals.AcceptAsync(Proposed(), null, ConfigurationStore.Camille, CancellationToken.None)).IsDone);
        var export = await store.ExportAsync();
        Assert.Contains("title: Le wiki", export, StringComparison.Ordinal);
        Assert.Contains("https://w.example.org", export, StringComparison.Ordinal);
        Assert.Contains("depends_on: [ldap, wikidb]", export, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_file_manages_is_left_to_the_file_and_a_circle_is_refused()
    {
        await using var store = await ConfigurationStore.NewAsync(postgres);
        Assert.True((await store.ApplyAsync("version: 1\nservices: [{name: wiki}]\n")).IsDone);
        await store.Inventory.CreateServiceAsync(new() { Name = "wikidb", DependsOn = ["wiki"] }, ConfigurationStore.Camille, CancellationToken.None);
        var diff = (await store.Proposals.CompareAsync(Proposed(), CancellationToken.None)).Value;
        Assert.Equal(ProposedState.InFile, diff.Single(i => i.Key == "service:wiki").State);
        Assert.True((await store.Proposals.AcceptAsync(Proposed(), null, ConfigurationStore.Camille, CancellationToken.None)).IsDone); // the file's service is not touched, so there is no circle
        Assert.Contains("name: wiki\n", await store.ExportAsync(), StringComparison.Ordinal);

        await using var other = await ConfigurationStore.NewAsync(postgres);
        await other.Inventory.CreateServiceAsync(new() { Name = "wiki" }, ConfigurationStore.Camille, CancellationToken.None);
        await other.Inventory.CreateServiceAsync(new() { Name = "wikidb", DependsOn = ["wiki"] }, ConfigurationStore.Camille, CancellationToken.None);
        var before = await other.DumpAsync();
        var refused = await other.Proposals.AcceptAsync(Proposed(), null, ConfigurationStore.Camille, CancellationToken.None);
        Assert.Equal("inventory.cycle", refused.Refusal?.Errors.Single().Message.Key);
        Assert.Equal(before, await other.DumpAsync());
        Assert.Equal("import.not_proposed", (await other.Proposals.AcceptAsync(Proposed(), ["probe:nothing"], ConfigurationStore.Camille, CancellationToken.None)).Refusal?.Errors.Single().Message.Key);
    }

    [Fact]
    public async Task Secrets_come_along_but_are_never_shown()
    {
        await using var store = await ConfigurationStore.NewAsync(postgres);
        var proposed = Importer.Find("kuma")!.Convert("""{"monitorList": [{"type": "http", "name": "Wiki", "url": "https://wiki.example.org", "headers": "{\"X-Key\": \"hunter2\"}"}]}""", new()).Value;
        Assert.All((await store.Proposals.CompareAsync(proposed, CancellationToken.None)).Value, i => Assert.DoesNotContain("hunter2", i.Added, StringComparison.Ordinal));
        Assert.Equal(2, (await store.Proposals.AcceptAsync(proposed, null, ConfigurationStore.Camille, CancellationToken.None)).Value);
        Assert.Contains("${PROBE_WIKI_HTTP_HEADERS_X_KEY}", await store.ExportAsync(), StringComparison.Ordinal);
    }

    private static Imported Proposed() => Importer.Find("compose")!.Convert(Compose, new("alice")).Value;
}
