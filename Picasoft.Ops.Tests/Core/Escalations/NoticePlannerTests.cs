using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Tests.Core.Escalations;

public sealed class NoticePlannerTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 22, 17, 0, 0, TimeSpan.Zero);
    private static readonly NoticeTarget _tech = new(1, "tech-mail", "tech@example.org");
    private static readonly NoticeTarget _camille = new(1, "tech-mail", "camille@example.org");

    private static Alert Alert(string service) => new() { Labels = LabelSet.Of(("service", service)) };

    private static Silence Silence(long id, string matcher, int minutes) => new() { Id = id, Matchers = [matcher], StartsAt = _now.AddHours(-1), EndsAt = _now.AddMinutes(minutes) };

    private static NoticeFacts Facts(TimelineKind kind) => new(kind, new Incident { Number = 12 }, [Alert("mail")], new([], _now), [_tech, _camille], []);

    [Theory]
    [InlineData(TimelineKind.Opened, "opened")]
    [InlineData(TimelineKind.Declared, "opened")]
    [InlineData(TimelineKind.Reopened, "reopened")]
    [InlineData(TimelineKind.Severity, "severity")]
    [InlineData(TimelineKind.AcknowledgementExpired, "acknowledgement_expired")]
    [InlineData(TimelineKind.SilenceEnded, "silence_ended")]
    public void What_needs_somebody_is_told_to_everybody_unless_a_silence_holds_it(TimelineKind kind, string reason)
    {
        var told = NoticePlanner.Plan(Facts(kind));
        Assert.Equal((NoticeDecision.Told, reason, null), (told.Decision, told.Reason, told.Words));
        Assert.Equal([_tech, _camille], told.Targets);

        var silenced = NoticePlanner.Plan(Facts(kind) with { Silences = new([Silence(7, "service=\"mail\"", 30)], _now) });
        Assert.Equal((NoticeDecision.Silenced, 7), (silenced.Decision, silenced.Silence?.Id));
        Assert.Empty(silenced.Targets);
        Assert.Equal(Phrase.Of("notice.silenced", 7, _now.AddMinutes(30)), silenced.Words);

        var nobody = NoticePlanner.Plan(Facts(kind) with { Reachable = [] });
        Assert.Equal((NoticeDecision.NoChannel, "notice.no_channel"), (nobody.Decision, nobody.Words?.Key));
    }

    [Theory]
    [InlineData(TimelineKind.Note)]
    [InlineData(TimelineKind.Impact)]
    [InlineData(TimelineKind.AlertEnded)]
    [InlineData(TimelineKind.Acknowledged)]
    [InlineData(TimelineKind.Silenced)]
    public void Nobody_is_woken_for_the_rest(TimelineKind kind) => Assert.Equal(NoticeDecision.NothingToTell, NoticePlanner.Plan(Facts(kind)).Decision);

    [Fact]
    public void An_alert_that_joins_pages_only_when_it_is_the_first_that_no_silence_holds()
    {
        var silences = new Silencing([Silence(7, "service=\"mail\"", 30)], _now);
        var held = NoticePlanner.Plan(Facts(TimelineKind.AlertJoined) with { Silences = silences });
        Assert.Equal((0, null), (held.Targets.Count, held.Words));

        var free = Facts(TimelineKind.AlertJoined) with { Silences = silences, Active = [Alert("mail"), Alert("ldap")] };
        Assert.Equal(2, NoticePlanner.Plan(free).Targets.Count);
        free.Incident.ToldAt = _now;
        Assert.Empty(NoticePlanner.Plan(free).Targets);
    }

    [Fact]
    public void The_end_is_told_to_exactly_those_who_were_told_of_the_beginning()
    {
        var end = NoticePlanner.Plan(Facts(TimelineKind.Resolved) with { Told = [_camille], Silences = new([Silence(7, "service=\"mail\"", 30)], _now) });
        Assert.Equal(("resolved", _camille), (end.Reason, Assert.Single(end.Targets)));

        var unheard = NoticePlanner.Plan(Facts(TimelineKind.Resolved));
        Assert.Equal((NoticeDecision.NobodyWasTold, 0), (unheard.Decision, unheard.Targets.Count));
    }

    [Fact]
    public void A_silence_that_ends_pages_only_what_nobody_knows_and_nobody_has()
    {
        var known = Facts(TimelineKind.SilenceEnded);
        known.Incident.ToldAt = _now;
        Assert.Equal(NoticeDecision.NothingToTell, NoticePlanner.Plan(known).Decision);

        var taken = Facts(TimelineKind.SilenceEnded);
        (taken.Incident.State, taken.Incident.AcknowledgedBy) = (IncidentState.Acknowledged, "camille");
        Assert.Equal(NoticeDecision.SomebodyHasIt, NoticePlanner.Plan(taken).Decision);

        Assert.Equal(NoticeDecision.NothingToTell, NoticePlanner.Plan(Facts(TimelineKind.SilenceEnded) with { Active = [] }).Decision);
    }

    [Fact]
    public void One_alert_under_no_silence_is_enough_to_page_and_the_first_silence_to_end_is_named()
    {
        var silences = new Silencing([Silence(1, "service=\"mail\"", 10), Silence(2, "service=\"mail\"", 60), Silence(3, "service=\"wiki\"", 30)], _now);

        Assert.Null(NoticePlanner.Holding([Alert("mail"), Alert("ldap")], silences));
        Assert.Equal(3, NoticePlanner.Holding([Alert("mail"), Alert("wiki")], silences)?.Id);
        Assert.Equal(2, NoticePlanner.Holding([Alert("mail")], silences)?.Id);
        Assert.Null(NoticePlanner.Holding([], silences));
    }
}
