using Picasoft.Ops.Core.Configuration.Import;
using Picasoft.Ops.Core.Configuration.Import.Compose;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Configuration;

/// <summary>A stack as it stands on a server: several files, anchors, conditions, profiles, health checks, middlewares of other containers.</summary>
public sealed class ComposeFilesTests
{
    private const string Cloud = """
        name: cloud
        x-inside: &inside
          restart: unless-stopped
          networks: [inside]
        include: [../traefik/compose.yaml]
        services:
          cloud:
            extends: {file: common.yaml, service: php}
            image: nextcloud:29
            networks: [inside, proxy]
            env_file: [cloud.env, {path: local.env, required: false}]
            depends_on:
              db: {condition: service_healthy}
              migrate: {condition: service_completed_successfully}
            labels:
              - traefik.http.routers.cloud.rule=(Host(`cloud.example.org`) || Host(`files.example.org`)) && !PathPrefix(`/metrics`)
              - traefik.http.routers.cloud.entrypoints=public
              - traefik.http.routers.plain.rule=Host(`cloud.example.org`, `files.example.org`)
              - traefik.http.routers.plain.middlewares=to-https
              - traefik.http.middlewares.to-https.redirectscheme.scheme=https
          office:
            image: collabora/code:24
            networks: [proxy]
            environment: {aliasgroup1: "https://cloud.example.org:443", DB_HOST: db}
            healthcheck: {test: "curl -fs http://localhost:9980/hosting/discovery || exit 1"}
            labels:
              traefik.http.routers.office.rule: Host(`office.example.org`)
              traefik.http.routers.office.tls: "true"
          figures:
            image: matomo:5
            networks: [proxy]
            labels:
              traefik.http.routers.figures.rule: Host(`figures.example.org`)
              traefik.http.routers.figures.tls.certresolver: le
              traefik.http.routers.figures.middlewares: members@docker
          migrate: {<<: *inside, image: 'nextcloud:29', depends_on: [redis]}
          db: {<<: *inside, image: 'mariadb:11', ports: ['127.0.0.1:3307:3306'], healthcheck: {test: [CMD, healthcheck.sh, --connect]}}
          redis: {<<: *inside, image: 'redis:7', healthcheck: {disable: true}}
          adminer: {<<: *inside, image: adminer, profiles: [debug, repair], ports: ['8081:8080']}
        networks: {inside: {}, proxy: {external: true}}
        """;

    private static readonly Dictionary<string, string> _files = new(StringComparer.Ordinal)
    {
        ["../traefik/compose.yaml"] = """
            services:
              traefik:
                image: traefik:v3.1
                networks: [proxy]
                command: [--providers.docker, '--entrypoints.web.address=:80', '--entrypoints.public.address=:443']
                ports: ['80:80', '443:443']
                labels:
                  traefik.http.middlewares.members.chain.middlewares: headers,directory
                  traefik.http.middlewares.directory.forwardauth.address: http://door:9000
            """,
        ["common.yaml"] = """
            services:
              php: {extends: base, environment: [PHP_MEMORY=512M]}
              base: {restart: always, environment: {MAIL_URL: 'smtp://redis:25'}, labels: {org.opencontainers.image.title: Nuage}}
            """,
        ["cloud.env"] = "MYSQL_HOST=db\nREDIS_HOST=${NOBODY}\n",
    };

    [Fact]
    public void What_other_files_say_belongs_to_it_and_what_is_not_always_there_is_left_out()
    {
        var (items, notes) = Read(new("alice", "folder", null, _files.GetValueOrDefault));
        var services = items.Values.OfType<ServiceInput>().ToDictionary(s => s.Name);
        Assert.Equal(["cloud", "cloud-db", "cloud-redis", "figures", "office", "traefik"], services.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["cloud-db", "cloud-redis", "traefik"], services["cloud"].DependsOn); // redis: what the migration needs, and an inherited address
        Assert.Equal(("https://cloud.example.org", "Nuage"), (services["cloud"].Url, services["cloud"].Title));
        Assert.Equal(["traefik"], services["office"].DependsOn); // it says "db", but no network leads there
        Assert.Equal(
        [
            "cloud-certificate tls", "cloud-certificate-2 tls", "cloud-db-3307 tcp", "cloud-db-container docker", "cloud-redis-container docker", "cloud-web http https://cloud.example.org/status.php", "cloud-web-2 http https://files.example.org/status.php",
            "figures-certificate tls", "figures-web http https://figures.example.org", "office-certificate tls", "office-web http https://office.example.org/hosting/discovery", "traefik-443 tcp", "traefik-80 tcp",
        ], Probes(items));
        Assert.Equal(["import.compose_job", "import.compose_local", "import.compose_profile", "import.traefik_auth"], notes.Select(n => n.Why.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_profile_that_is_set_is_there() =>
        Assert.Contains(("service", "adminer"), Read(new("alice", null, name => name == "COMPOSE_PROFILES" ? "repair" : null, _files.GetValueOrDefault)).Items.Keys);

    [Fact]
    public void Where_no_other_file_may_be_read_it_is_said_what_is_missing()
    {
        var (items, notes) = Read(new("alice"));
        Assert.Equal(["import.compose_env_file cloud.env", "import.compose_extends common.yaml", "import.compose_include"], notes.Where(n => n.Why.Key is "import.compose_env_file" or "import.compose_extends" or "import.compose_include")
            .Select(n => string.Join(' ', [n.Why.Key, .. n.Why.Args.Select(a => $"{a}")])).Order(StringComparer.Ordinal));
        Assert.Equal(["cloud-db", "cloud-redis"], ((ServiceInput)items[("service", "cloud")]).DependsOn);
        Assert.Contains("cloud-web http http://cloud.example.org/status.php", Probes(items)); // who "public" is stood in the other file
    }

    [Fact]
    public void Files_that_name_each_other_end()
    {
        const string round = "include: [a, a, ./a]\nservices: {a: {image: x, extends: {file: a, service: a}}}";
        var done = ComposeImport.Convert(round, new("alice", "p", null, _ => round));
        Assert.True(done.IsDone);
        Assert.Equal(["import.compose_extends"], done.Value.Notes.Select(n => n.Why.Key).Distinct());
    }

    [Theory]
    [InlineData("Host(`a`)", "host a")]
    [InlineData("Host(`a`, \"b\") && Path('/x')", "host a b, path /x")]
    [InlineData("(Host(`a`) || Host(`b`)) && (PathPrefix(`/x`)||PathPrefix(`/y`))", "host a, pathprefix /x | host a, pathprefix /y | host b, pathprefix /x | host b, pathprefix /y")]
    [InlineData("Host(`a`) || Host(`b`) && !(Host(`c`) || PathPrefix(`/x`))", "host a | host b")]
    [InlineData("HostRegexp(`^[a-z]+\\.(x|y)$`) && Method(`GET`)", "hostregexp ^[a-z]+\\.(x|y)$, method GET")]
    [InlineData("Host(`a`) &&", null)]
    [InlineData("Host(`a`", null)]
    [InlineData("(Host(`a`)", null)]
    [InlineData("Host(a)", null)]
    [InlineData("Host:a", null)]
    [InlineData("", null)]
    [InlineData("((((((((((((((((((((((((Host(`a`))))))))))))))))))))))))))", null)]
    public void Rules_are_read_as_Traefik_reads_them(string rule, string? ways) =>
        Assert.Equal(ways, TraefikRule.Of(rule) is { } found ? string.Join(" | ", found.Select(w => string.Join(", ", w.Select(c => $"{c.Name} {string.Join(' ', c.Values)}")))) : null);

    private static (Dictionary<(string Kind, string Name), object> Items, IReadOnlyList<ImportNote> Notes) Read(ImportHints hints)
    {
        var done = ComposeImport.Convert(Cloud, hints).Value;
        var file = ConfigurationStore.Read(done.Yaml);
        Assert.True(file.IsDone, $"{file.Refusal}\n{done.Yaml}");
        Assert.All(done.Notes, note => Assert.NotEqual(note.Why.Key, note.Why.In().Split(':')[0]));
        return (file.Value.Items.ToDictionary(i => (i.Kind, i.Name), i => i.Input), done.Notes);
    }

    private static IEnumerable<string> Probes(Dictionary<(string Kind, string Name), object> items) =>
        items.Values.OfType<ProbeInput>().Select(p => $"{p.Name} {p.Type} {Url(p)}".TrimEnd()).Order(StringComparer.Ordinal);

    private static string? Url(ProbeInput probe) => ((probe.Settings.Values.Single() as Picasoft.Ops.Core.Primitives.InputMap)?["url"] as Picasoft.Ops.Core.Primitives.InputScalar)?.Text;
}
