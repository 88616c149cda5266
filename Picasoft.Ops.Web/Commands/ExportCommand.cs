using Picasoft.Ops.Core.Configuration;

namespace Picasoft.Ops.Web.Commands;

internal static class ExportCommand
{
    public static Verb Verb { get; } = new("export", [], [], "Writes the store out as a configuration file; variables stand in for the secrets.", RunAsync);

    private static async Task<int> RunAsync(Arguments arguments, CancellationToken cancel)
    {
        await using var workplace = await Workplace.OpenAsync(SettingsReader.Read(arguments), cancel);
        Console.Write(await workplace.Services.GetRequiredService<ConfigurationActions>().ExportAsync(cancel));
        return 0;
    }
}
