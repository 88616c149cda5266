using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>A channel as people write it: its kind's settings stand beside name and type.</summary>
public sealed record ChannelInput
{
    [Setting(Required = true, Name = true, Example = "tech-mail")]
    public string Name { get; init; } = "";

    /// <summary>A channel kind: <c>email</c>.</summary>
    [Setting(Required = true, MaxLength = 32)]
    public string Type { get; init; } = "";

    public bool Enabled { get; init; } = true;

    /// <summary>What only the kind understands.</summary>
    [Rest]
    public IReadOnlyDictionary<string, InputNode> Settings { get; init; } = new Dictionary<string, InputNode>(StringComparer.Ordinal);
}
