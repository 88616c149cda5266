namespace Picasoft.Ops.Web.Demo;

/// <summary>What breaks when, in the demo: a round of two minutes and a half, over and over. Pure.</summary>
internal static class DemoScript
{
    /// <summary>One round; every incident of it opens and closes within it.</summary>
    public static readonly TimeSpan Round = TimeSpan.FromSeconds(150);

    private static readonly (string Site, DemoHealth Health, int From, int To)[] _acts =
    [
        ("etherpad", DemoHealth.Dead, 10, 40),
        ("mattermost", DemoHealth.Failing, 55, 85),
        ("postgres", DemoHealth.Dead, 95, 125),
        ("etherpad", DemoHealth.Failing, 97, 123),
        ("wekan", DemoHealth.Slow, 60, 80),
    ];

    /// <summary>How a site does, a while after the demo began.</summary>
    public static DemoHealth At(string site, TimeSpan sinceStart)
    {
        var second = sinceStart.TotalSeconds % Round.TotalSeconds;
        foreach (var act in _acts)
            if (act.Site == site && second >= act.From && second < act.To) return act.Health;
        return DemoHealth.Well;
    }
}
