using Picasoft.Ops.Core.Configuration;
using Picasoft.Ops.Core.Heartbeats;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Logs;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Reports;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Web.Commands;

internal static class CheckCommand
{
    public static Verb Verb { get; } = new("check", ["FILE"], [], "Says everything that is wrong with a configuration file; needs no store.", RunAsync);

    private static async Task<int> RunAsync(Arguments arguments, CancellationToken cancel)
    {
        // The kinds come with the parts that use a store, so these are made too; none of them is ever asked to connect.
        await using var services = new ServiceCollection().AddLogging().AddStorage("Host=127.0.0.1", new string('-', 32)).AddFileConfiguration().BuildServiceProvider();
        var file = services.GetRequiredService<OpsFileReader>().ReadFile(arguments[0], Variables.FromEnvironment);
        if (file.Refusal is { } refusal) return Fail(arguments[0], refusal);
        Console.WriteLine($"{arguments[0]} is good: {string.Join(", ", file.Value.Items.CountBy(i => i.Kind, StringComparer.Ordinal).Select(c => $"{c.Value} {c.Key}{(c.Value == 1 ? "" : "s")}").DefaultIfEmpty("nothing in it"))}.");
        // No mistake when they were made in the page, so no failure either.
        foreach (var (item, field, kind, name) in file.Value.NamedElsewhere())
            Console.Error.WriteLine(OpsFileReader.Line(arguments[0], new(field, Phrase.Of("config.elsewhere", $"{kind}:{name}"), item.Place)));
        return 0;
    }

    /// <summary>Every error on a line of its own, as editors and people expect it.</summary>
    internal static int Fail(string file, Refusal refusal)
    {
        foreach (var error in refusal.Errors) Console.Error.WriteLine(OpsFileReader.Line(file, error));
        return 1;
    }

    /// <summary>What the configuration file can describe.</summary>
    internal static IServiceCollection AddFileConfiguration(this IServiceCollection services) => services.AddInventory().AddProbes().AddLogs().AddHeartbeats().AddNotifications().AddReports().AddConfiguration();
}
