using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Web.Commands;

internal static class BackupCommand
{
    public static Verb Verb { get; } = new("backup", ["FILE"], [], "Writes the whole store into FILE; may be done while it runs.", RunAsync);

    private static async Task<int> RunAsync(Arguments arguments, CancellationToken cancel)
    {
        var settings = SettingsReader.Read(arguments);
        await using var store = await Store.OpenAsync(settings, alone: false, Console.Error.WriteLine, TimeProvider.System, cancel);
        await Backup.WriteAsync(store.ConnectionString, arguments[0], cancel);
        Console.WriteLine($"Backup written to {Path.GetFullPath(arguments[0])}.");
        // Without it the passwords of channels and probes in the backup stay closed; beside it they would not be worth sealing.
        Console.WriteLine(settings.SecretKey is null ? $"Not in it: {Path.Combine(settings.Data, "secret.key")}, which opens the stored secrets. Keep a copy of that file elsewhere."
            : "Not in it: OPS_SECRET_KEY, which opens the stored secrets. Keep a copy elsewhere.");
        return 0;
    }
}
