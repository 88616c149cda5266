using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes;

/// <summary>
/// One probe kind. A kind is one file in <c>Probes/Kinds</c> (its settings record and its probe) and one line in <see cref="ProbesModule"/>;
/// its form, YAML keys, API and schema are drawn from the settings record.
/// </summary>
public interface IProbe
{
    /// <summary>The word in <c>type:</c>, and the key its settings stand under.</summary>
    string Kind { get; }

    /// <summary>Under which heading people find it.</summary>
    ProbeGroup Group { get; }

    /// <summary>The settings record (see <see cref="Shape"/>).</summary>
    Type SettingsType { get; }

    /// <summary>What the form of a new probe of this kind begins with; its timeout counts everywhere when nothing is said.</summary>
    ProbeInput Usual { get; }

    /// <summary>What the settings ask of the rest of the probe: a timeout that is long enough.</summary>
    IEnumerable<FieldError> Check(object settings, ProbeInput input);

    /// <summary>What is checked, in few words, for lists: <c>https://team.example.org/ping</c>. Holds no secret.</summary>
    string Target(object settings);

    /// <summary>Where an idle connection is kept open to see its end (<see cref="WatchRunner"/>); null: nowhere.</summary>
    WatchedEndpoint? Watched(object settings, TimeSpan interval);

    /// <summary>
    /// Checks once. Never throws for what the target does; the runner times the check and cancels it at its timeout,
    /// for which the probe need not care: the runner says "no answer within 5 s".
    /// </summary>
    ValueTask<Observation> CheckAsync(object settings, ProbeContext context, CancellationToken cancel);
}

/// <summary>Headings of the probe kinds, in the order they are offered.</summary>
public enum ProbeGroup
{
    Web,
    Mail,
    Network,
    Databases,
    Hosts,
    Clusters,
}

/// <summary>What a check is given besides its settings.</summary>
/// <param name="Now">When the check began.</param>
/// <param name="Timeout">How long it may take in all.</param>
public sealed record ProbeContext(DateTimeOffset Now, TimeSpan Timeout);

/// <summary>What a check found.</summary>
/// <param name="IsUp">The thing does what people use it for. A warning is up: it counts as available.</param>
/// <param name="Reason">Why not, in words a human understands; when up, null or something worth saying.</param>
public sealed record Observation(bool IsUp, Phrase? Reason)
{
    /// <summary>Most measurements of one check; what comes after them is not kept.</summary>
    public const int MaxMeasured = 50;

    public static Observation Up { get; } = new(true, null);

    /// <summary>Set: it still works, but will not for long if nobody acts. An alert of this severity, or of the probe's own if that is milder.</summary>
    public Severity? Warning { get; init; }

    /// <summary>What was measured on the way, for charts and trends.</summary>
    public IReadOnlyList<Measurement> Measured { get; init; } = [];

    /// <summary>What it says of the target by itself.</summary>
    public ProbeStatus Status => Level switch { CheckLevel.Fine => ProbeStatus.Up, CheckLevel.Warned => ProbeStatus.Warning, _ => ProbeStatus.Down };

    internal CheckLevel Level => !IsUp ? CheckLevel.Bad : Warning is null ? CheckLevel.Fine : CheckLevel.Warned;

    public static Observation Down(string key, params object?[] args) => new(false, Phrase.Of(key, args));

    /// <summary>It works, yet somebody should act within days.</summary>
    public static Observation Warn(string key, params object?[] args) => new(true, Phrase.Of(key, args)) { Warning = Severity.Medium };

    /// <summary>The same, with what was measured; values that are not numbers are left out.</summary>
    public Observation With(params IEnumerable<Measurement> measured) => this with { Measured = [.. Measured, .. measured] };
}

/// <summary>How good a check was, best first.</summary>
internal enum CheckLevel
{
    Fine,
    Warned,
    Bad,
}

/// <summary>Spares each kind the cast.</summary>
public abstract class Probe<TSettings> : IProbe where TSettings : class, new()
{
    public abstract string Kind { get; }

    public abstract ProbeGroup Group { get; }

    public Type SettingsType => typeof(TSettings);

    /// <summary>Other times than those of most kinds where these would only disturb who is asked, or be too short for an answer.</summary>
    public virtual ProbeInput Usual { get; } = new();

    public IEnumerable<FieldError> Check(object settings, ProbeInput input) => Check((TSettings)settings, input);

    public string Target(object settings) => Target((TSettings)settings);

    public ValueTask<Observation> CheckAsync(object settings, ProbeContext context, CancellationToken cancel) => CheckAsync((TSettings)settings, context, cancel);

    public WatchedEndpoint? Watched(object settings, TimeSpan interval) => Watched((TSettings)settings, interval);

    protected virtual IEnumerable<FieldError> Check(TSettings settings, ProbeInput input) => [];

    protected abstract string Target(TSettings settings);

    protected virtual WatchedEndpoint? Watched(TSettings settings, TimeSpan interval) => null;

    protected abstract ValueTask<Observation> CheckAsync(TSettings settings, ProbeContext context, CancellationToken cancel);
}
