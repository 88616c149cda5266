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

    /// <summary>The settings record (see <see cref="Shape"/>).</summary>
    Type SettingsType { get; }

    /// <summary>What is checked, in few words, for lists: <c>https://team.example.org/ping</c>. Holds no secret.</summary>
    string Target(object settings);

    /// <summary>
    /// Checks once. Never throws for what the target does; the runner times the check and cancels it at its timeout,
    /// for which the probe need not care: the runner says "no answer within 5 s".
    /// </summary>
    ValueTask<Observation> CheckAsync(object settings, ProbeContext context, CancellationToken cancel);
}

/// <summary>What a check is given besides its settings.</summary>
/// <param name="Now">When the check began.</param>
/// <param name="Timeout">How long it may take in all.</param>
public sealed record ProbeContext(DateTimeOffset Now, TimeSpan Timeout);

/// <summary>What a check found.</summary>
/// <param name="IsUp">All was as expected.</param>
/// <param name="Reason">Why not, in words a human understands; when up, null or something worth saying.</param>
public sealed record Observation(bool IsUp, Phrase? Reason)
{
    public static Observation Up { get; } = new(true, null);

    public static Observation Down(string key, params object?[] args) => new(false, Phrase.Of(key, args));
}

/// <summary>Spares each kind the cast.</summary>
public abstract class Probe<TSettings> : IProbe where TSettings : class, new()
{
    public abstract string Kind { get; }

    public Type SettingsType => typeof(TSettings);

    public string Target(object settings) => Target((TSettings)settings);

    public ValueTask<Observation> CheckAsync(object settings, ProbeContext context, CancellationToken cancel) => CheckAsync((TSettings)settings, context, cancel);

    protected abstract string Target(TSettings settings);

    protected abstract ValueTask<Observation> CheckAsync(TSettings settings, ProbeContext context, CancellationToken cancel);
}
