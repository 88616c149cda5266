using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Web.Access;
using Picasoft.Ops.Web.Live;
using Picasoft.Ops.Web.Ui;

namespace Picasoft.Ops.Web.OnCall;

/// <summary>The calendar of one schedule. What is shown is in the address, so that it can be sent to a colleague.</summary>
public sealed partial class OnCallPage : RespondingComponent, IAsyncDisposable
{
    /// <summary>Rows of a week: parts of a day.</summary>
    private const int PartsOfDay = 8;

    private ElementReference _root;
    private IJSObjectReference? _module;
    private IReadOnlyList<OnCallNow> _now = [];
    private IReadOnlyList<OnCallSwap> _mySwaps = [];
    private IReadOnlyList<string> _people = [];
    private CalendarView? _view;
    private IReadOnlyDictionary<string, string> _brief = new Dictionary<string, string>(StringComparer.Ordinal);
    private string _name = "";
    private string _me = "";
    private bool _mayChange;
    private bool _week;
    private DateOnly? _on;
    private DateOnly _first;
    private DateTimeOffset _instant;
    private List<Cell> _cells = [];
    private (int From, int To)? _chosen; // by Cell.Index, the earlier first

    [SupplyParameterFromQuery(Name = "schedule")] public string? Schedule { get; set; }

    [SupplyParameterFromQuery(Name = "view")] public string? View { get; set; }

    [SupplyParameterFromQuery(Name = "on")] public string? On { get; set; }

    [Inject] public OnCallQueries Queries { get; set; } = null!;

    [Inject] public OnCallActions Actions { get; set; } = null!;

    [Inject] public TimeProvider Time { get; set; } = null!;

    [Inject] public IJSRuntime Js { get; set; } = null!;

    protected override string[] Topics { get; } = [OnCallActions.Topic, Policy.Topic];

    private IEnumerable<DateTime> Columns => _cells.Take(7).Select(c => c.Local);

    private IEnumerable<Cell[]> Rows => _cells.Chunk(7);

    private string Heading => _week ? DayRange.Of(_first, _first.AddDays(6), CultureInfo.CurrentCulture) : _first.AddDays(10).ToString("MMMM yyyy", CultureInfo.CurrentCulture);

    private DateTimeOffset ChosenFrom => _chosen is { } c ? CellAt(c.From).Span.Start : _instant;

    private DateTimeOffset ChosenTo => _chosen is { } c ? CellAt(c.To).Span.End : _instant.AddHours(12);

    protected override async Task LoadAsync(CancellationToken cancel)
    {
        var user = (await Authentication).User;
        _mayChange = Policies.ScopesOf(user).HasFlag(Scopes.Admin);
        _me = (await ActorAsync()).Name;
        _instant = Time.GetUtcNow();
        _now = await Queries.AtAsync(null, cancel);
        _mySwaps = await Queries.SwapsForAsync(_me, cancel);
        _people = await Queries.PeopleAsync(cancel);
        _name = _now.FirstOrDefault(n => n.Schedule.Name == Schedule)?.Schedule.Name ?? (_now.Count > 0 ? _now[0].Schedule.Name : "");
        _week = View == "week";
        _on = DateOnly.TryParseExact(On, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is > 2000 and < 2200 ? day : null;
        if (_name.Length == 0) { _view = null; return; }
        var clock = WallClock.Of(_now.First(n => n.Schedule.Name == _name).Schedule.TimeZone);
        var cells = CellsOf(clock, _on ?? DateOnly.FromDateTime(clock.Local(_instant)));
        if (_cells.Count != cells.Count || (_cells.Count > 0 && _cells[0] != cells[0])) _chosen = null;
        _cells = cells;
        _view = await Queries.ViewAsync(_name, cells.Min(c => c.Span.Start), cells.Max(c => c.Span.End), cancel);
        _brief = Briefs.Of(_view?.Shifts.Select(s => s.Person) ?? []);
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender) return;
        try
        {
            _module = await Js.InvokeAsync<IJSObjectReference>("import", Gone, "./OnCall/OnCallPage.razor.js");
            await _module.InvokeVoidAsync("start", Gone, _root);
        }
        catch (Exception e) when (e is OperationCanceledException or JSDisconnectedException) { } // gone before it began
    }

    public async ValueTask DisposeAsync()
    {
        Dispose();
        try { if (_module is not null) await _module.DisposeAsync(); }
        catch (JSDisconnectedException) { } // the browser is gone, and its script with it
    }

    private List<Cell> CellsOf(WallClock clock, DateOnly day)
    {
        _first = Monday(_week ? day : new(day.Year, day.Month, 1));
        if (!_week)
        {
            var last = new DateOnly(day.Year, day.Month, 1).AddMonths(1);
            var weeks = (last.DayNumber - _first.DayNumber + 6) / 7;
            return [.. Enumerable.Range(0, weeks * 7).Select(i => Of(i, _first.AddDays(i).ToDateTime(TimeOnly.MinValue), TimeSpan.FromDays(1), _first.AddDays(i).Month == day.Month))];
        }
        var part = TimeSpan.FromHours(24.0 / PartsOfDay);
        // Row by row: all days of a part of the day stand side by side. Their order in time is their index.
        return [.. from row in Enumerable.Range(0, PartsOfDay) from column in Enumerable.Range(0, 7) select Of(column * PartsOfDay + row, _first.AddDays(column).ToDateTime(TimeOnly.MinValue) + part * row, part, true)];

        Cell Of(int index, DateTime local, TimeSpan length, bool inside) => new(index, local, new(clock.Instant(local), clock.Instant(local + length)), inside);
    }

    private static DateOnly Monday(DateOnly day) => day.AddDays(-(((int)day.DayOfWeek + 6) % 7));

    private DateOnly Step(int by) => _week ? _first.AddDays(7 * by) : _first.AddDays(10).AddMonths(by) is var day ? new(day.Year, day.Month, 1) : default;

    private static string Href(string name, bool week, DateOnly? on) => $"/on-call?schedule={Uri.EscapeDataString(name)}{(week ? "&view=week" : "")}{(on is { } day ? $"&on={day:yyyy-MM-dd}" : "")}";

    private Cell CellAt(int index) => _cells.First(c => c.Index == index);

    private bool IsChosen(Cell cell) => _chosen is { } c && cell.Index >= c.From && cell.Index <= c.To;

    private void Choose(int from, int to) => _chosen = from >= 0 && to >= 0 && from < _cells.Count && to < _cells.Count ? (Math.Min(from, to), Math.Max(from, to)) : null;

    /// <summary>Dragged over in the browser: first and last cell in one number.</summary>
    private void ChooseRange(RowActionArgs e) => Choose((int)(e.Number / 10_000), (int)(e.Number % 10_000));

    private string ClassOf(Cell cell) => string.Join(' ', new[]
    {
        cell.Inside ? null : "outside",
        cell.Span.Contains(_instant) ? "today" : null,
        IsChosen(cell) ? "chosen" : null,
    }.Where(c => c is not null));

    private IEnumerable<(Shift Shift, string From)> ShiftsIn(Cell cell) => _view!.Shifts.Where(s => s.Span.Touches(cell.Span))
        .Select(s => (s, !_week && s.Start > cell.Span.Start ? " " + _view.Calendar.Clock.Local(s.Start).ToString("HH:mm", CultureInfo.InvariantCulture) : ""));

    private string TitleOf(string schedule) => _now.FirstOrDefault(n => n.Schedule.Name == schedule)?.Schedule.Shown ?? schedule;

    private bool IsGap(Cell cell) => _view!.Gaps.Any(g => g.Touches(cell.Span));

    private static int Hue(string person) => (int)(person.Aggregate(17u, (h, c) => h * 31 + c) % 8);

    private string Title(Shift shift) => $"{shift.Person}: {When(shift.Start)} – {When(shift.End)} ({T["source." + Words.Of(shift.Source)]})";

    private string When(DateTimeOffset at) => When(at, _view?.Calendar.Schedule.TimeZone ?? "Europe/Paris");

    private static string When(DateTimeOffset at, string zone) => WallClock.Of(zone).Local(at).ToString("ddd d MMM HH:mm", CultureInfo.CurrentCulture);

    private async Task<Refusal?> SaveAsync(OnCallChangeInput input)
    {
        var chosen = _chosen;
        var outcome = await TryAsync((a, c) => Actions.ChangeAsync(input, a, c));
        if (outcome.IsDone) await DoneAsync(T["saved"], chosen);
        return outcome.Refusal;
    }

    private async Task<Refusal?> AskAsync(SwapInput input)
    {
        var chosen = _chosen;
        var outcome = await TryAsync((a, c) => Actions.ProposeAsync(input, a, c));
        if (outcome.IsDone) await DoneAsync(T["swap.asked", input.Asked], chosen);
        return outcome.Refusal;
    }

    private Task<bool> NoteAsync(string text) => ActAsync((a, c) => Actions.WriteNoteAsync(new() { Schedule = _name, Text = text }, a, c), T["note.saved"]);

    private async Task DoneAsync(string said, (int From, int To)? chosen)
    {
        Snackbar.Add(said, MudBlazor.Severity.Success);
        if (_chosen == chosen) _chosen = null; // whoever chose others meanwhile keeps them
        await ReloadAsync();
    }

    /// <param name="Index">Its place in time, from 0.</param>
    /// <param name="Local">Its beginning on the wall clock of the schedule.</param>
    /// <param name="Inside">It belongs to the month shown.</param>
    private sealed record Cell(int Index, DateTime Local, Span Span, bool Inside);
}
