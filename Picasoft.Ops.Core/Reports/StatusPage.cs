using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Reports;

/// <summary>What everybody may see of how the services are; <c>status_page:</c> in <c>ops.yaml</c>. While it is not written there is no such page.</summary>
public sealed record StatusPageInput
{
    /// <summary>Whose services these are.</summary>
    [Setting(Required = true, MaxLength = 100, Example = "Picasoft")]
    public string Title { get; init; } = "";

    /// <summary>The services shown, in this order; none: all that are public. One that is not marked public is never shown.</summary>
    [Setting(Name = true, MaxLength = 100, Example = "mattermost")]
    public IReadOnlyList<string> Services { get; init; } = [];
}
