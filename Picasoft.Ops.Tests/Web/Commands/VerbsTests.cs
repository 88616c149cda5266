using Npgsql;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Web.Commands;

/// <summary>What the administration verbs do and say.</summary>
public sealed class VerbsTests(PostgresFixture postgres) : IDisposable
{
    private readonly TempFolder _folder = new();

    [Theory]
    [InlineData(2, "There is no verb “frob”", "frob")]
    [InlineData(2, "EMAIL is missing", "user", "add")]
    [InlineData(2, "“boss” is not a role: say viewer, responder, admin", "user", "add", "a@b", "--role", "boss")]
    [InlineData(2, "--scope is missing", "token", "create", "x")]
    [InlineData(2, "“root” is not a scope", "token", "create", "x", "--scope", "root")]
    [InlineData(2, "--nope is not an option of run", "run", "--nope")]
    [InlineData(2, "--urls needs a value", "run", "--urls")]
    [InlineData(2, "“more” is one word too many", "migrate", "more")]
    public async Task A_wrong_command_line_exits_with_2_and_one_sentence(int exit, string sentence, params string[] words)
    {
        var said = await OpsHost.VerbAsync(words);
        Assert.Equal(exit, said.Exit);
        Assert.Contains(sentence, said.Error);
        Assert.Single(said.Error.Trim().Split('\n'));
        Assert.Empty(said.Output);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("run", "--help")]
    [InlineData("user", "add", "--help")]
    [InlineData("user", "--help")]
    [InlineData("import", "--help")]
    [InlineData("restore", "--help")]
    public async Task Help_is_asked_for_and_given(params string[] words)
    {
        var said = await OpsHost.VerbAsync(words);
        Assert.Equal(0, said.Exit);
        Assert.StartsWith("./ops", said.Output);
        Assert.Empty(said.Error);
    }

    [Fact]
    public async Task A_database_that_does_not_answer_is_one_sentence()
    {
        var said = await OpsHost.VerbAsync(new Dictionary<string, string> { ["ConnectionStrings__Ops"] = $"Host={_folder.Path};Username=ops" }, "migrate");
        Assert.Equal(1, said.Exit);
        Assert.Contains("check ConnectionStrings__Ops", said.Error);
        Assert.Single(said.Error.Trim().Split('\n'));
    }

    [Fact]
    public async Task A_machine_without_PostgreSQL_is_told_how_to_get_it()
    {
        var said = await OpsHost.VerbAsync(new Dictionary<string, string> { ["OPS_PG_BIN"] = _folder.Path }, "migrate", "--data", _folder["data"]);
        Assert.Equal(1, said.Exit);
        Assert.Contains("OPS_PG_BIN is", said.Error);
    }

    /// <summary>What an importer writes is a configuration: it is checked, and would be applied, as it stands.</summary>
    [Theory]
    [InlineData("kuma", """{"monitorList": [{"type": "http", "name": "Wiki", "url": "https://wiki.example.org"}, {"type": "steam", "name": "Jeu"}]}""", "+ probe wiki", "Jeu")]
    [InlineData("gatus", "endpoints: [{name: wiki, url: 'https://wiki.example.org', conditions: ['[STATUS] == 200', 'len([BODY].x) > 0']}]", "+ probe wiki", "len([BODY].x) > 0")]
    [InlineData("healthchecks", """{"checks": [{"name": "Borg", "slug": "borg", "grace": 3600, "timeout": 86400, "status": "up", "unique_key": "abc"}]}""", "+ heartbeat borg", "borg")]
    [InlineData("compose", "services: {wiki: {image: 'wiki:1', depends_on: [db], labels: ['traefik.enable=true', 'traefik.http.routers.wiki.rule=Host(`wiki.example.org`)']}, db: {image: 'postgres:15'}}", "+ service wiki", null)]
    [InlineData("alertmanager", "route: {receiver: team}\nreceivers: [{name: team}]\n", "+ ", null)]
    public async Task What_was_imported_by_its_verb_passes_the_check_and_would_be_applied(string kind, string text, string planned, string? noted)
    {
        await File.WriteAllTextAsync(_folder["theirs"], text);
        var imported = await OpsHost.VerbAsync("import", kind, _folder["theirs"]);
        Assert.True(imported.Exit == 0, imported.Error);
        if (noted is null) Assert.Equal("", imported.Error);
        else Assert.Contains(noted, imported.Error, StringComparison.Ordinal);
        await File.WriteAllTextAsync(_folder["ops.yaml"], imported.Output);
        var check = await OpsHost.VerbAsync("check", _folder["ops.yaml"]);
        Assert.True(check.Exit == 0, check.Error + imported.Output);
        var plan = await OpsHost.VerbAsync(On(await postgres.CreateDatabaseAsync()), "apply", _folder["ops.yaml"], "--dry-run", "--data", _folder["data"]);
        Assert.True(plan.Exit == 0, plan.Error);
        Assert.Contains(planned, plan.Output, StringComparison.Ordinal);

        await File.WriteAllTextAsync(_folder["theirs"], "nothing: of the kind");
        var refused = await OpsHost.VerbAsync("import", kind, _folder["theirs"]);
        Assert.Equal((1, ""), (refused.Exit, refused.Output));
        Assert.NotEqual("", refused.Error);
        Assert.Equal(1, (await OpsHost.VerbAsync("import", kind, _folder["not-there"])).Exit);
    }

    [Fact]
    public async Task A_backup_restored_into_an_empty_store_brings_everybody_back()
    {
        var (from, into) = (On(await postgres.CreateDatabaseAsync()), On(await postgres.CreateEmptyDatabaseAsync()));
        Assert.Equal(0, (await OpsHost.VerbAsync(from, "user", "add", "camille@example.org", "--role", "admin", "--data", _folder["data"])).Exit);

        var backup = await OpsHost.VerbAsync(from, "backup", _folder["b.dump"], "--data", _folder["data"]);
        Assert.Equal("", backup.Error);
        Assert.Contains("secret.key", backup.Output);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["b.dump"]));
        Assert.False(File.Exists(_folder["b.dump.part"]));
        var restore = await OpsHost.VerbAsync(into, "restore", _folder["b.dump"], "--data", _folder["data"]);
        Assert.Equal("", restore.Error);

        Assert.Equal(["camille@example.org"], await EmailsAsync(into));
    }

    [Fact]
    public async Task A_restore_into_a_store_that_is_not_empty_is_refused_unless_forced()
    {
        var (from, into) = (On(await postgres.CreateDatabaseAsync()), On(await postgres.CreateDatabaseAsync()));
        await OpsHost.VerbAsync(from, "user", "add", "camille@example.org", "--data", _folder["data"]);
        await OpsHost.VerbAsync(into, "user", "add", "sacha@example.org", "--data", _folder["data"]);
        await OpsHost.VerbAsync(from, "backup", _folder["b.dump"], "--data", _folder["data"]);

        var refused = await OpsHost.VerbAsync(into, "restore", _folder["b.dump"], "--data", _folder["data"]);
        Assert.Equal(1, refused.Exit);
        Assert.Contains("The store is not empty (audit_entries, people)", refused.Error);
        Assert.Equal(["sacha@example.org"], await EmailsAsync(into));

        Assert.Equal("", (await OpsHost.VerbAsync(into, "restore", _folder["b.dump"], "--force", "--data", _folder["data"])).Error);
        Assert.Equal(["camille@example.org"], await EmailsAsync(into));
    }

    [Fact]
    public async Task A_backup_that_was_cut_off_restores_nothing()
    {
        var (from, into) = (On(await postgres.CreateDatabaseAsync()), On(await postgres.CreateDatabaseAsync()));
        await OpsHost.VerbAsync(from, "backup", _folder["b.dump"], "--data", _folder["data"]);
        await OpsHost.VerbAsync(into, "user", "add", "sacha@example.org", "--data", _folder["data"]);
        await using (var file = File.OpenWrite(_folder["b.dump"])) file.SetLength(file.Length * 3 / 4);

        var said = await OpsHost.VerbAsync(into, "restore", _folder["b.dump"], "--force", "--data", _folder["data"]);

        Assert.Equal(1, said.Exit);
        Assert.Contains("Nothing was restored, the store is as it was", said.Error);
        Assert.Equal(["sacha@example.org"], await EmailsAsync(into));
    }

    private static Dictionary<string, string> On(string database) => new() { ["ConnectionStrings__Ops"] = database };

    private static async Task<List<string>> EmailsAsync(Dictionary<string, string> on)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(on["ConnectionStrings__Ops"]) { Pooling = false });
        await using var command = source.CreateCommand("select email from people order by 1");
        await using var reader = await command.ExecuteReaderAsync();
        var emails = new List<string>();
        while (await reader.ReadAsync()) emails.Add(reader.GetString(0));
        return emails;
    }

    public void Dispose() => _folder.Dispose();
}
