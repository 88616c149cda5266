using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Tests.Core.Storage;

public class MemoryRunnerTests
{
    private const long MiB = 1024 * 1024;

    [Theory]
    [InlineData(5, 300, 60, true)] // a flood is over
    [InlineData(200, 300, 60, false)] // it still comes
    [InlineData(5, 80, 60, false)] // not worth a pause
    [InlineData(5, 300, 290, false)] // that much is in use
    [InlineData(5, 100, 0, true)] // what the start left
    public void Memory_is_given_back_when_it_is_calm_and_worth_it(long allocated, long heap, long live, bool due) => Assert.Equal(due, MemoryRunner.IsDue(allocated * MiB, heap * MiB, live * MiB));
}
