using System.Text.Json;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes;

/// <summary>The probe kinds there are, and how the settings of each are read, sealed and opened.</summary>
public sealed class ProbeKinds
{
    private readonly Dictionary<string, IProbe> _byKind = new(StringComparer.Ordinal);
    private readonly JsonSerializerOptions _stored;

    /// <exception cref="ArgumentException">Two kinds of one name: a mistake of ours, said at start-up.</exception>
    public ProbeKinds(IEnumerable<IProbe> kinds, ISecretBox secrets)
    {
        foreach (var kind in kinds)
            if (!_byKind.TryAdd(kind.Kind, kind))
                throw new ArgumentException($"Two probe kinds are called \"{kind.Kind}\": {_byKind[kind.Kind].GetType().Name} and {kind.GetType().Name}.", nameof(kinds));
        _stored = OpsJson.Stored(secrets);
    }

    /// <summary>In the order of their names.</summary>
    public IReadOnlyList<IProbe> All => [.. _byKind.Values.OrderBy(k => k.Kind, StringComparer.Ordinal)];

    public IProbe? Find(string kind) => _byKind.GetValueOrDefault(kind);

    /// <summary>Reads a whole probe, its common fields and the settings of its kind: every mistake of both at once. For the form, the API and the file.</summary>
    public Outcome<ProbeInput> ReadInput(InputNode written, string path = "", object? keep = null)
    {
        var read = InputReader.Read<ProbeInput>(written, path);
        if (read.Refusal is not { } refusal) return Read(read.Value, path, keep).Refusal is { } wrong ? wrong : read;
        if ((written as InputMap)?["type"] is not InputScalar { Text: { } type } || Find(type) is not { } kind || ((InputMap)written)[kind.Kind] is not { } settings) return refusal;
        return Refusal.Invalid([.. refusal.Errors, .. InputReader.Read(kind.SettingsType, settings, InputReader.Join(path, kind.Kind), keep?.GetType() == kind.SettingsType ? keep : null).Refusal?.Errors ?? []]);
    }

    /// <summary>Reads the settings of an input by its type; no network, no store. <paramref name="path"/>: where the input itself stands.</summary>
    /// <param name="keep">What the probe has now: secrets that came back as a mask are taken from it.</param>
    public Outcome<object> Read(ProbeInput input, string path = "", object? keep = null)
    {
        var words = string.Join(", ", All.Select(k => k.Kind));
        if (Find(input.Type) is not { } kind)
            return Refusal.Invalid(InputReader.Join(path, "type"), Phrase.Of("input.expected_choice", input.Type, words));
        var errors = new List<FieldError>();
        foreach (var (key, node) in input.Settings.Where(s => !IsKey(s.Key, kind)))
            errors.Add(new(InputReader.Join(path, key), Find(key) is not null
                ? Phrase.Of("probe.input.other_kind", key, kind.Kind)
                : Phrase.Of("input.unknown_key", $"{Shape.Of<ProbeInput>().NamesIn(node)}, {kind.Kind}"), node.Place));
        var written = input.Settings.FirstOrDefault(s => IsKey(s.Key, kind)).Value ?? new InputMap([], null);
        var settings = InputReader.Read(kind.SettingsType, written, InputReader.Join(path, kind.Kind), keep?.GetType() == kind.SettingsType ? keep : null);
        if (settings.Refusal is { } refusal) errors.AddRange(refusal.Errors);
        else errors.AddRange(kind.Check(settings.Value, input).Select(e => e with { Field = InputReader.Join(path, e.Field) }));
        return errors.Count > 0 ? Refusal.Invalid(errors) : settings;
    }

    /// <summary>The settings record of a stored probe, secrets opened; null when this version no longer knows the kind.</summary>
    /// <exception cref="InvalidOperationException">The secrets were sealed with another key.</exception>
    public object? Open(ProbeDefinition definition) =>
        Find(definition.Type) is { } kind ? JsonSerializer.Deserialize(definition.Settings, kind.SettingsType, _stored) : null;

    /// <summary>Settings as they are stored, secrets sealed.</summary>
    public string Seal(object settings) => JsonSerializer.Serialize(settings, settings.GetType(), _stored);

    /// <summary>A stored probe as people would write it, secrets masked: for the form, the API's answer and the export. Reading it back with <c>keep</c> changes nothing.</summary>
    public ProbeInput InputOf(ProbeDefinition definition)
    {
        var settings = Open(definition);
        return CommonOf(definition) with
        {
            Settings = settings is null ? [] : new Dictionary<string, InputNode>(StringComparer.Ordinal) { [definition.Type] = JsonInput.Of(JsonSerializer.SerializeToElement(settings, settings.GetType(), _masked)) },
        };
    }

    /// <summary>Writes everything but the settings of the kind into a definition.</summary>
    /// <param name="input">One that was read: its kind exists.</param>
    public void Fill(ProbeDefinition definition, ProbeInput input) => input.CopyTo(definition, _byKind[input.Type]);

    /// <summary>What every kind has, without the settings of the kind.</summary>
    public static ProbeInput CommonOf(ProbeDefinition definition) => new()
    {
        Name = definition.Name,
        Service = definition.Service,
        Type = definition.Type,
        Interval = definition.Interval,
        Timeout = definition.Timeout,
        Failures = definition.Failures,
        Recoveries = definition.Recoveries,
        RetryInterval = definition.RetryInterval,
        Severity = definition.Severity,
        Locations = definition.Locations,
        Quorum = definition.Quorum,
        Forecast = definition.Forecast,
        Enabled = definition.Enabled,
    };

    private static bool IsKey(string written, IProbe kind) => string.Equals(Words.Plain(written), Words.Plain(kind.Kind), StringComparison.OrdinalIgnoreCase);

    private static readonly JsonSerializerOptions _masked = OpsJson.Configure(new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull }, null);
}
