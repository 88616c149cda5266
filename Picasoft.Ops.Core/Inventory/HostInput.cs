using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Inventory;

/// <summary>A machine as people write it, in the page, the API and <c>ops.yaml</c>.</summary>
public sealed record HostInput : ICatalogueInput<Host, HostInput>
{
    [Setting(Required = true, Name = true, Example = "alice")]
    public string Name { get; init; } = "";

    /// <summary>IP address or DNS name.</summary>
    [Setting(MaxLength = 253, Example = "10.0.0.1")]
    public string? Address { get; init; }

    /// <summary>Where it stands.</summary>
    [Setting(Name = true, Example = "toulouse")]
    public string? Location { get; init; }

    public static HostInput Of(Host host) => new() { Name = host.Name, Address = host.Address, Location = host.Location };

    public void WriteTo(Host host) => (host.Name, host.Address, host.Location) = (Name, Address, Location);
}
