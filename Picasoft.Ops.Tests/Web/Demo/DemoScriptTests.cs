using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Web.Demo;

namespace Picasoft.Ops.Tests.Web.Demo;

public sealed class DemoScriptTests
{
    private static readonly string[] _all = ["postgres", "mattermost", "etherpad", "wekan", DemoScript.Job];

    [Fact]
    public void Everything_breaks_and_is_well_again_within_the_first_round() => Assert.All(_all, who =>
    {
        Assert.Equal(2, Changes(who, DemoScript.Round).Count);
        Assert.Equal(DemoHealth.Well, DemoScript.At(who, DemoScript.Round));
    });

    [Fact]
    public void It_goes_on_for_hours_and_nothing_counts_as_flapping() => Assert.All(_all, who =>
    {
        var changes = Changes(who, TimeSpan.FromHours(6));
        Assert.True(changes.Count > 20, $"{who} changes {changes.Count} times");
        // What stands on the database ends in the database's incident too: one change more each time.
        var counted = (who == "postgres" ? changes.Concat(changes.Where((_, i) => i % 2 == 1)) : changes).ToList();
        Assert.DoesNotContain(changes.Where((_, i) => i % 2 == 0), began => Flapping.Is(false, counted.Where(c => c < began), began));
    });

    private static List<DateTimeOffset> Changes(string who, TimeSpan until)
    {
        var changes = new List<DateTimeOffset>();
        for (var second = 1; second < until.TotalSeconds; second++)
            if (DemoScript.At(who, TimeSpan.FromSeconds(second - 1)) == DemoHealth.Well != (DemoScript.At(who, TimeSpan.FromSeconds(second)) == DemoHealth.Well)) changes.Add(DateTimeOffset.UnixEpoch.AddSeconds(second));
        return changes;
    }
}
