using System.Globalization;
using Picasoft.Ops.Core.Alerts.Routing;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Recovery;
using Picasoft.Ops.Web.Ui;

namespace Picasoft.Ops.Tests.Web.Ui;

public sealed class SettingsFormPageTests
{
    [Fact]
    public void What_is_wrong_is_told_in_the_order_of_the_form_and_a_way_not_chosen_where_it_is_chosen()
    {
        var draft = SettingsDraft.Of<RecoveryPlanInput>();
        var steps = (DraftList)draft.Root.Fields.First(f => f.Name == "steps").Node;
        steps.Add();
        steps.Add();
        ((DraftRecord)steps.Items[1]).Choose("docker");
        var shown = SettingsFormPage.Shown(draft.Root, InputReader.Read<RecoveryPlanInput>(draft.ToInput()).Refusal!.Errors);
        Assert.Equal(["name", "service", "steps[0].title", "steps[0].way", "steps[1].title", "steps[1].docker.container", "steps[1].docker.action"], shown.Select(e => e.Field));
        Assert.All(shown, e => Assert.Equal("input.required", e.Message.Key));
        Assert.Equal(["steps[1]", "steps[1].docker.action"], SettingsFormPage.Way(draft.Root, shown[^1].Field).Select(p => p.Path));
    }

    [Theory]
    [InlineData("fr", "lundi 09:00", "7j", "vendredi 18:00", "10 j")]
    [InlineData("en", "Monday 09:00", "7d", "friday 18:00", "10d")]
    public void Days_and_lengths_of_time_are_in_the_readers_words_on_the_page_and_in_those_of_the_contract_behind_it(string language, string handoff, string ahead, string typedHandoff, string typedAhead)
    {
        var before = CultureInfo.CurrentUICulture;
        try
        {
            CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(language);
            var draft = SettingsDraft.Of<ScheduleInput>(new() { Name = "tech", Rotation = new() { People = ["camille"] }, BestEffort = [new() { Days = [Weekday.Sunday] }] });
            Assert.Equal((handoff, ahead), (At("rotation", "handoff").Text, At("warn_ahead").Text));
            var untouched = InputReader.Read<ScheduleInput>(draft.ToInput()).Value;
            Assert.Equal(("Monday 09:00", TimeSpan.FromDays(7), Weekday.Sunday), (untouched.Rotation!.Handoff, untouched.WarnAhead, untouched.BestEffort[0].Days[0]));

            (At("rotation", "handoff").Text, At("warn_ahead").Text) = (typedHandoff, typedAhead);
            var read = InputReader.Read<ScheduleInput>(draft.ToInput()).Value;
            Assert.Equal(("Friday 18:00", TimeSpan.FromDays(10)), (read.Rotation!.Handoff, read.WarnAhead));

            DraftScalar At(params string[] path) => (DraftScalar)path.Aggregate((DraftNode)draft.Root, (node, name) => ((DraftRecord)node).Fields.Single(f => f.Name == name).Node);
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }

    [Fact]
    public void A_list_of_which_nothing_is_said_is_not_an_empty_one_after_a_form_was_opened_and_saved()
    {
        Assert.Null(Saved(new()).GroupBy);
        Assert.Empty(Saved(new() { GroupBy = [] }).GroupBy!);
        Assert.Equal(["host"], Saved(new() { GroupBy = ["host"] }).GroupBy);
        Assert.Null(Saved(new() { GroupBy = ["host"] }, "").GroupBy); // taken out
        Assert.Empty(Saved(new() { Match = ["a=\"b\""] }).Routes);

        static RouteInput Saved(RouteInput route, string? typed = null)
        {
            var draft = SettingsDraft.Of(route);
            if (typed is not null) ((DraftLines)draft.Root.Fields.Single(f => f.Name == "group_by").Node).Text = typed;
            return InputReader.Read<RouteInput>(draft.ToInput()).Value;
        }
    }
}
