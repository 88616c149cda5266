using Picasoft.Ops.Tests.Drills;

namespace Picasoft.Ops.Tests.Support;

/// <summary>
/// The schema of the Compose Specification, which Debian's Compose 1.29 is older than: as the linter dclint (MIT) bundles it, for that is how npm gives it out; fetched once.
/// </summary>
internal static class ComposeSchema
{
    private const string Package = "dclint", Version = "3.1.0", Cache = $"/var/cache/picasoft-ops/compose-schema-{Package}-{Version}.json";

    private const string Validate = """
        import json, sys, yaml, jsonschema
        schema = json.load(open(sys.argv[1]))
        for path in sys.argv[2:]:
            for e in jsonschema.Draft7Validator(schema).iter_errors(yaml.safe_load(open(path))):
                print(f"{path}: {'.'.join(map(str, e.absolute_path))}: {e.message}")
        """;

    /// <summary>Everything that is wrong with compose files; skips the test with the reason where npm cannot give the schema.</summary>
    public static async Task<IReadOnlyList<string>> ErrorsAsync(IEnumerable<string> files)
    {
        await FetchAsync();
        return (await Shell.RunAsync("/usr/bin/python3", ["-c", Validate, Cache, .. files])).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static async Task FetchAsync()
    {
        if (File.Exists(Cache)) return;
        Assert.SkipUnless(Environment.IsPrivilegedProcess && File.Exists("/usr/bin/npm"), "The schema is not in the cache, and npm or the right to fill it is missing");
        using var folder = new TempFolder();
        var packed = await Shell.TryAsync("npm", "pack", $"{Package}@{Version}", "--pack-destination", folder.Path, "--loglevel=error");
        Assert.SkipUnless(packed.Exit == 0, "npm could not provide the schema: " + packed.Error);
        Directory.CreateDirectory(Path.GetDirectoryName(Cache)!);
        await Shell.RunAsync("tar", "-xzf", folder[$"{Package}-{Version}.tgz"], "-C", folder.Path, "package/schemas/compose.schema.json");
        File.Copy(folder["package/schemas/compose.schema.json"], Cache + "." + Environment.ProcessId, overwrite: true);
        File.Move(Cache + "." + Environment.ProcessId, Cache, overwrite: true); // whole, or not there
    }
}
