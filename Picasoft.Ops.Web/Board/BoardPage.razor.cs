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

/// <summary>The inbox: what needs a human now. Its filter is in the address; its rows are plain HTML (see <see cref="Rows"/>).</summary>
public sealed partial class BoardPage : RespondingComponent, IAsyncDisposable
{
    /// <summary>Rows shown at once.</summary>
    private const int Step = 500;

    /// <summary>Rows that the circuit draws at a time when it takes the page over: what the first HTML showed stays in view, and the browser answers in between.</summary>
    private const int Stroke = 60;

    private readonly Selection _selection = new();
    private ElementReference _root;
    private IJSObjectReference? _module;
    private Inbox? _inbox;
    private Rows? _rows;
    private HashSet<long>? _seen;
    private HashSet<long> _new = [];
    private InboxFilter _filter = new();
    private IReadOnlyList<string> _people = [];
    private string _me = "";
    private DateTimeOffset _now;
    private int _limit = Step;
    private int _drawn = Step;

    [Inject] public TriageQueries Queries { get; set; } = null!;
    [Inject] public IncidentActions Actions { get; set; } = null!;
    [Inject] public SilenceActions Silences { get; set; } = null!;
    [Inject] public TimeProvider Time { get; set; } = null!;
    [Inject] public NavigationManager Navigation { get; set; } = null!;
    [Inject] public IDialogService Dialogs { get; set; } = null!;
    [Inject] public IJSRuntime Js { get; set; } = null!;
    [Inject] public IStringLocalizer<UiTexts> UiWords { get; set; } = null!;

    [SupplyParameterFromQuery] public string? State { get; set; }
    [SupplyParameterFromQuery] public string? Severity { get; set; }
    [SupplyParameterFromQuery] public string? Service { get; set; }
    [SupplyParameterFromQuery] public string? Who { get; set; }
    [SupplyParameterFromQuery] public string? Silenced { get; set; }
    [SupplyParameterFromQuery] public string? Q { get; set; }

    protected override string[] Topics => [IncidentActions.Topic, "alerts", SilenceActions.Topic];

    private IReadOnlyCollection<IncidentLine> Shown => _inbox is null ? [] : _inbox.Lines.Count <= _limit ? _inbox.Lines : [.. _inbox.Lines.Take(_limit)];

    private IReadOnlyCollection<IncidentLine> Drawn => _drawn >= Shown.Count ? Shown : [.. Shown.Take(_drawn)];

    protected override void OnInitialized()
    {
        if (RendererInfo.IsInteractive) _drawn = Stroke;
    }

    protected override async Task LoadAsync(CancellationToken cancel)
    {
        _me = (await ActorAsync()).Name;
        _filter = FilterQuery.Read(State, Severity, Service, Who, Silenced, Q);
        _rows ??= new(T, UiWords);
        var inbox = await Queries.InboxAsync(_filter with { Assignee = _filter.Assignee == FilterQuery.Me ? _me : _filter.Assignee }, CultureInfo.CurrentUICulture, cancel);
        if (MayRespond && _people.Count == 0) _people = await Queries.ResponderNamesAsync(cancel);
        _now = Time.GetUtcNow();
        _inbox = inbox;
        _new = _seen is null ? [] : [.. inbox.Lines.Select(l => l.Number).Where(n => !_seen.Contains(n))];
        (_seen ??= []).UnionWith(inbox.Lines.Select(l => l.Number));
        _rows.Keep(inbox.Lines);
        _selection.Keep(inbox.Lines);
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_drawn < Shown.Count)
        {
            _drawn += Stroke;
            StateHasChanged();
        }
        if (!firstRender) return;
        try
        {
            _module = await Js.InvokeAsync<IJSObjectReference>("import", Gone, "./Board/BoardPage.razor.js");
            await _module.InvokeVoidAsync("start", Gone, _root);
        }
        catch (Exception e) when (e is OperationCanceledException or JSDisconnectedException) { } // gone before it began
    }

    private string? RowClass(IncidentLine line) => (_new.Contains(line.Number), _selection.Has(line.Number)) switch
    {
        (true, true) => "new picked",
        (true, false) => "new",
        (false, true) => "picked",
        _ => null,
    };

    private void Go(InboxFilter filter) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(FilterQuery.Write(filter)), replace: true);

    private async Task RowAsync(RowActionArgs e)
    {
        var line = _inbox?.Lines.FirstOrDefault(l => l.Number == e.Number);
        switch (e.Action)
        {
            case "select" when line is not null: _selection.Toggle(line.Number); break;
            case "all": _selection.ToggleAll(Shown); break;
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
        foreach (var number in made.Where(_selection.Has)) _selection.Toggle(number);
        await ReloadAsync();
    }

    private static string Named(IReadOnlyList<long> numbers) =>
        string.Join(", ", numbers.Take(10).Select(n => $"#{n}")) + (numbers.Count > 10 ? $" … ({numbers.Count})" : "");

    public async ValueTask DisposeAsync()
    {
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
}
