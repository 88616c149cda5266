using System.Globalization;
using Picasoft.Ops.Core.Incidents;
using static Picasoft.Ops.Core.Incidents.IncidentAction;
using static Picasoft.Ops.Core.Incidents.IncidentState;

namespace Picasoft.Ops.Tests.Core.Incidents;

public class IncidentTransitionsTests
{
    // Every pair, written out: what is not here was not thought about.
    public static TheoryData<IncidentState, IncidentAction, IncidentState?> Pairs => new()
    {
        { Open, Acknowledge, Acknowledged },
        { Open, ExpireAcknowledgement, null },
        { Open, Mitigate, Mitigated },
        { Open, Resolve, Resolved },
        { Open, AlertsEnded, Resolved },
        { Open, Reopen, null },
        { Open, AlertAgain, Open },
        { Open, Escalate, Open },

        { Acknowledged, Acknowledge, null },
        { Acknowledged, ExpireAcknowledgement, Open },
        { Acknowledged, Mitigate, Mitigated },
        { Acknowledged, Resolve, Resolved },
        { Acknowledged, AlertsEnded, Resolved },
        { Acknowledged, Reopen, Open },
        { Acknowledged, AlertAgain, Acknowledged },
        { Acknowledged, Escalate, Acknowledged },

        { Mitigated, Acknowledge, null },
        { Mitigated, ExpireAcknowledgement, null },
        { Mitigated, Mitigate, null },
        { Mitigated, Resolve, Resolved },
        { Mitigated, AlertsEnded, Resolved },
        { Mitigated, Reopen, Open },
        { Mitigated, AlertAgain, Open },
        { Mitigated, Escalate, Mitigated },

        { Resolved, Acknowledge, null },
        { Resolved, ExpireAcknowledgement, null },
        { Resolved, Mitigate, null },
        { Resolved, Resolve, null },
        { Resolved, AlertsEnded, null },
        { Resolved, Reopen, Open },
        { Resolved, AlertAgain, Open },
        { Resolved, Escalate, null },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Each_action_in_each_state_leads_where_it_should_or_is_refused_with_a_sentence(IncidentState state, IncidentAction action, IncidentState? expected)
    {
        var after = IncidentTransitions.After(state, action);
        Assert.Equal(expected is not null, IncidentTransitions.Allows(state, action));
        if (expected is not null)
        {
            Assert.Equal(expected, after.Value);
            return;
        }
        var why = Assert.Single(after.Refusal!.Errors).Message;
        foreach (var language in new[] { "en", "fr" }) Assert.NotEqual(why.Key, why.In(CultureInfo.GetCultureInfo(language)));
    }

    [Fact]
    public void No_pair_is_forgotten() =>
        Assert.Equal(Enum.GetValues<IncidentState>().Length * Enum.GetValues<IncidentAction>().Length, Pairs.Select(p => (p.Data.Item1, p.Data.Item2)).Distinct().Count());
}
