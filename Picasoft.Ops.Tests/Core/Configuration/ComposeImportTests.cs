using System.Text.RegularExpressions;
using Picasoft.Ops.Core.Configuration.Import;
using Picasoft.Ops.Core.Configuration.Import.Compose;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Configuration;

/// <summary>Compose files as an association writes them: what is proposed of them is a good <c>ops.yaml</c>, and says who needs whom.</summary>
public class ComposeImportTests
{
    private const string Mattermost = """
        version: "3.7"
        x-logging: &logging
          logging: {driver: json-file}
        networks: {proxy: {external: true}, mattermost: {}}
        services:
          mattermost:
            <<: *logging
            image: registry.picasoft.net/pica-mattermost:${VERSION:-9.11}
            container_name: mattermost-app
            networks: [proxy, mattermost]
            environment:
              MM_SQLSETTINGS_DATASOURCE: postgres://mattermost:${DB_PASSWORD}@mattermost-db:5432/mattermost?sslmode=disable
            labels:
              traefik.enable: "true"
              traefik.http.routers.mattermost.entrypoints: websecure
              traefik.http.routers.mattermost.rule: Host(`team.picasoft.net`)
              traefik.http.services.mattermost.loadbalancer.server.port: 8000
          mattermost-db:
            <<: *logging
            image: postgres:15-alpine
            container_name: mattermost-db
            networks: [mattermost]
            environment: {POSTGRES_USER: mattermost}
        """;

    // Traefik 1.7, version 2 of the format, lists instead of names.
    private const string Etherpad = """
        version: '2'
        services:
          app:
            image: etherpad/etherpad:1.8.14
            environment: [DB_HOST=db, DB_TYPE=mysql]
            labels:
              - "traefik.frontend.rule=Host:pad.picasoft.net,www.pad.picasoft.net"
              - "traefik.port=9001"
          db:
            image: mariadb:10
            ports: ["127.0.0.1:3306:3306", "1194:1194/udp"]
        """;

    private const string Wekan = """
        name: wekan
        services:
          traefik:
            image: traefik:v3.1
            ports: ["80:80", {target: 443, published: "443"}]
          wekan:
            image: ghcr.io/wekan/wekan:v7
            depends_on:
              wekandb: {condition: service_started}
            environment:
              - MONGO_URL=mongodb://wekandb:27017/wekan
              - ROOT_URL=https://${DOMAIN:?say where}/b
            labels:
              - traefik.http.routers.wekan.rule=Host(`$DOMAIN`) && PathPrefix(`/b`)
              - traefik.http.routers.wekan.tls.certresolver=letsencrypt
              - traefik.http.routers.wekan-plain.rule=Host(`kanban.example.org`) && PathPrefix(`/b`)
              - traefik.http.routers.wekan-plain.entrypoints=web
              - traefik.http.services.wekan.loadbalancer.healthcheck.path=/health
          admin:
            image: adminer
            labels:
              - traefik.http.routers.admin.rule=Host(`admin.example.org`) || HostRegexp(`.+`)
              - traefik.http.routers.admin.tls=true
              - traefik.http.routers.admin.middlewares=who@docker
              - traefik.http.middlewares.who.basicauth.users=a:$$apr1$$x
          wekandb:
            image: mongo:6
            depends_on: [wekan]
        """;

    [Fact]
    public void A_service_behind_Traefik_gets_its_address_its_probes_and_the_database_it_writes_to()
    {
        var (items, notes) = Read(Mattermost, new("alice", "mattermost"));
        Assert.Equal("alice", Assert.IsType<HostInput>(items[("host", "alice")]).Name);
        var mattermost = (ServiceInput)items[("service", "mattermost")];
        Assert.Equal(("https://team.picasoft.net", "alice"), (mattermost.Url, mattermost.Host));
        Assert.Equal(["mattermost-db"], mattermost.DependsOn);
        Assert.Empty(((ServiceInput)items[("service", "mattermost-db")]).DependsOn); // POSTGRES_USER=mattermost names nobody
        Assert.Equal(["mattermost-certificate tls", "mattermost-db-container docker", "mattermost-web http"], Probes(items));
        Assert.Contains("https://team.picasoft.net/api/v4/system/ping", Settings(items, "mattermost-web"), StringComparison.Ordinal);
        Assert.Contains("\"container\":\"mattermost-db\"", Settings(items, "mattermost-db-container"), StringComparison.Ordinal);
        Assert.Equal(["${DB_PASSWORD}"], notes.Select(n => n.Where));
    }

    [Fact]
    public void Old_labels_and_words_that_say_nothing_alone_are_understood()
    {
        var (items, notes) = Read(Etherpad, new(null, "etherpad"));
        Assert.Equal(["etherpad-db"], ((ServiceInput)items[("service", "etherpad")]).DependsOn);
        Assert.Equal(["etherpad-certificate tls", "etherpad-certificate-2 tls", "etherpad-db-3306 tcp", "etherpad-web http", "etherpad-web-2 http"], Probes(items));
        Assert.Contains("www.pad.picasoft.net", Settings(items, "etherpad-web-2"), StringComparison.Ordinal);
        Assert.Equal(["import.compose_udp", "import.compose_local"], notes.Select(n => n.Why.Key));
    }

    [Fact]
    public void Paths_health_checks_sign_in_and_the_proxy_itself_are_understood_and_a_circle_is_broken()
    {
        var (items, notes) = Read(Wekan, new("bob", null, name => name == "DOMAIN" ? "kanban.example.org" : null));
        Assert.Equal(["wekandb", "traefik"], ((ServiceInput)items[("service", "wekan")]).DependsOn);
        Assert.Empty(((ServiceInput)items[("service", "wekandb")]).DependsOn);
        Assert.Equal("https://kanban.example.org/b/", ((ServiceInput)items[("service", "wekan")]).Url);
        Assert.Contains("https://kanban.example.org/b/health", Settings(items, "wekan-web"), StringComparison.Ordinal);
        Assert.Contains("\"status\":[\"200\",\"302\",\"401\"]", Settings(items, "admin-web"), StringComparison.Ordinal);
        Assert.Equal(["admin-certificate tls", "admin-web http", "traefik-443 tcp", "traefik-80 tcp", "wekan-certificate tls", "wekan-web http", "wekandb-container docker"], Probes(items));
        Assert.Equal(["import.compose_cycle", "import.traefik_auth", "import.traefik_regex"], notes.Select(n => n.Why.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_files_of_this_repository_are_understood()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "docker"), "*.y*ml", SearchOption.AllDirectories))
        {
            var text = File.ReadAllText(file);
            if (!text.Contains("\nservices:", StringComparison.Ordinal)) continue;
            var (items, _) = Read(text, new("alice", "ops"));
            Assert.Contains(items, i => i.Key.Kind == "service");
            Assert.Contains(items, i => i.Key.Kind == "probe");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("- a")]
    [InlineData("services: 3")]
    [InlineData("services: {a: {image: [1], ports: {x: 1}, labels: 7, environment: [=, a, '']}}")]
    [InlineData("services:\n\ta: 1")]
    [InlineData("services: {a: {labels: ['traefik.http.routers.a.rule=Host(`', 'traefik.enable=true'], ports: ['', ':', '70000:1', '1:1:1:1', '[::1', x]}}")]
    public void Whatever_stands_in_a_file_it_is_read_or_refused(string text)
    {
        var done = ComposeImport.Convert(text, new());
        Assert.True(!done.IsDone || ConfigurationStore.Read(done.Value.Yaml).IsDone);
    }

    [Theory]
    [InlineData("$A-${A}-${B:-x}-${B-y}-${C:-z}-${A:+w}-$$A", "1-1-x-y-z-w-$A")]
    [InlineData("${B:-${A:-3}}", "1")]
    [InlineData("${", "${")]
    [InlineData("$", "$")]
    [InlineData("${1}$?", "${1}$?")]
    public void Variables_are_those_of_compose(string text, string expected) =>
        Assert.Equal(expected, ComposeVariables.Expand(text, name => name == "A" ? "1" : null, _ => { }));

    [Fact]
    public void A_file_of_variables_is_read_as_compose_does() =>
        Assert.Equal([("A", "1 2"), ("B", "x#y"), ("C", "")], ComposeVariables.OfFile("# no\nA=\"1 2\" # yes\nexport B=x#y\n\nC=\n=d\n").Select(v => (v.Key, v.Value)));

    private static (Dictionary<(string Kind, string Name), object> Items, IReadOnlyList<ImportNote> Notes) Read(string text, ImportHints hints)
    {
        var done = ComposeImport.Convert(text, hints).Value;
        var file = ConfigurationStore.Read(done.Yaml);
        Assert.True(file.IsDone, $"{file.Refusal}\n{done.Yaml}");
        Assert.All(done.Notes, note => Assert.NotEqual(note.Why.Key, note.Why.In().Split(':')[0]));
        return (file.Value.Items.ToDictionary(i => (i.Kind, i.Name), i => i.Input), done.Notes);
    }

    private static IEnumerable<string> Probes(Dictionary<(string Kind, string Name), object> items) => items.Values.OfType<ProbeInput>().Select(p => $"{p.Name} {p.Type}").Order(StringComparer.Ordinal);

    private static string Settings(Dictionary<(string Kind, string Name), object> items, string probe) => Regex.Replace(InputWriter.Canonical(((ProbeInput)items[("probe", probe)]).Settings.Values.Single()), "(?<=[:\\[,])[ps](?=\")", ""); // quoted or not is all the same here
}
