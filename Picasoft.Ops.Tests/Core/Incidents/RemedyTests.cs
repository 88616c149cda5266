using Picasoft.Ops.Core.Incidents;

namespace Picasoft.Ops.Tests.Core.Incidents;

public sealed class RemedyTests
{
    [Fact]
    public void The_same_command_is_one_remedy_and_what_helped_most_comes_first()
    {
        var remedies = Remedy.Of([
            (1, "Restart", new("systemctl restart wekan", null, true)), (2, "Again", new("systemctl restart wekan ", null, false)), (3, "Restarted it", new("systemctl restart wekan", null, true)),
            (3, "Wait", new(null, null, null)), (4, "wait", new(null, null, false)), (5, "Plan ended well", new(null, null, true) { Plan = "wekan-back" }),
        ]);
        Assert.Equal([("Restarted it", 3, 3, 2, 3L), ("Plan ended well", 1, 1, 1, 5L), ("wait", 2, 1, 0, 4L)], remedies.Select(r => (r.Text, r.Tried, r.Judged, r.Helped, r.Last)));
    }
}
