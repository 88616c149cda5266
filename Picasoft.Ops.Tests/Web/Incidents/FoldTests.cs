using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using MudBlazor.Services;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Web.Incidents;
using Picasoft.Ops.Web.Shell;

namespace Picasoft.Ops.Tests.Web.Incidents;

/// <summary>What says the same in a row is one touch away, so that an incident of twenty alerts is read on a phone; nothing of it is left out.</summary>
public sealed class FoldTests : BunitContext
{
    public FoldTests()
    {
        Services.AddMudServices();
        Services.AddTexts();
        Services.AddSingleton<TimeProvider>(new FakeTimeProvider());
        JSInterop.Mode = JSRuntimeMode.Loose;
    }

    [Fact]
    public void Alerts_that_joined_in_a_row_are_folded_behind_the_first()
    {
        var list = Timeline([TimelineKind.Opened, .. Many(TimelineKind.AlertJoined, 5), TimelineKind.Note, .. Many(TimelineKind.AlertJoined, 4)]);
        Assert.Equal(["0", "1", "6", "7"], Said(list, ".timeline > li.tl > .tl-body strong").Except(Said(list, "details strong")));
        Assert.Equal(["2", "3", "4", "5", "8", "9", "10"], Said(list, "details strong"));
        Assert.Equal(["4", "3"], Said(list, "summary").Select(s => new string([.. s.Where(char.IsAsciiDigit)])));
    }

    [Fact]
    public void Few_of_them_and_what_people_wrote_are_not_folded()
    {
        Assert.Empty(Timeline([.. Many(TimelineKind.AlertJoined, 3), .. Many(TimelineKind.Impact, 3), .. Many(TimelineKind.Note, 9)]).FindAll("details"));
        Assert.Equal(3, Assert.Single(Timeline([.. Many(TimelineKind.Impact, 4)]).FindAll("details")).QuerySelectorAll("strong").Length);
    }

    [Theory]
    [InlineData(6, 6)]
    [InlineData(7, 5)]
    [InlineData(20, 5)]
    public void A_long_list_of_alerts_is_folded_after_five(int alerts, int shown)
    {
        var list = Render<AlertsList>(p => p.Add(l => l.Alerts, [.. Enumerable.Range(1, alerts).Select(i => new Alert { Id = i })]));
        Assert.Equal((shown, alerts - shown), (list.FindAll("section > ul > li").Count, list.FindAll("details li").Count));
    }

    private IRenderedComponent<TimelineList> Timeline(IReadOnlyList<TimelineKind> kinds) =>
        Render<TimelineList>(p => p.Add(l => l.Entries, [.. kinds.Select((kind, i) => new TimelineEntry { Id = i, Kind = kind, By = $"{i}" })]));

    private static IEnumerable<TimelineKind> Many(TimelineKind kind, int count) => Enumerable.Repeat(kind, count);

    private static IEnumerable<string> Said(IRenderedComponent<TimelineList> list, string selector) => list.FindAll(selector).Select(e => e.TextContent);
}
