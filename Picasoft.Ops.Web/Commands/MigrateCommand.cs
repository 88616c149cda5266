using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Web.Commands;

internal static class MigrateCommand
{
    public static Verb Verb { get; } = new("migrate", [], [], "Brings the database's tables up to date.", RunAsync);

    private static async Task<int> RunAsync(Arguments arguments, CancellationToken cancel)
    {
        await using var store = await Store.OpenAsync(SettingsReader.Read(arguments), alone: false, Console.Error.WriteLine, TimeProvider.System, cancel);
        await SchemaUpgrade.RunAsync(store.ConnectionString, cancel);
        Console.WriteLine("The database is up to date.");
        return 0;
    }
}
