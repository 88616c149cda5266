using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>A channel as people write it: its kind's settings stand beside name and type.</summary>
public sealed record ChannelInput
{
    internal static readonly TimeSpan UsuallyUnprovenAfter = TimeSpan.FromDays(14);

    [Setting(Required = true, Name = true, Example = "tech-mail")]
    public string Name { get; init; } = "";

    /// <summary>A channel kind: <c>email</c>.</summary>
    [Setting(Required = true, MaxLength = 32)]
    public string Type { get; init; } = "";

    public bool Enabled { get; init; } = true;

    /// <summary>Services of the catalogue that it cannot work without: <c>[mattermost]</c>.</summary>
    [Setting(MaxLength = 50, Example = "mattermost")]
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>The channel that is used at once when this one fails or stands on what is down.</summary>
    [Setting(MaxLength = 100, Example = "tech-mail")]
    public string? Fallback { get; init; }

    /// <summary>The last resort: used when no fallback is left.</summary>
    public bool Scream { get; init; }

    /// <summary>Of many incidents at once one message with counts, instead of one of each.</summary>
    public bool FoldStorms { get; init; } = true;

    /// <summary>Having carried nothing for so long, a test message included, it raises an alert; after half of it a test message is sent.</summary>
    [Setting(Min = "1d", Max = "366d", Example = "14d")]
    public TimeSpan UnprovenAfter { get; init; } = UsuallyUnprovenAfter;

    public static ChannelInput Of(Channel channel) => new() { Name = channel.Name, Type = channel.Type, Enabled = channel.Enabled, DependsOn = channel.DependsOn, Fallback = channel.Fallback, Scream = channel.Scream, FoldStorms = channel.FoldStorms, UnprovenAfter = channel.UnprovenAfter };

    /// <summary>What only the kind understands.</summary>
    [Rest]
    public IReadOnlyDictionary<string, InputNode> Settings { get; init; } = new Dictionary<string, InputNode>(StringComparer.Ordinal);
}
