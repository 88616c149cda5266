using Picasoft.Ops.Core.Incidents;

namespace Picasoft.Ops.Web.Board;

/// <summary>
/// What stands around the rows of the inbox. It goes with the first HTML, so that the circuit draws the same at once, and the rows move over without a gap;
/// the rows themselves are not sent a second time.
/// </summary>
/// <param name="All">How many incidents are open.</param>
/// <param name="Count">How many of them the filter shows.</param>
/// <param name="Services">For the filter.</param>
/// <param name="Assignees">For the filter.</param>
/// <param name="LastResolvedAt">When the last one ended, when none is open.</param>
/// <param name="Me">Name of who looks.</param>
public sealed record BoardFrame(int All, int Count, IReadOnlyList<string> Services, IReadOnlyList<string> Assignees, DateTimeOffset? LastResolvedAt, string Me)
{
    public static BoardFrame Of(Inbox inbox, string me) => new(inbox.All, inbox.Lines.Count, inbox.Services, inbox.Assignees, inbox.LastResolvedAt, me);
}
