namespace Picasoft.Ops.Core.Incidents;

/// <summary>Something that was done about the same service before, and how often it helped.</summary>
/// <param name="Text">As it was last written.</param>
/// <param name="Command">As it was last given; null: none.</param>
/// <param name="Plan">The recovery plan that it was; null: people did it.</param>
/// <param name="Judged">How often somebody, or a plan's own checks, said whether it helped.</param>
/// <param name="Last">The last incident in which it was tried.</param>
public sealed record Remedy(string Text, string? Command, string? Plan, int Tried, int Judged, int Helped, long Last)
{
    /// <summary>What helped most often first; what never did last: that is worth knowing too. Pure.</summary>
    /// <param name="actions">Oldest first.</param>
    public static IReadOnlyList<Remedy> Of(IEnumerable<(long Incident, string Text, RecoveryActionData Data)> actions) =>
        [.. actions.GroupBy(a => a.Data.Plan is { } plan ? $"plan:{plan}" : (string.IsNullOrWhiteSpace(a.Data.Command) ? a.Text : a.Data.Command).Trim(), StringComparer.OrdinalIgnoreCase)
            .Select(g => new Remedy(g.Last().Text, g.Last().Data.Command, g.Last().Data.Plan, g.Count(), g.Count(a => a.Data.Helped is not null), g.Count(a => a.Data.Helped == true), g.Last().Incident))
            .OrderByDescending(r => r.Helped).ThenBy(r => r.Judged).ThenByDescending(r => r.Last)];
}
