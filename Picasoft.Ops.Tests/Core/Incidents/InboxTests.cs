using System.Globalization;
using CsCheck;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Web.Board;

namespace Picasoft.Ops.Tests.Core.Incidents;

public sealed class InboxTests
{
    private static readonly CultureInfo _french = new("fr");

    [Fact]
    public void The_worst_comes_first_then_what_nobody_has_and_what_is_silenced_last()
    {
        var inbox = Inbox.Of([Line(1, Severity.Low), Line(2, Severity.Critical, IncidentState.Acknowledged), Line(3, Severity.Critical), Line(4, Severity.Critical) with { Silenced = true }, Line(5, Severity.High)], new(), _french, null);
        Assert.Equal([3, 2, 5, 1, 4], inbox.Lines.Select(l => l.Number));
    }

    [Theory]
    [InlineData("reseau", true)]
    [InlineData("RÉSEAU bob", true)]
    [InlineData("#7", true)]
    [InlineData("#77", false)]
    [InlineData("mail", true)]
    [InlineData("réseau alice", false)]
    public void Words_are_sought_without_case_or_accents(string text, bool found) =>
        Assert.Equal(found, new InboxFilter(Text: text).Shows(Line(7, Severity.Low) with { Title = "Réseau de bob coupé", Service = "mail" }, _french));

    [Fact]
    public void Nobody_means_that_nobody_has_it()
    {
        var filter = new InboxFilter(Assignee: InboxFilter.Nobody);
        Assert.True(filter.Shows(Line(1, Severity.Low), _french));
        Assert.False(filter.Shows(Line(1, Severity.Low) with { Assignee = "camille" }, _french));
        var byProgram = Line(1, Severity.Low) with { AcknowledgedBy = "deploy" };
        Assert.False(filter.Shows(byProgram, _french));
        Assert.True(new InboxFilter(Assignee: "deploy").Shows(byProgram, _french));
        Assert.Equal("camille", (byProgram with { Assignee = "camille" }).Holder); // whom it is given to goes before
    }

    [Fact]
    public void A_filter_written_into_the_address_is_read_back()
    {
        var filter = new InboxFilter(IncidentState.Acknowledged, Severity.High, "mail", "sacha", false, "disk full");
        var query = FilterQuery.Write(filter);
        Assert.Equal(filter, FilterQuery.Read((string?)query["state"], (string?)query["severity"], (string?)query["service"], (string?)query["who"], (string?)query["silenced"], (string?)query["q"]));
        Assert.Equal(new InboxFilter(), FilterQuery.Read("broken", "99", "", " ", "?", null));
    }

    [Fact]
    public void What_is_no_longer_shown_is_no_longer_selected()
    {
        var selection = new Selection();
        selection.Set([1, 2, 99], [1, 2, 3]);
        Assert.Equal([1, 2], selection.Numbers);
        selection.Keep([2, 3]);
        Assert.Equal([2], selection.Numbers);
        selection.Remove([2]);
        Assert.Equal(0, selection.Count);
    }

    // What the browser's module does with a patch, row for row.
    [Fact]
    public void A_patch_turns_any_list_into_any_other() => Gen.Int[1, 12].Select(Gen.Int[0, 3], Gen.Enum<Severity>(), Gen.Bool, (number, revision, severity, silenced) =>
            Line(number, severity) with { Revision = revision, Silenced = silenced })
        .List[0, 12].Select(lines => Inbox.Of([.. lines.DistinctBy(l => l.Number)], new(), _french, null).Lines).Array[2].Sample(lists =>
        {
            // Whoever changes an incident gives it a new revision.
            var before = lists[0];
            var after = Inbox.Of([.. lists[1].Select(l => before.FirstOrDefault(b => b.Number == l.Number && b.Revision == l.Revision) is { } same ? same with { Silenced = l.Silenced } : l)], new(), _french, null).Lines;
            var shown = before.Select(l => (l.Number, Mark: Rows.MarkOf(l))).ToList();
            var patch = RowPatch.Between(shown.ToDictionary(r => r.Number, r => r.Mark), after, Rows.MarkOf);
            shown.RemoveAll(r => patch.Gone.Contains(r.Number));
            foreach (var put in patch.Put)
            {
                shown.RemoveAll(r => r.Number == put.Number);
                shown.Insert(put.Before == 0 ? shown.Count : shown.FindIndex(r => r.Number == put.Before), (put.Number, put.Html));
            }
            Assert.Equal(after.Select(l => (l.Number, Rows.MarkOf(l))), shown);
        });

    private static IncidentLine Line(long number, Severity severity, IncidentState state = IncidentState.Open) =>
        new(number, $"Incident {number}", null, state, severity, null, DateTimeOffset.UnixEpoch, null, null, null, null, 0);
}
