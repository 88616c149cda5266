using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Notifications.Channels;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Tests.Core.Escalations;

public sealed class NoticePlannerTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 22, 17, 0, 0, TimeSpan.Zero);
    private static readonly NoticeTarget _tech = new(1, "tech-mail", "tech@example.org");
    private static readonly NoticeTarget _camille = new(1, "tech-mail", "camille@example.org");

    private static LabelSet Alert(string service) => LabelSet.Of(("service", service));

    private static Muting Silenced(params Silence[] silences) => new(new(silences, _now), [], new([], []), _now);

    private static AddressBook Book(params NoticeTarget[] everybody) => new(everybody);

    private static Silence Silence(long id, string matcher, int minutes) => new() { Id = id, Matchers = [matcher], StartsAt = _now.AddHours(-1), EndsAt = _now.AddMinutes(minutes) };

    private static NoticeFacts Facts(TimelineKind kind) => new(kind, new Incident { Number = 12 }, [Alert("mail")], Silenced(), Timetable.Everybody, Book(_tech, _camille), [], _now);

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

        var silenced = NoticePlanner.Plan(Facts(kind) with { Muting = Silenced(Silence(7, "service=\"mail\"", 30)) });
        Assert.Equal((NoticeDecision.Silenced, true, _now.AddMinutes(30)), (silenced.Decision, silenced.IsHeld, silenced.Until));
        Assert.Empty(silenced.Targets);
        Assert.Equal("Nobody is told: silence #7 until 22 Nov 2026 17:30\u00a0UTC.", silenced.Words?.In(System.Globalization.CultureInfo.GetCultureInfo("en-GB")));

        var nobody = NoticePlanner.Plan(Facts(kind) with { Book = Book() });
        Assert.Equal((NoticeDecision.NoChannel, "notice.no_channel"), (nobody.Decision, nobody.Words?.Key));
    }

    [Fact]
    public void A_channel_whose_secrets_were_sealed_with_another_key_is_named_and_not_passed_over_in_silence()
    {
        var channels = new[] { Sealed(1, "tech-mail", 'a'), Sealed(2, "night-mail", 'b') };
        var one = AddressBook.Of(channels, Kinds('a'), []);
        var told = NoticePlanner.Plan(Facts(TimelineKind.Opened) with { Book = one });
        Assert.Equal((NoticeDecision.Told, "tech@example.org"), (told.Decision, Assert.Single(told.Targets).Recipient));
        Assert.Equal("night-mail is left out: its settings cannot be read. See Channels.", told.Words?.In(System.Globalization.CultureInfo.GetCultureInfo("en")));

        var none = NoticePlanner.Plan(Facts(TimelineKind.Opened) with { Book = AddressBook.Of(channels, Kinds('c'), []) });
        Assert.Equal((NoticeDecision.NoChannel, "notice.unreadable", "tech-mail, night-mail"), (none.Decision, none.Words?.Key, none.Words?.Args[0]));

        static ChannelKinds Kinds(char key) => new([new EmailChannel(TimeProvider.System)], new SecretBox(new string(key, 32)));
        static Channel Sealed(long id, string name, char key) => new() { Id = id, Name = name, Type = "email", Settings = Kinds(key).Stored(new EmailSettings { From = "ops@example.org", To = ["tech@example.org"], Smtp = new() { Host = "mail", Password = new("hunter2") } }) };
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
        var silences = Silenced(Silence(7, "service=\"mail\"", 30));
        var held = NoticePlanner.Plan(Facts(TimelineKind.AlertJoined) with { Muting = silences });
        Assert.Equal((0, null), (held.Targets.Count, held.Words));

        var free = Facts(TimelineKind.AlertJoined) with { Muting = silences, Active = [Alert("mail"), Alert("ldap")] };
        Assert.Equal(2, NoticePlanner.Plan(free).Targets.Count);
        free.Incident.ToldAt = _now;
        Assert.Empty(NoticePlanner.Plan(free).Targets);
    }

    [Fact]
    public void The_end_is_told_to_exactly_those_who_were_told_of_the_beginning()
    {
        var end = NoticePlanner.Plan(Facts(TimelineKind.Resolved) with { Told = [_camille], Muting = Silenced(Silence(7, "service=\"mail\"", 30)) });
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
        var silences = Silenced(Silence(1, "service=\"mail\"", 10), Silence(2, "service=\"mail\"", 60), Silence(3, "service=\"wiki\"", 30));

        Assert.Null(silences.Holding([Alert("mail"), Alert("ldap")]));
        Assert.Equal("#3", silences.Holding([Alert("mail"), Alert("wiki")])?.Name);
        Assert.Equal("#2", silences.Holding([Alert("mail")])?.Name);
        Assert.Null(silences.Holding([]));
    }

    [Fact]
    public void The_first_message_waits_for_more_of_the_same_and_is_owed_meanwhile()
    {
        var facts = Facts(TimelineKind.Opened);
        facts.Incident.WaitUntil = _now.AddSeconds(10);
        var waits = NoticePlanner.Plan(facts);
        Assert.Equal((NoticeDecision.GroupWait, true, 0), (waits.Decision, waits.IsHeld, waits.Targets.Count));
        Assert.Null(NoticePlanner.Recheck(facts));
        var after = NoticePlanner.Recheck(facts with { Now = _now.AddSeconds(10) });
        Assert.Equal((NoticeDecision.Told, "opened", 2), (after?.Decision, after?.Reason, after?.Targets.Count));
    }

    [Fact]
    public void What_was_held_back_is_told_once_it_is_free_unless_it_is_over_or_in_somebodys_hands()
    {
        var facts = Facts(TimelineKind.Decision);
        (facts.Incident.Held, facts.Incident.ToldAt) = (true, _now.AddHours(-1));
        Assert.Null(NoticePlanner.Recheck(facts with { Muting = Silenced(Silence(7, "service=\"mail\"", 30)) }));
        Assert.Equal(("released", 2), (NoticePlanner.Recheck(facts)?.Reason, NoticePlanner.Recheck(facts)?.Targets.Count));
        Assert.Equal(NoticeDecision.NothingToTell, NoticePlanner.Recheck(facts with { Active = [] })?.Decision);
        (facts.Incident.State, facts.Incident.AcknowledgedBy) = (IncidentState.Acknowledged, "camille");
        Assert.Equal(NoticeDecision.SomebodyHasIt, NoticePlanner.Recheck(facts)?.Decision);
    }

    [Fact]
    public void A_policy_tells_those_it_names_at_their_moment()
    {
        var policy = new EscalationInput { Name = "night", Steps = [new() { Notify = ["channel:tech-mail"] }, new() { After = TimeSpan.FromMinutes(15), Notify = ["person:sacha", "channel:gone"] }], Repeat = 1 };
        var timetable = Timetable.Of([policy]);
        Assert.Equal([(0, 1, 1), (15, 2, 1), (30, 1, 2), (45, 2, 2)], timetable.Moments.Select(m => ((int)m.At.TotalMinutes, m.Step, m.Round)));

        var book = new AddressBook([_tech, new(2, "chat", "room")], new Dictionary<string, IReadOnlyList<NoticeTarget>> { ["sacha"] = [new(1, "tech-mail", "sacha@example.org")] });
        var facts = Facts(TimelineKind.Opened) with { Timetable = timetable, Book = book };
        Assert.Equal([_tech], NoticePlanner.Plan(facts).Targets);
        Assert.Equal([new NoticeTarget(1, "tech-mail", "sacha@example.org")], NoticePlanner.Escalate(facts, 1).Targets);
        // What a silence holds back of it is owed, and told from there on when the silence is over.
        Assert.Equal((NoticeDecision.Silenced, true, 1), (NoticePlanner.Escalate(facts with { Muting = Silenced(Silence(7, "service=\"mail\"", 30)) }, 1) is var held ? (held.Decision, held.Pages, held.Moment) : default));
        (facts.Incident.Held, facts.Incident.EscalationMoment, facts.Incident.ToldAt) = (true, 1, _now);
        Assert.Equal(("released", "sacha@example.org", 1), (NoticePlanner.Recheck(facts) is { } owed ? (owed.Reason, owed.Targets[0].Recipient, owed.Moment) : default));
    }
}
