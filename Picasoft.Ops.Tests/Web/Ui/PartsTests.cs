using Bunit;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using MudBlazor.Services;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes.Kinds;
using Picasoft.Ops.Web.Shell;
using Picasoft.Ops.Web.Ui;

namespace Picasoft.Ops.Tests.Web.Ui;

public sealed class PartsTests : BunitContext
{
    private readonly IRenderedComponent<MudDialogProvider> _dialogs;

    public PartsTests()
    {
        Services.AddMudServices();
        Services.AddTexts();
        JSInterop.Mode = JSRuntimeMode.Loose;
        Render<MudPopoverProvider>();
        _dialogs = Render<MudDialogProvider>();
    }

    [Fact]
    public void A_page_has_one_heading_and_its_actions_beside_it()
    {
        var header = Render<PageHeader>(p => p.Add(h => h.Title, "Probes").Add(h => h.Text, "What is watched").Add(h => h.Actions, "<button>Add</button>"));
        Assert.Equal("Probes", header.Find("h1").TextContent);
        Assert.Equal("What is watched", header.Find("h1 + p").TextContent);
        Assert.Equal("Add", header.Find(".page-actions button").TextContent);
    }

    [Fact]
    public void A_private_key_keeps_its_lines()
    {
        var draft = SettingsDraft.Of(new SshCommandSettings());
        var form = Render<SettingsForm>(p => p.Add(f => f.Draft, draft));
        form.Find("textarea#field-private_key").Input("-----BEGIN\nMIIE\n-----END"); // a field of one line would join them
        Assert.Equal("password", form.Find("#field-password").GetAttribute("type"));
        Assert.Equal("-----BEGIN\nMIIE\n-----END", ((InputScalar)((InputMap)draft.ToInput())["private_key"]!).Text);
    }

    [Fact]
    public void An_empty_list_says_what_to_do()
    {
        var empty = Render<EmptyState>(p => p.Add(e => e.Title, "No probe yet").AddChildContent("<a href=\"/probes/new\">Add one</a>"));
        Assert.Equal("No probe yet", empty.Find("strong").TextContent);
        Assert.Equal("/probes/new", empty.Find("a").GetAttribute("href"));
    }

    [Fact]
    public void A_phrase_marks_its_instants_for_the_readers_clock_also_those_of_a_phrase_within_it()
    {
        var due = new DateTimeOffset(2026, 11, 26, 13, 4, 0, TimeSpan.Zero);
        var within = Phrase.Of("heartbeat.alert", "{\"<b>", Phrase.Of("heartbeat.never", due));
        var said = Render<PhraseText>(p => p.Add(t => t.Phrase, within).Add(t => t.Else, "Not this"));
        Assert.Equal("2026-11-26T13:04:00Z", said.Find("time[data-at]").GetAttribute("datetime"));
        Assert.Empty(said.FindAll("b"));
        Assert.DoesNotContain("Not this", said.Markup, StringComparison.Ordinal);
        Assert.Equal("Written &lt;by hand&gt;", Render<PhraseText>(p => p.Add(t => t.Phrase, null).Add(t => t.Else, "Written <by hand>")).Markup);
    }

    [Theory]
    [InlineData("Revoke", true)]
    [InlineData("Cancel", false)]
    public async Task Only_the_button_that_names_the_deed_agrees(string button, bool agrees)
    {
        var asked = _dialogs.InvokeAsync(() => ConfirmDialog.AskAsync(Services.GetRequiredService<IDialogService>(), "Revoke it?", "For ever.", "Revoke"));
        _dialogs.WaitForElement(".mud-dialog-actions button", TimeSpan.FromMinutes(1));
        await _dialogs.FindAll(".mud-dialog-actions button").Single(b => b.TextContent.Trim() == button).ClickAsync(new());
        Assert.Equal(agrees, await asked.WaitAsync(TimeSpan.FromMinutes(1)));
    }
}
