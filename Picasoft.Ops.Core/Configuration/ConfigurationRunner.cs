using Microsoft.Extensions.Logging;
using Npgsql;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Configuration;

/// <summary>Loads the configuration file of this node: a good one is applied, a bad one changes nothing, says every mistake in the log, and is an alert until it is mended.</summary>
public sealed class ConfigurationRunner(OpsFileReader reader, ConfigurationActions actions, OpsSettings settings, NpgsqlDataSource source, TimeProvider time, ILogger<ConfigurationRunner> log)
{
    /// <summary>Name of the alert that a bad file raises.</summary>
    public const string AlertName = "configuration_invalid";

    /// <summary>Longest description of the alert, in lines.</summary>
    private const int MaxLines = 20;

    /// <summary>Reads the file and makes the store match it.</summary>
    public async Task<Outcome<Plan>> LoadAsync(string path, CancellationToken cancel)
    {
        var file = reader.ReadFile(path, Variables.FromEnvironment);
        var outcome = file.Refusal is { } wrong ? wrong : await actions.ApplyAsync(file.Value, Path.GetFileName(path), dryRun: false, cancel);
        if (outcome.Refusal is { } refusal)
            foreach (var error in refusal.Errors) ConfigurationLog.Wrong(log, OpsFileReader.Line(path, error));
        else if (outcome.Value.Changes.Count > 0)
            ConfigurationLog.Applied(log, path, string.Join("; ", outcome.Value.Changes));
        await TellAsync(path, outcome.Refusal, cancel);
        return outcome;
    }

    private async Task TellAsync(string path, Refusal? refusal, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var name = Path.GetFileName(path);
        var summary = Phrase.Of("config.alert", name, refusal?.Errors.Count ?? 0);
        var lines = refusal?.Errors.Take(MaxLines).Select(e => OpsFileReader.Line(name, e)) ?? [];
        var signal = new AlertSignal(
            LabelSet.Of(("alertname", AlertName), ("severity", Words.Of(Severity.High)), ("file", name), ("node", settings.Node)),
            refusal is null ? LabelSet.Empty : LabelSet.Of(("summary", summary.In(System.Globalization.CultureInfo.InvariantCulture)), ("description", string.Join('\n', lines))),
            now, refusal is null ? now : null, "ops", refusal is null ? null : summary);
        await using var connection = await source.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await AlertIntake.ApplyAsync(connection, [signal], now, cancel);
        await transaction.CommitAsync(cancel);
    }
}

/// <summary>What the configuration says in the log. Event numbers 1900–1949.</summary>
internal static partial class ConfigurationLog
{
    [LoggerMessage(1900, LogLevel.Error, "Nothing was changed: {Mistake}")]
    public static partial void Wrong(ILogger log, string mistake);

    [LoggerMessage(1901, LogLevel.Information, "{File} was applied: {Changes}")]
    public static partial void Applied(ILogger log, string file, string changes);

    [LoggerMessage(1902, LogLevel.Error, "The configuration file could not be loaded; it is tried again")]
    public static partial void LoadFailed(ILogger log, Exception exception);
}
