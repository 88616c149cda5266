using System.Globalization;
using Picasoft.Ops.Core.Probes;

namespace Picasoft.Ops.Tests.Core.Probes;

/// <summary>Checks once, with patience, and says in English what was found.</summary>
public static class Checking
{
    public static async Task<Observation> CheckAsync(this IProbe probe, object settings, double seconds = 60, DateTimeOffset? now = null)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        return await probe.CheckAsync(settings, new(now ?? TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(seconds)), patience.Token);
    }

    /// <summary>Empty when all is well; a warning begins with "warning: ".</summary>
    public static async Task<string> ReasonOf(this IProbe probe, object settings, double seconds = 60) => Words(await probe.CheckAsync(settings, seconds));

    /// <summary>What is found by a check so many days from now: what is good today has expired then.</summary>
    public static async Task<string> ReasonInDays(this IProbe probe, object settings, double days) => Words(await probe.CheckAsync(settings, now: TimeProvider.System.GetUtcNow().AddDays(days)));

    public static string Words(this Observation seen) => (seen.IsUp, seen.Warning) switch
    {
        (true, null) => "",
        (true, _) => "warning: " + seen.Reason!.In(CultureInfo.InvariantCulture),
        _ => seen.Reason!.In(CultureInfo.InvariantCulture),
    };

    public static double Value(this Observation seen, string name) => seen.Measured.Single(m => m.Name == name).Value;
}
