using Picasoft.Ops.Tests.Browser;
using Picasoft.Ops.Tests.Compat.Alertmanager;
using Picasoft.Ops.Tests.Core.Logs;
using Picasoft.Ops.Tests.Core.Notifications;
using Picasoft.Ops.Tests.Core.Recovery;
using Picasoft.Ops.Tests.Drills;
using Picasoft.Ops.Tests.Rules;
using Picasoft.Ops.Tests.Stories;
using Picasoft.Ops.Tests.Support;
using Picasoft.Ops.Tests.Web.Commands;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace Picasoft.Ops.Tests.Support;

/// <summary>
/// The classes that take more than a minute (<c>.out/tests.xml</c> of a whole run says which) begin it: one that begins last has the machine for itself, which then idles.
/// All others stay as they come, those that wait and those that reckon mixed.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly IReadOnlyList<string> _long =
    [
        .. new[]
        {
            typeof(RunCommandTests), typeof(EveryPageTests), typeof(NothingLostTests), typeof(PlacesStory), typeof(ProvokedLinesTests), typeof(ReplyTests), typeof(ContainersTests), typeof(ClientsTests),
            typeof(ProvokedMailTests), typeof(EveryProbeTests), typeof(TwoNodesTests), typeof(JudgeTests), typeof(FailoverStoryTests),
        }.Select(c => c.FullName!),
    ];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections) where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(RankOf)];

    /// <summary>A class that says nothing is a collection of its own, named after it: <c>Test collection for Some.Class (id: …)</c>.</summary>
    private static int RankOf<TTestCollection>(TTestCollection collection) where TTestCollection : ITestCollection
    {
        var words = collection.TestCollectionDisplayName.Split(' ');
        for (var rank = 0; rank < _long.Count; rank++)
            if (words.Contains(_long[rank])) return rank;
        return _long.Count;
    }
}
