using Quartz;

namespace Picasoft.Ops.Core.Probes;

/// <summary>Every second, on every node: lines up the checks that are due soon.</summary>
[DisallowConcurrentExecution]
internal sealed class ProbeTickJob(ProbeRunner runner) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await runner.ClaimAsync(cancellationToken);
}
