using Picasoft.Ops.Core.Alerts.Routing;
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
