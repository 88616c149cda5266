using System.Text.Json;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>The channel kinds there are, and their settings as stored.</summary>
public sealed class ChannelKinds(IEnumerable<IChannel> kinds, ISecretBox secrets)
{
    private readonly Dictionary<string, IChannel> _kinds = kinds.ToDictionary(k => k.Kind, StringComparer.Ordinal);
    private readonly JsonSerializerOptions _stored = OpsJson.Stored(secrets);

    public IReadOnlyCollection<IChannel> All => _kinds.Values;

    public IChannel? Find(string kind) => _kinds.GetValueOrDefault(kind);

    /// <summary>A channel's settings; null for a kind this version does not know, or secrets that this node cannot open.</summary>
    public object? SettingsOf(Channel channel)
    {
        if (Find(channel.Type) is not { } kind) return null;
        try { return JsonSerializer.Deserialize(channel.Settings, kind.SettingsType, _stored); }
        catch (Exception e) when (e is InvalidOperationException or JsonException) { return null; }
    }

    /// <summary>To whom a channel speaks.</summary>
    public IReadOnlyList<Recipient> RecipientsOf(Channel channel) =>
        SettingsOf(channel) is { } settings ? Find(channel.Type)!.Recipients(settings) : [];

    /// <summary>See <see cref="IChannel.MailboxOf"/>.</summary>
    public string? MailboxOf(Channel channel) => SettingsOf(channel) is { } settings ? Find(channel.Type)!.MailboxOf(settings) : null;

    /// <summary>Reads the settings that somebody wrote. <paramref name="keep"/>: what a masked secret stands for.</summary>
    public Outcome<object> Read(ChannelInput input, object? keep)
    {
        if (Find(input.Type) is not { } kind) return Refusal.Invalid("type", Phrase.Of("input.expected_choice", input.Type, string.Join(", ", _kinds.Keys)));
        return InputReader.Read(kind.SettingsType, new InputMap([.. input.Settings.Select(s => new InputEntry(s.Key, s.Value, s.Value.Place))], null) { IsJson = input.Settings.Values.Any(v => v.IsJson) }, keep: keep);
    }

    /// <summary>Settings as they are stored: secrets sealed.</summary>
    public string Stored(object settings) => JsonSerializer.Serialize(settings, settings.GetType(), _stored);
}
