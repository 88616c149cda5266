using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;
using Microsoft.JSInterop;
using MudBlazor;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Web.Access;
using Picasoft.Ops.Web.Live;
using Picasoft.Ops.Web.Ui;

namespace Picasoft.Ops.Web.Board;

/// <summary>The inbox: what needs a human now. Its filter is in the address; its rows are plain HTML (see <see cref="Rows"/>), made once and then patched in the browser (see <see cref="RowPatch"/>).</summary>
public sealed partial class BoardPage : RespondingComponent, IAsyncDisposable
{
    /// <summary>Rows shown at once.</summary>
    private const int Step = 500;

    private readonly Selection _selection = new();
    private ElementReference _root;
    private IJSObjectReference? _module;
    private Inbox? _inbox;
    private BoardFrame? _frame;
    private PersistingComponentStateSubscription _kept;
    private Rows? _rows;
    private HashSet<long>? _seen;
    private Dictionary<long, string>? _shown; // in the browser; null: not known yet
    private InboxFilter _filter = new();
    private IReadOnlyList<string> _people = [];
    private string _me = "";
    private DateTimeOffset _now;
    private int _limit = Step;

    [Inject] public IncidentQueries Queries { get; set; } = null!;
    [Inject] public IncidentActions Actions { get; set; } = null!;
    [Inject] public SilenceActions Silences { get; set; } = null!;
    [Inject] public TimeProvider Time { get; set; } = null!;
    [Inject] public NavigationManager Navigation { get; set; } = null!;
    [Inject] public IDialogService Dialogs { get; set; } = null!;
    [Inject] public IJSRuntime Js { get; set; } = null!;
    [Inject] public PersistentComponentState Kept { get; set; } = null!;
    [Inject] public IStringLocalizer<UiTexts> UiWords { get; set; } = null!;

    [SupplyParameterFromQuery] public string? State { get; set; }
    [SupplyParameterFromQuery] public string? Severity { get; set; }
    [SupplyParameterFromQuery] public string? Service { get; set; }
    [SupplyParameterFromQuery] public string? Who { get; set; }
    [SupplyParameterFromQuery] public string? Silenced { get; set; }
    [SupplyParameterFromQuery] public string? Q { get; set; }

    protected override string[] Topics => [IncidentActions.Topic, "alerts", SilenceActions.Topic];

    private IReadOnlyList<IncidentLine> Wanted => _inbox is null ? [] : _inbox.Lines.Count <= _limit ? _inbox.Lines : [.. _inbox.Lines.Take(_limit)];

    private MarkupString First => RendererInfo.IsInteractive ? default : new(_rows!.All(Wanted, _now));

    protected override void OnInitialized()
    {
        _kept = Kept.RegisterOnPersisting(() =>
        {
            Kept.PersistAsJson(nameof(BoardFrame), _frame);
            return Task.CompletedTask;
        });
        if (!Kept.TryTakeFromJson<BoardFrame>(nameof(BoardFrame), out _frame)) return;
        _me = _frame?.Me ?? "";
        _filter = FilterQuery.Read(State, Severity, Service, Who, Silenced, Q);
    }

    protected override async Task LoadAsync(CancellationToken cancel)
    {
        _me = (await ActorAsync()).Name;
        _filter = FilterQuery.Read(State, Severity, Service, Who, Silenced, Q);
        _rows ??= new(T, UiWords, MayRespond);
        var inbox = await Queries.InboxAsync(_filter with { Assignee = _filter.Assignee == FilterQuery.Me ? _me : _filter.Assignee }, CultureInfo.CurrentUICulture, cancel);
        if (MayRespond && _people.Count == 0) _people = await Queries.ResponderNamesAsync(cancel);
        _now = Time.GetUtcNow();
        _inbox = inbox;
        _frame = BoardFrame.Of(inbox, _me);
        _selection.Keep(Wanted.Select(l => l.Number));
        // Where there are rows already, these need not wait until the rest is drawn.
        if (_shown is { Count: > 0 } && inbox.Lines.Count > 0) await PatchAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        try
        {
            if (firstRender)
            {
                _module = await Js.InvokeAsync<IJSObjectReference>("import", Gone, "./Board/BoardPage.razor.js");
                _shown = (await _module.InvokeAsync<ShownRow[]>("start", Gone, _root)).ToDictionary(r => r.N, r => r.V);
                _seen = _shown.Count > 0 ? [.. _shown.Keys] : null; // a list that was empty a moment ago is not news
            }
            await PatchAsync();
        }
        catch (Exception e) when (e is OperationCanceledException or JSDisconnectedException) { } // gone before it began
    }

    /// <summary>Tells the browser what is new.</summary>
    private async Task PatchAsync()
    {
        if (_shown is null || _module is null || _inbox is null) return;
        var wanted = Wanted;
        if (wanted.Count == 0) { _shown = []; return; } // the table itself is gone
        var patch = RowPatch.Between(_shown, wanted, line => _rows!.One(line, _now, isNew: _seen?.Contains(line.Number) == false));
        if (patch.IsEmpty) return;
        _shown = wanted.ToDictionary(l => l.Number, Rows.MarkOf);
        (_seen ??= []).UnionWith(_inbox.Lines.Select(l => l.Number));
        await _module.InvokeVoidAsync("patch", Gone, patch.Gone, patch.Put);
    }

    private void More() => _limit += Step;

    private async Task ClearAsync()
    {
        _selection.Clear();
        await ShowSelectionAsync();
    }

    private async Task ShowSelectionAsync()
    {
        if (_module is not null) await _module.InvokeVoidAsync("select", Gone, _selection.Numbers);
    }

    private void Go(InboxFilter filter)
    {
        _filter = filter; // the next choice adds to this one, also while the address is on its way
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(FilterQuery.Write(filter)), replace: true);
    }

    private async Task RowAsync(RowActionArgs e)
    {
        var line = _inbox?.Lines.FirstOrDefault(l => l.Number == e.Number);
        switch (e.Action)
        {
            case "selected": _selection.Set(e.Selected, Wanted.Select(l => l.Number)); break;
            case "acknowledge" when line is not null: await BulkAsync(IncidentAction.Acknowledge, [line.Number]); break;
            case "resolve" when line is not null: await BulkAsync(IncidentAction.Resolve, [line.Number]); break;
            case "silence" when line is not null: Navigation.NavigateTo($"/silences/new?incident={line.Number}"); break;
        }
    }

    private Task BulkAsync(IncidentAction action) => BulkAsync(action, _selection.Numbers);

    private async Task BulkAsync(IncidentAction action, IReadOnlyList<long> numbers)
    {
        if (action == IncidentAction.Resolve)
        {
            var sure = await Dialogs.ShowMessageBoxAsync(T["resolve"], T["resolve.ask", Named(numbers)], yesText: T["resolve"], cancelText: T["resolve.cancel"]);
            if (sure != true) return;
        }
        await EachAsync(numbers, action == IncidentAction.Resolve ? "done.resolve" : "done.acknowledge", (line, actor, cancel) => action == IncidentAction.Resolve
            ? Actions.ResolveAsync(line.Number, actor, null, line.Revision, cancel)
            : Actions.AcknowledgeAsync(line.Number, actor, null, null, line.Revision, cancel));
    }

    private async Task BulkAssignAsync(string name)
    {
        var to = name == InboxFilter.Nobody ? null : await Queries.ResponderAsync(name, Gone);
        await EachAsync(_selection.Numbers, "done.assign", (line, actor, cancel) => Actions.AssignAsync(line.Number, actor, to, line.Revision, cancel));
    }

    /// <summary>Silences what each of them speaks of, at once for a known time, or by the form.</summary>
    private async Task BulkSilenceAsync(string length)
    {
        if (!DurationText.TryParse(length, out var duration))
        {
            Navigation.NavigateTo($"/silences/new?incident={string.Join(',', _selection.Numbers)}");
            return;
        }
        await EachAsync(_selection.Numbers, "done.silence", async (line, actor, cancel) =>
        {
            var matchers = await Queries.MatchersOfAsync(line.Number, cancel);
            return matchers.Count == 0
                ? Refusal.Conflict(Phrase.Of("incident.no_alert"))
                : await Silences.CreateAsync(new() { Matchers = matchers, Duration = duration, Comment = T["silence.why", line.Number, line.TitleIn(CultureInfo.CurrentUICulture)] }, actor, cancel);
        });
    }

    /// <summary>Does it to each as it was seen, then says once what was done and what was not, and why.</summary>
    private async Task EachAsync<TDone>(IReadOnlyList<long> numbers, string done, Func<IncidentLine, Actor, CancellationToken, Task<Outcome<TDone>>> act)
    {
        var made = new List<long>();
        foreach (var line in _inbox!.Lines.Where(l => numbers.Contains(l.Number)).ToList())
        {
            var outcome = await TryAsync((actor, cancel) => act(line, actor, cancel));
            if (outcome.Refusal is { } refusal) Snackbar.Add(T["refused", $"#{line.Number}", refusal], MudBlazor.Severity.Warning);
            else made.Add(line.Number);
        }
        if (made.Count > 0) Snackbar.Add(T[done, Named(made)], MudBlazor.Severity.Success);
        _selection.Remove(made);
        await ShowSelectionAsync();
        await ReloadAsync();
    }

    private static string Named(IReadOnlyList<long> numbers) =>
        string.Join(", ", numbers.Take(10).Select(n => $"#{n}")) + (numbers.Count > 10 ? $" … ({numbers.Count})" : "");

    public async ValueTask DisposeAsync()
    {
        _kept.Dispose();
        Dispose();
        try
        {
            if (_module is not null)
            {
                await _module.InvokeVoidAsync("stop");
                await _module.DisposeAsync();
            }
        }
        catch (Exception e) when (e is JSDisconnectedException or OperationCanceledException) { } // the browser is gone
    }

    /// <summary>A row as the browser has it: its number and its mark.</summary>
    private sealed record ShownRow(long N, string V);
}
