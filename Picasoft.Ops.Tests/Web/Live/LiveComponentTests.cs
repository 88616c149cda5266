using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using MudBlazor;
using MudBlazor.Services;
using Npgsql;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;
using Picasoft.Ops.Web.Live;

namespace Picasoft.Ops.Tests.Web.Live;

public sealed class LiveComponentTests : BunitContext
{
    public LiveComponentTests()
    {
        Services.AddMudServices().AddScoped<Settling>().AddSingleton(TimeProvider.System)
            .AddSingleton(new ChangeSignal(NpgsqlDataSource.Create("Host=nowhere.invalid"), NullLogger<ChangeSignal>.Instance));
        JSInterop.Mode = JSRuntimeMode.Loose;
        SetRendererInfo(new("Server", isInteractive: true));
    }

    [Fact]
    public async Task An_act_that_the_store_could_not_take_is_said_and_leaves_the_page()
    {
        var page = Render<Page>();
        await page.Find("button").ClickAsync();
        Assert.Contains("database does not answer", Assert.Single(Services.GetRequiredService<ISnackbar>().ShownSnackbars).Message, StringComparison.Ordinal);
        Assert.NotNull(page.Find("button"));
    }

    [Fact]
    public void It_is_settled_when_all_parts_that_began_are_drawn_with_what_they_read()
    {
        var (outer, inner) = (new TaskCompletionSource(), new TaskCompletionSource());
        Render<Page>(p => p.Add(c => c.Read, outer.Task).Add(c => c.ReadBelow, inner.Task));
        var settling = Services.GetRequiredService<Settling>();
        Assert.False(settling.IsSettled);
        outer.SetResult(); // now there is a part within, which reads as well
        Assert.False(settling.IsSettled);
        inner.SetResult();
        Assert.True(SpinWait.SpinUntil(() => settling.IsSettled, TimeSpan.FromSeconds(Eventually.Patience)));
    }

    [Fact]
    public async Task What_was_asked_for_last_is_shown_however_long_what_was_asked_before_takes()
    {
        var slow = new TaskCompletionSource();
        var page = Render<Page>(p => p.Add(c => c.Read, slow.Task).Add(c => c.Words, "asked first"));
        foreach (var words in new[] { "asked meanwhile", "asked last" }) page.Render(p => p.Add(c => c.Read, Task.CompletedTask).Add(c => c.Words, words));
        slow.SetResult();
        await page.WaitForAssertionAsync(() => Assert.Equal("asked first, asked last", page.Find("button").TextContent), TimeSpan.FromSeconds(Eventually.Patience));
    }

    private sealed class Page : LiveComponent
    {
        private readonly List<string> _said = [];
        private bool _read;

        [Parameter] public string? Words { get; set; }

        [Parameter] public Task Read { get; set; } = Task.CompletedTask;

        [Parameter] public Task? ReadBelow { get; set; }

        protected override string[] Topics => [];

        protected override async Task LoadAsync(CancellationToken cancel)
        {
            var words = Words;
            await Read;
            _read = true;
            if (words is not null) _said.Add(words);
        }

        protected override void BuildRenderTree(RenderTreeBuilder builder)
        {
            builder.OpenElement(0, "button");
            builder.AddAttribute(1, "onclick", EventCallback.Factory.Create<MouseEventArgs>(this, () => throw new NpgsqlException("", new IOException())));
            builder.AddContent(4, string.Join(", ", _said));
            builder.CloseElement();
            if (!_read || ReadBelow is null) return;
            builder.OpenComponent<Page>(2);
            builder.AddAttribute(3, nameof(Read), ReadBelow);
            builder.CloseComponent();
        }
    }
}
