using Picasoft.Ops.Core.Configuration;
using Picasoft.Ops.Core.Configuration.Import;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Web.Commands;

internal static class ImportAlertmanagerCommand
{
    public static Verb Verb { get; } = new("import alertmanager", ["FILE"], [], "Writes an alertmanager.yml out as ops.yaml, and says on the error output what it could not carry over.", RunAsync);

    private static async Task<int> RunAsync(Arguments arguments, CancellationToken cancel)
    {
        string text;
        try
        {
            if (new FileInfo(arguments[0]).Length > YamlInput.MaxBytes) throw new PlainError($"{arguments[0]} is larger than {YamlInput.MaxBytes} bytes: is it an alertmanager.yml?");
            text = await File.ReadAllTextAsync(arguments[0], cancel);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PlainError($"{arguments[0]} cannot be read: {e.Message}");
        }
        var done = AlertmanagerImport.Convert(text);
        if (done.Refusal is { } refusal) return CheckCommand.Fail(arguments[0], refusal);
        Console.Write(done.Value.Yaml);
        foreach (var note in done.Value.Notes) await Console.Error.WriteLineAsync(note);
        return 0;
    }
}
