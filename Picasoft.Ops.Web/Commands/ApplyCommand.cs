using Picasoft.Ops.Core.Configuration;

namespace Picasoft.Ops.Web.Commands;

internal static class ApplyCommand
{
    public static Verb Verb { get; } = new("apply", ["FILE"],
        [new("--dry-run", null, "only say what would change")],
        "Makes the store match a configuration file, all of it or nothing, and prints what changed (+ ~ -).", RunAsync);

    private static async Task<int> RunAsync(Arguments arguments, CancellationToken cancel)
    {
        await using var workplace = await Workplace.OpenAsync(SettingsReader.Read(arguments), cancel);
        var file = workplace.Services.GetRequiredService<OpsFileReader>().ReadFile(arguments[0], Variables.FromEnvironment);
        if (file.Refusal is { } wrong) return CheckCommand.Fail(arguments[0], wrong);
        var dryRun = arguments.Has("--dry-run");
        var plan = await workplace.Services.GetRequiredService<ConfigurationActions>().ApplyAsync(file.Value, Path.GetFileName(arguments[0]), dryRun, cancel);
        if (plan.Refusal is { } refused) return CheckCommand.Fail(arguments[0], refused);
        foreach (var change in plan.Value.Changes) Console.WriteLine(change);
        Console.WriteLine(plan.Value.Changes.Count switch { 0 => "Nothing to change.", var n when dryRun => $"{n} to change; nothing was done.", var n => $"{n} changed." });
        return 0;
    }
}
