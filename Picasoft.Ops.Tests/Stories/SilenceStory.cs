using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Tests.Core.Incidents;
using Picasoft.Ops.Tests.Support;
using static Picasoft.Ops.Core.Incidents.TimelineKind;

namespace Picasoft.Ops.Tests.Stories;

/// <summary>Camille mutes a known breakdown for the night; it still burns when the silence ends, and is over later.</summary>
public sealed class SilenceStory(PostgresFixture postgres)
{
    [Fact]
    public async Task What_still_burns_when_a_silence_ends_is_looked_at_again_and_its_end_is_told()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var world = await IncidentWorld.CreateAsync(postgres);
        await world.BeginAsync("chat", lasts: TimeSpan.FromDays(1));
        await world.RoundAsync();

        var silence = (await world.Silences.CreateAsync(new() { Matchers = ["service=\"chat\""], Duration = TimeSpan.FromHours(8), Comment = "The disk comes tomorrow." }, IncidentWorld.Camille, cancel)).Value;
        await world.RoundAsync();
        Assert.Equal([Opened, Silenced], await world.KindsAsync());
        Assert.Contains("camille", (await world.TimelineAsync())[^1].Phrase!.In());

        world.Clock.Advance(TimeSpan.FromHours(7));
        await world.RoundAsync();
        Assert.Equal(IncidentState.Open, (await world.IncidentAsync()).State); // muted, not forgotten
        Assert.Equal([Opened, Silenced], await world.KindsAsync());

        world.Clock.Advance(TimeSpan.FromHours(1));
        await world.RoundAsync();
        await world.RoundAsync();
        var ended = (await world.TimelineAsync())[^1];
        Assert.Equal((SilenceEnded, true), (ended.Kind, ended.Pending));
        Assert.Contains($"#{silence.Id}", ended.Phrase!.In());

        world.Clock.Advance(TimeSpan.FromHours(20)); // nobody sends the alert again
        await world.RoundAsync();
        Assert.Equal([Opened, Silenced, SilenceEnded, AlertEnded, Resolved], await world.KindsAsync());
        Assert.Equal(SilenceState.Expired, silence.StateAt(world.Clock.GetUtcNow()));
    }

    [Fact]
    public async Task A_silence_whose_matchers_change_no_longer_holds_what_it_held()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var world = await IncidentWorld.CreateAsync(postgres);
        await world.BeginAsync("chat");
        await world.RoundAsync();
        await world.BeginAsync("wiki");
        await world.RoundAsync();
        var silence = (await world.Silences.CreateAsync(new() { Matchers = ["service=~\"chat|wiki\""], Duration = TimeSpan.FromHours(8), Comment = "Both." }, IncidentWorld.Camille, cancel)).Value;
        await world.RoundAsync();
        world.Clock.Advance(TimeSpan.FromMinutes(1));

        var edited = (await world.Silences.EditAsync(silence.Id, new() { Matchers = ["service=\"wiki\""], EndsAt = silence.EndsAt, Comment = "Only the wiki." }, IncidentWorld.Sacha, cancel)).Value;
        await world.RoundAsync();

        Assert.NotEqual(silence.Id, edited.Id);
        Assert.Equal(silence.EndsAt, edited.EndsAt);
        Assert.Equal([Opened, Silenced, SilenceEnded], await world.KindsAsync());
        Assert.Equal([Opened, Silenced, SilenceEnded, Silenced], await world.KindsAsync(2));
    }

    [Fact]
    public async Task A_silence_ended_before_it_began_never_was()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var world = await IncidentWorld.CreateAsync(postgres);
        await world.BeginAsync("chat");
        await world.RoundAsync();
        var silence = (await world.Silences.CreateAsync(new() { Matchers = ["service=\"chat\""], StartsAt = world.Clock.GetUtcNow().AddHours(1), Duration = TimeSpan.FromHours(8), Comment = "Later." }, IncidentWorld.Camille, cancel)).Value;
        var ended = (await world.Silences.EndAsync(silence.Id, IncidentWorld.Camille, cancel)).Value;
        Assert.Equal(SilenceState.Expired, ended.StateAt(world.Clock.GetUtcNow()));
        world.Clock.Advance(TimeSpan.FromHours(2));
        await world.RoundAsync();
        Assert.Equal([Opened], await world.KindsAsync());
    }
}
