using Picasoft.Ops.Core.Configuration;
using Picasoft.Ops.Core.Configuration.Import;
using Picasoft.Ops.Core.Configuration.Import.Compose;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Web.Commands;

/// <summary>Other products' files as <c>ops.yaml</c> on the output; on the error output, what could not be carried over. Needs no store.</summary>
internal static class ImportCommand
{
    private static readonly Flag _host = new("--host", "NAME", "the machine that it is about");

    public static IReadOnlyList<Verb> Verbs { get; } =
    [
        new("import alertmanager", ["FILE"], [], Says("an alertmanager.yml"), async (arguments, cancel) => Told(arguments[0], AlertmanagerImport.Convert(await TextAsync(arguments[0], cancel)))),
        new("import compose", ["FILE"], [_host], Says("the services of a docker compose file, with Traefik's labels,"), async (arguments, cancel) =>
            Told(arguments[0], ComposeImport.Convert(await TextAsync(arguments[0], cancel), await HintsAsync(arguments, cancel)))),
        new("import docker", ["ENGINE"], [_host], Says("what a Docker Engine runs (its socket, or the address of a proxy)"), async (arguments, cancel) =>
        {
            using var engine = new DockerEngineRunner(TimeProvider.System);
            return Told(arguments[0], await engine.ReadAsync(arguments[0], arguments["--host"], cancel));
        }),
        .. from other in new[] { ("kuma", "the monitors of Uptime Kuma"), ("gatus", "the endpoints of Gatus"), ("healthchecks", "the checks of Healthchecks") }
           select new Verb($"import {other.Item1}", ["FILE"], [], Says(other.Item2), async (arguments, cancel) => Told(arguments[0], Importer.Find(other.Item1)!.Convert(await TextAsync(arguments[0], cancel), new()))),
    ];

    private static string Says(string what) => $"Writes {what} out as ops.yaml, and says on the error output what it could not carry over.";

    private static int Told(string file, Outcome<(string Yaml, IReadOnlyList<string> Notes)> done)
    {
        if (done.Refusal is { } refusal) return CheckCommand.Fail(file, refusal);
        Console.Write(done.Value.Yaml);
        foreach (var note in done.Value.Notes) Console.Error.WriteLine(note);
        return 0;
    }

    private static int Told(string file, Outcome<Imported> done) =>
        Told(file, done.Refusal is { } refusal ? refusal : (done.Value.Yaml, (IReadOnlyList<string>)[.. done.Value.Notes.Select(n => n.ToString())]));

    /// <summary>The folder names the project and holds <c>.env</c>, as for compose itself; the environment goes before it.</summary>
    private static async Task<ImportHints> HintsAsync(Arguments arguments, CancellationToken cancel)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(arguments[0]))!;
        var file = Path.Combine(folder, ".env");
        var written = File.Exists(file) ? ComposeVariables.OfFile(await TextAsync(file, cancel)) : new Dictionary<string, string>(StringComparer.Ordinal);
        return new(arguments["--host"], Path.GetFileName(folder), name => Environment.GetEnvironmentVariable(name) ?? written.GetValueOrDefault(name));
    }

    private static async Task<string> TextAsync(string file, CancellationToken cancel)
    {
        try
        {
            if (new FileInfo(file).Length > YamlInput.MaxBytes) throw new PlainError($"{file} is larger than {YamlInput.MaxBytes} bytes: is it the right file?");
            return await File.ReadAllTextAsync(file, cancel);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PlainError($"{file} cannot be read: {e.Message}");
        }
    }
}
