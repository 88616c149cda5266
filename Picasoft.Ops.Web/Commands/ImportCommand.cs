using Picasoft.Ops.Core.Configuration;
using Picasoft.Ops.Core.Configuration.Import;
using Picasoft.Ops.Core.Configuration.Import.Compose;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Web.Commands;

/// <summary>Other products' files as <c>ops.yaml</c> on the output; on the error output, what could not be carried over. Needs no store, unless it is to be compared with one.</summary>
internal static class ImportCommand
{
    private static readonly Flag _host = new("--host", "NAME", "the machine that it is about");
    private static readonly Flag[] _into = [new("--diff", null, "write what it would add to what is in the store instead"), new("--accept", null, "take that over; nothing that is there is replaced")];

    public static IReadOnlyList<Verb> Verbs { get; } =
    [
        new("import alertmanager", ["FILE"], [], Says("an alertmanager.yml"), async (arguments, cancel) => Told(arguments[0], AlertmanagerImport.Convert(await TextAsync(arguments[0], cancel)))),
        new("import compose", ["FILE"], [_host, .. _into], Says("the services of a docker compose file, with Traefik's labels,"), async (arguments, cancel) =>
            await TellAsync(arguments, ComposeImport.Convert(await TextAsync(arguments[0], cancel), await HintsAsync(arguments, cancel)), cancel)),
        new("import docker", ["ENGINE"], [_host, .. _into], Says("what a Docker Engine runs (its socket, or the address of a proxy)"), async (arguments, cancel) =>
        {
            using var engine = new DockerEngineRunner(TimeProvider.System);
            return await TellAsync(arguments, await engine.ReadAsync(arguments[0], arguments["--host"], cancel), cancel);
        }),
        .. from other in new[] { ("kuma", "the monitors of Uptime Kuma"), ("gatus", "the endpoints of Gatus"), ("healthchecks", "the checks of Healthchecks") }
           select new Verb($"import {other.Item1}", ["FILE"], [.. _into], Says(other.Item2), async (arguments, cancel) => await TellAsync(arguments, Importer.Find(other.Item1)!.Convert(await TextAsync(arguments[0], cancel), new()), cancel)),
    ];

    private static string Says(string what) => $"Writes {what} out as ops.yaml, and says on the error output what it could not carry over.";

    private static int Told(string file, Outcome<(string Yaml, IReadOnlyList<string> Notes)> done)
    {
        if (done.Refusal is { } refusal) return CheckCommand.Fail(file, refusal);
        Console.Write(done.Value.Yaml);
        foreach (var note in done.Value.Notes) Console.Error.WriteLine(note);
        return 0;
    }

    /// <summary>As a file of its own, or beside what is in the store.</summary>
    private static async Task<int> TellAsync(Arguments arguments, Outcome<Imported> done, CancellationToken cancel)
    {
        var (file, accepts) = (arguments[0], arguments.Has("--accept"));
        if (!accepts && !arguments.Has("--diff") || !done.IsDone) return Told(file, done.Refusal is { } refusal ? refusal : (done.Value.Yaml, (IReadOnlyList<string>)[.. done.Value.Notes.Select(n => n.ToString())]));
        await using var workplace = await Workplace.OpenAsync(SettingsReader.Read(arguments), cancel);
        var actions = workplace.Services.GetRequiredService<ProposalActions>();
        var compared = await actions.CompareAsync(done.Value, cancel);
        if (compared.Refusal is { } wrong) return CheckCommand.Fail(file, wrong);
        var taken = accepts ? await actions.AcceptAsync(done.Value, null, Actor.System, cancel) : 0;
        if (taken.Refusal is { } refused) return CheckCommand.Fail(file, refused);
        var news = compared.Value.Where(i => i.CanAccept).ToList();
        foreach (var item in news) Console.WriteLine($"{(item.State == ProposedState.New ? '+' : '~')} {item.Kind} {item.Name}\n{string.Concat(item.Added.TrimEnd().Split('\n').Select(l => $"    {l}\n"))}".TrimEnd());
        Console.WriteLine(news.Count == 0 ? "Nothing to add." : accepts ? $"{taken.Value} taken over." : $"{news.Count} to add; nothing was done.");
        foreach (var note in done.Value.Notes) Console.Error.WriteLine(note);
        return 0;
    }

    /// <summary>The folder names the project and holds <c>.env</c>, as for compose itself; the environment goes before it.</summary>
    private static async Task<ImportHints> HintsAsync(Arguments arguments, CancellationToken cancel)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(arguments[0]))!;
        var file = Path.Combine(folder, ".env");
        var written = File.Exists(file) ? ComposeVariables.OfFile(await TextAsync(file, cancel)) : new Dictionary<string, string>(StringComparer.Ordinal);
        return new(arguments["--host"], Path.GetFileName(folder), name => Environment.GetEnvironmentVariable(name) ?? written.GetValueOrDefault(name), path => Beside(Path.Combine(folder, path)));
    }

    /// <summary>What the file names: read as whoever calls us may read it.</summary>
    private static string? Beside(string file)
    {
        try { return File.Exists(file) && new FileInfo(file).Length <= YamlInput.MaxBytes ? File.ReadAllText(file) : null; }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return null; }
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
