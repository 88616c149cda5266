using Quartz;

namespace Picasoft.Ops.Core.Probes.Trends;

/// <summary>Every quarter of an hour, on one node: looks at the trends.</summary>
[DisallowConcurrentExecution]
public sealed class TrendJob(TrendRunner runner) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await runner.RunAsync(cancellationToken);
}
