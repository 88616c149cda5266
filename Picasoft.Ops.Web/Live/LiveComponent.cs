using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using MudBlazor;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Web.Access;

namespace Picasoft.Ops.Web.Live;

/// <summary>
/// A page or part that shows what changes: it loads its own query, and again whenever one of its topics moved on any node.
/// No part holds the truth. Readings never overlap: whatever comes during one, other parameters or news, makes exactly one more, so what was asked for last is what is shown.
/// </summary>
public abstract class LiveComponent : ComponentBase, IHandleEvent, IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private readonly CultureInfo _culture = CultureInfo.CurrentCulture;
    private readonly CultureInfo _uiCulture = CultureInfo.CurrentUICulture;
    private readonly CancellationToken _goneToken; // kept: a source that is disposed no longer gives its token
    private IDisposable? _subscription;
    private Task _reading = Task.CompletedTask;
    private Task? _next; // waits for it
    private First _first;
    private bool _waits;

    protected LiveComponent() => _goneToken = _gone.Token;

    [Inject] public ChangeSignal Signal { get; set; } = null!;

    [Inject] public TimeProvider Clock { get; set; } = null!;

    [Inject] public Settling Settling { get; set; } = null!;

    [Inject] public ISnackbar Snackbar { get; set; } = null!;

    [CascadingParameter] public Task<AuthenticationState> Authentication { get; set; } = null!;

    /// <summary>What it shows, as topics of <see cref="ChangeSignal"/>.</summary>
    protected abstract string[] Topics { get; }

    /// <summary>Cancelled when the part is no longer shown.</summary>
    protected CancellationToken Gone => _goneToken;

    /// <summary>Reads what is shown. Called on the circuit, also while prerendering.</summary>
    protected abstract Task LoadAsync(CancellationToken cancel);

    /// <summary>Whether a change concerns this part; all of its topics' by default.</summary>
    protected virtual bool Concerns(Change change) => true;

    /// <summary>How long such news may wait, so that what moves all the time is read once for all that came meanwhile; not at all by default.</summary>
    protected virtual TimeSpan PauseOf(string topic) => TimeSpan.Zero;

    protected async Task<Actor> ActorAsync() => Policies.ActorOf((await Authentication).User);

    public override Task SetParametersAsync(ParameterView parameters)
    {
        if (_first == First.None && RendererInfo.IsInteractive)
        {
            _first = First.Reading;
            Settling.Begin();
        }
        return base.SetParametersAsync(parameters);
    }

    // SetParametersAsync's own parameters may say what to load (an incident's number), so the load follows them.
    // A page that is open outlives a store that is away: it shows what it has, and the rest when the store is back.
    protected override async Task OnParametersSetAsync()
    {
        try { await ReadAsync(); }
        catch (Exception e) when (RendererInfo.IsInteractive && StoreAway.Is(e)) { _ = ReloadLaterAsync(StoreAway.Pause); }
    }

    private Task ReadAsync()
    {
        if (_next is not null) return _next;
        return _reading.IsCompleted ? _reading = ReadOnceAsync() : _next = ReadNextAsync();
    }

    private async Task ReadNextAsync()
    {
        await _reading.ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        _next = null;
        await (_reading = ReadOnceAsync());
    }

    // Until it has read once, what the server drew stays in sight: also while the store is away.
    private async Task ReadOnceAsync()
    {
        await LoadAsync(_goneToken);
        if (_first == First.Reading) _first = First.Read;
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender) _subscription = Signal.Subscribe(OnChange, Topics);
        if (_first == First.Read) EndFirst();
    }

    // As ComponentBase does it, but an act that the store could not take is said, instead of taking the page away with what was typed.
    async Task IHandleEvent.HandleEventAsync(EventCallbackWorkItem item, object? arg)
    {
        try
        {
            var act = item.InvokeAsync(arg);
            StateHasChanged();
            if (act.IsCompletedSuccessfully) return;
            await act;
        }
        catch (OperationCanceledException) { } // the part is gone, and nobody waits for the act
        catch (Exception e) when (StoreAway.Is(e)) { Snackbar.Add(Phrase.Of("store.away").In(), MudBlazor.Severity.Warning); }
        StateHasChanged();
    }

    /// <summary>Loads again now, for instance after an action of this page.</summary>
    protected async Task ReloadAsync()
    {
        if (_next is { } next)
        {
            // Whoever asked for it draws it, and hears of its failure.
            await next.ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
            return;
        }
        await ReadAsync();
        StateHasChanged();
    }

    /// <summary>
    /// Runs on the circuit in the page's language: the listener's thread has another culture, and half a page would turn English.
    /// </summary>
    protected Task OnCircuitAsync(Func<Task> work) => InvokeAsync(async () =>
    {
        (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = (_culture, _uiCulture);
        try { await work(); }
        catch (OperationCanceledException) when (_goneToken.IsCancellationRequested) { }
        catch (Exception e) { await DispatchExceptionAsync(e); }
    });

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (_goneToken.IsCancellationRequested) return;
        _subscription?.Dispose();
        _gone.Cancel();
        _gone.Dispose();
        EndFirst();
    }

    private void EndFirst()
    {
        if (_first is First.Reading or First.Read) Settling.End();
        _first = First.Ended;
    }

    private void OnChange(Change change)
    {
        if (change.Topic != ChangeSignal.Everything && !Concerns(change)) return;
        if (PauseOf(change.Topic) is var pause && pause == TimeSpan.Zero) _ = OnCircuitAsync(ReloadWhenPossibleAsync);
        else if (!Interlocked.Exchange(ref _waits, true)) _ = ReloadLaterAsync(pause);
    }

    private async Task ReloadWhenPossibleAsync()
    {
        try { await ReloadAsync(); }
        catch (Exception e) when (StoreAway.Is(e)) { _ = ReloadLaterAsync(StoreAway.Pause); }
    }

    private async Task ReloadLaterAsync(TimeSpan pause)
    {
        await Task.Delay(pause, Clock, _goneToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Volatile.Write(ref _waits, false);
        if (!_goneToken.IsCancellationRequested) await OnCircuitAsync(ReloadWhenPossibleAsync);
    }

    /// <summary>How far the first reading is (<see cref="Live.Settling"/>).</summary>
    private enum First { None, Reading, Read, Ended }
}
