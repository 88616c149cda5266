namespace Picasoft.Ops.Core.Storage;

/// <summary>What is to be done at the start and then at most so often, whatever the wall clock does.</summary>
internal sealed class Beat(TimeProvider time, TimeSpan every)
{
    private long? _last;

    public bool IsDue => _last is not { } last || time.GetElapsedTime(last) >= every;

    public void Done() => _last = time.GetTimestamp();
}
