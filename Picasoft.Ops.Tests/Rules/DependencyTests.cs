using System.Text.RegularExpressions;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Rules;

/// <summary>The arrows of the design go one way. No exceptions.</summary>
public partial class DependencyTests
{
    private static readonly string[] _coreOrder =
        ["Primitives", "Storage", "People", "Inventory", "Alerts", "Probes", "Heartbeats", "Logs", "Incidents", "OnCall", "Notifications", "Escalations", "Recovery", "Reports", "Configuration"];

    private static readonly string[] _shared = ["Shell", "Ui", "Live", "Access"];

    [Fact]
    public void A_folder_of_Core_uses_only_those_before_it()
    {
        var wrong = new List<string>();
        foreach (var file in Sources("Picasoft.Ops.Core"))
        {
            var mine = Array.IndexOf(_coreOrder, file.Folder);
            Assert.True(mine >= 0, $"{file.Path} stands in a folder that is not in the order of design.");
            wrong.AddRange(CoreUse().Matches(file.Text).Select(m => m.Groups[1].Value).Distinct().Where(used => Array.IndexOf(_coreOrder, used) > mine).Select(used => $"{file.Path} uses {used}"));
        }
        Assert.Empty(wrong);
    }

    [Fact]
    public void Core_knows_no_web()
    {
        var wrong = Sources("Picasoft.Ops.Core").Where(f => WebUse().IsMatch(f.Text)).Select(f => f.Path);
        Assert.Empty(wrong);
    }

    [Fact]
    public void Features_of_the_web_do_not_use_each_other()
    {
        var wrong = new List<string>();
        foreach (var file in Sources("Picasoft.Ops.Web").Where(f => f.Folder is not ("" or "Commands" or "Demo")))
            wrong.AddRange(FeatureUse().Matches(file.Text).Select(m => m.Groups[1].Value).Distinct().Where(used => used != file.Folder && !_shared.Contains(used)).Select(used => $"{file.Path} uses {used}"));
        Assert.Empty(wrong);
    }

    [Fact]
    public void Only_classes_named_for_it_read_the_clock()
    {
        string[] allowed = ["Job", "Runner", "Intake", "Listener", "Actions", "Probe", "Channel", "Engine", "Queries", "Module"];
        var wrong = Sources("Picasoft.Ops.Core")
            .Where(f => f.Folder is not ("Primitives" or "Storage") && f.Text.Contains("GetUtcNow", StringComparison.Ordinal))
            .Where(f => !allowed.Any(a => Path.GetFileName(f.Path).Split('.')[0].EndsWith(a, StringComparison.Ordinal)))
            .Select(f => f.Path);
        Assert.Empty(wrong);
    }

    [Fact]
    public void What_checks_and_records_knows_nothing_of_what_holds_paging_back()
    {
        var wrong = Sources("Picasoft.Ops.Core").Where(f => f.Folder is "Probes" or "Heartbeats" or "Logs" && MutingUse().IsMatch(f.Text)).Select(f => f.Path);
        Assert.Empty(wrong);
    }

    [Fact]
    public void No_file_is_longer_than_a_reader_can_hold()
    {
        var wrong = new[] { "Picasoft.Ops.Core", "Picasoft.Ops.Web", "Picasoft.Ops.Tests" }.SelectMany(Sources).Where(f => f.Text.Count(c => c == '\n') > 400).Select(f => f.Path);
        Assert.Empty(wrong);
    }

    private static IEnumerable<(string Path, string Folder, string Text)> Sources(string project) =>
        from path in Repository.Files(project, "*.cs").Concat(Repository.Files(project, "*.razor"))
        let relative = Path.GetRelativePath(Path.Combine(Repository.Root, project), path)
        select (Path.Combine(project, relative), relative.Contains('/') ? relative.Split('/')[0] : "", File.ReadAllText(path));

    [GeneratedRegex(@"Picasoft\.Ops\.Core\.(\w+)")]
    private static partial Regex CoreUse();

    [GeneratedRegex(@"Microsoft\.AspNetCore\.(?!Identity|DataProtection)|MudBlazor|Picasoft\.Ops\.Web")]
    private static partial Regex WebUse();

    [GeneratedRegex(@"\b(Silenc(e|ing|eQueries|eIndex)|Muting|Maintenance|Inhibiting|PolicyBook)\b")]
    private static partial Regex MutingUse();

    [GeneratedRegex(@"Picasoft\.Ops\.Web\.([A-Z]\w+)")]
    private static partial Regex FeatureUse();
}
