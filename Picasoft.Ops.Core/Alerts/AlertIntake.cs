using Npgsql;

namespace Picasoft.Ops.Core.Alerts;

/// <summary>Stand-in until the real intake is merged.</summary>
public static class AlertIntake
{
    public static Task ApplyAsync(NpgsqlConnection connection, IReadOnlyList<AlertSignal> signals, DateTimeOffset now, CancellationToken cancel) => Task.CompletedTask;
}
