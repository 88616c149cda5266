using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Web.Commands;

internal static class RestoreCommand
{
    public static Verb Verb { get; } = new("restore", ["FILE"],
        [new("--force", null, "replace everything, also in a store that is not empty")],
        "Puts a backup into an empty store, all of it or nothing.", RunAsync);

    private static async Task<int> RunAsync(Arguments arguments, CancellationToken cancel)
    {
        var settings = SettingsReader.Read(arguments);
        await using var store = await Store.OpenAsync(settings, alone: true, Console.Error.WriteLine, TimeProvider.System, cancel);
        await Backup.RestoreAsync(store.ConnectionString, arguments[0], arguments.Has("--force"), cancel);
        await SchemaUpgrade.RunAsync(store.ConnectionString, cancel); // the backup may be of an older version
        Console.WriteLine("Restored.");
        Console.WriteLine(settings.SecretKey is null ? $"To open the stored secrets, put the secret.key of the old state directory into {settings.Data} before the next start."
            : "To open the stored secrets, OPS_SECRET_KEY must be the old one.");
        return 0;
    }
}
