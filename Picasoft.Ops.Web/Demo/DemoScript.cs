namespace Picasoft.Ops.Web.Demo;

/// <summary>
/// What breaks when, in the demo: all of it within the first round, then one thing after the other, each so seldom that it does not count as flapping:
/// whoever looks after half an hour still sees incidents open and close. Pure.
/// </summary>
public static class DemoScript
{
    /// <summary>One round; what breaks in it is well again before it ends.</summary>
    public static readonly TimeSpan Round = TimeSpan.FromSeconds(150);

    /// <summary>The job that reports by itself: dead, it is silent.</summary>
    public const string Job = "sync-bob";

    private static readonly Act[][] _first =
    [
        [
            new("wekan", DemoHealth.Dead, 10, 40),
            new(Job, DemoHealth.Dead, 15, 75),
            new("mattermost", DemoHealth.Failing, 55, 85),
            new("postgres", DemoHealth.Dead, 95, 125),
            new("etherpad", DemoHealth.Failing, 97, 123), // stands on it
        ],
        [new(Job, DemoHealth.Dead, 5, 60)],
        [],
    ];

    private static readonly Act[] _mattermost = [new("mattermost", DemoHealth.Failing, 10, 40)];
    private static readonly Act[] _wekan = [new("wekan", DemoHealth.Slow, 10, 40)];
    private static readonly Act[] _job = [new(Job, DemoHealth.Dead, 15, 60)];
    private static readonly Act[] _postgres = [new("postgres", DemoHealth.Dead, 10, 40), new("etherpad", DemoHealth.Failing, 12, 38)];

    private static readonly Act[][] _then = [_mattermost, _wekan, _job, _postgres, [], _mattermost, _wekan, [], [], []];

    /// <summary>How a site or the job does, a while after the demo began.</summary>
    public static DemoHealth At(string who, TimeSpan sinceStart)
    {
        var (round, second) = ((int)(sinceStart / Round), sinceStart.TotalSeconds % Round.TotalSeconds);
        var acts = round < _first.Length ? _first[round] : _then[(round - _first.Length) % _then.Length];
        return Array.Find(acts, a => a.Who == who && second >= a.From && second < a.To)?.Health ?? DemoHealth.Well;
    }

    /// <param name="From">Second of its round.</param>
    /// <param name="To">The second before which it ends.</param>
    private sealed record Act(string Who, DemoHealth Health, int From, int To);
}
