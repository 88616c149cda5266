using Quartz;

namespace Picasoft.Ops.Core.Heartbeats;

/// <summary>Every quarter of an hour, on one node: looks at the backups.</summary>
[DisallowConcurrentExecution]
public sealed class BackupDriftJob(BackupDriftRunner runner) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await runner.RunAsync(cancellationToken);
}
