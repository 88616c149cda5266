using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Web.Live;
using Picasoft.Ops.Web.Ui;

namespace Picasoft.Ops.Web.Silences;

/// <summary>Makes a silence, changes one, or takes up one that ended; shows live what it would hold back.</summary>
public sealed partial class SilenceEditPage : RespondingComponent
{
    private const string Keep = "keep";
    private const string Own = "own";
    private const int MaxComment = 2000;

    private readonly List<Row> _rows = [];
    private string _choice = "4h", _own = "", _comment = "";
    private Silence? _silence;
    private bool _missing, _busy, _filled, _unreadable = true;
    private SilencePreview _preview = new([], 0, []);
    private IReadOnlyList<FieldError> _errors = [];

    [Parameter] public long? Id { get; set; }

    /// <summary>Conditions to begin with.</summary>
    [SupplyParameterFromQuery] public string[]? Matchers { get; set; }

    /// <summary>Number of an incident to silence, or several with commas between.</summary>
    [SupplyParameterFromQuery] public string? Incident { get; set; }

    /// <summary>Id of an alert of that incident: only it is silenced.</summary>
    [SupplyParameterFromQuery] public string? Alert { get; set; }

    [Inject] public SilenceQueries Queries { get; set; } = null!;
    [Inject] public SilenceActions Actions { get; set; } = null!;
    [Inject] public IncidentQueries Incidents { get; set; } = null!;
    [Inject] public TimeProvider Time { get; set; } = null!;
    [Inject] public NavigationManager Navigation { get; set; } = null!;
    [Inject] public IDialogService Dialogs { get; set; } = null!;

    protected override string[] Topics { get; } = [AlertIntake.Topic, SilenceActions.Topic];

    /// <summary>It changes a silence that has not ended; one that has is taken up as a new one.</summary>
    private bool Edits => _silence is not null && _silence.StateAt(Time.GetUtcNow()) != SilenceState.Expired;

    private string Title => Id is null ? T["new.title"] : T[Edits ? "edit.title" : "again.title", Id];

    private IEnumerable<string> Choices => Edits ? [Keep, "1h", "4h", "1d", "7d", Own] : ["1h", "4h", "1d", "7d", Own];

    /// <summary>The same conditions, again and again: that is a maintenance window.</summary>
    private string AgainHref => $"/maintenance/new?Comment={Uri.EscapeDataString(_comment)}{string.Concat(Given.Select(m => $"&Match={Uri.EscapeDataString(m)}"))}";

    private List<string> Given => [.. _rows.Select(r => r.Text.Trim()).Where(t => t.Length > 0)];

    protected override async Task LoadAsync(CancellationToken cancel)
    {
        // What somebody types is theirs: only the first load fills the form, the others renew the preview.
        if (!_filled) await FillAsync(cancel);
        await PreviewAsync(cancel);
    }

    private async Task FillAsync(CancellationToken cancel)
    {
        _filled = true;
        IEnumerable<string> matchers = Matchers ?? [];
        if (Id is { } id)
        {
            var found = await Queries.FindAsync(id, cancel);
            if (!found.IsDone) { _missing = true; return; }
            _silence = found.Value;
            (matchers, _comment) = (_silence.Matchers, _silence.Comment);
            if (Edits) _choice = Keep;
        }
        else if (Numbers.Count > 0)
        {
            var found = new List<IncidentView>();
            foreach (var number in Numbers.Take(SilenceInput.MaxMatchers))
                if (await Incidents.FindAsync(number, cancel) is { } view) found.Add(view);
            // Filled in, so that a silence is two clicks; whoever has more to say writes over it.
            _comment = string.Join(", ", found.Select(v => T["comment.incident", v.Incident.Number, v.Incident.TitleIn(CultureInfo.CurrentUICulture)].Value));
            if (_comment.Length > MaxComment) _comment = string.Join(", ", found.Select(v => $"#{v.Incident.Number}"));
            var alert = found.SelectMany(v => v.Alerts).FirstOrDefault(a => a.Id.ToString(CultureInfo.InvariantCulture) == Alert);
            matchers = matchers.Concat(alert is null ? MatchersOf(found) : Equal(alert.Labels));
        }
        _rows.AddRange(matchers.Take(SilenceInput.MaxMatchers).Select(m => new Row { Text = m }));
        if (_rows.Count == 0) _rows.Add(new());
    }

    private List<long> Numbers => [.. (Incident ?? "").Split(',').Select(n => long.TryParse(n, CultureInfo.InvariantCulture, out var number) ? number : 0).Where(n => n > 0).Distinct()];

    /// <summary>Conditions that hold back all of the incidents: their services and those that suffer with them, else what their alerts have in common.</summary>
    private static IEnumerable<string> MatchersOf(List<IncidentView> incidents)
    {
        if (incidents.Count > 0 && incidents.TrueForAll(v => v.Incident.Service is not null))
        {
            var all = incidents.SelectMany(v => v.Incident.Impact.Prepend(v.Incident.Service!)).Distinct(StringComparer.Ordinal).ToList();
            return [all.Count == 1 ? new Matcher(AlertWords.Service, MatchKind.Equal, all[0]).ToString() : new Matcher(AlertWords.Service, MatchKind.Regex, string.Join('|', all.Select(Regex.Escape))).ToString()];
        }
        var labels = incidents.SelectMany(v => v.Alerts).Where(a => a.IsActive).Select(a => a.Labels).ToList();
        return labels.Count == 0 ? [] : Equal(labels[0].Where(l => labels.TrueForAll(other => other[l.Key] == l.Value)));
    }

    private static IEnumerable<string> Equal(IEnumerable<KeyValuePair<string, string>> labels) => labels.Select(l => new Matcher(l.Key, MatchKind.Equal, l.Value).ToString());

    private async Task PreviewAsync(CancellationToken cancel)
    {
        var matchers = MatcherParser.ParseAll(Given);
        _unreadable = !matchers.IsDone || matchers.Value.Count == 0;
        if (!_unreadable) _preview = await Queries.PreviewAsync(matchers.Value, cancel);
    }

    private Task WriteAsync(Row row, ChangeEventArgs e)
    {
        row.Text = e.Value as string ?? "";
        _errors = [];
        return ReloadAsync(); // never two at once: a slow one of what stood there before would come last
    }

    private Task RemoveAsync(Row row)
    {
        _rows.Remove(row);
        _errors = [];
        return ReloadAsync();
    }

    private async Task SaveAsync()
    {
        if (_busy) return;
        _busy = true;
        try
        {
            var (input, error) = Input();
            if (error is not null) { _errors = [error]; return; }
            var outcome = await TryAsync((actor, cancel) => Edits ? Actions.EditAsync(_silence!.Id, input, actor, cancel) : Actions.CreateAsync(input, actor, cancel));
            if (outcome.Refusal is { } refusal) { _errors = refusal.Errors; return; }
            var saved = outcome.Value;
            Snackbar.Add(T["saved", saved.Id, DurationText.Rough(TimeSpan.FromMinutes(Math.Ceiling((saved.EndsAt - Time.GetUtcNow()).TotalMinutes)))], MudBlazor.Severity.Success);
            Navigation.NavigateTo(Numbers is [var number] ? $"/incidents/{number}" : "/silences");
        }
        finally { _busy = false; }
    }

    private async Task EndAsync()
    {
        if (await ConfirmDialog.AskAsync(Dialogs, T["end.title", _silence!.Id], T["end.text"], T["end"], dangerous: false)
            && await ActAsync((actor, cancel) => Actions.EndAsync(_silence.Id, actor, cancel), T["ended", _silence.Id])) Navigation.NavigateTo("/silences");
    }

    private (SilenceInput Input, FieldError? Error) Input()
    {
        _rows.RemoveAll(r => _rows.Count > 1 && string.IsNullOrWhiteSpace(r.Text)); // so that an error's number is the row's
        TimeSpan? length = null;
        if (_choice != Keep)
        {
            if (!DurationText.TryParse(_choice == Own ? DurationText.In(_own, CultureInfo.InvariantCulture) : _choice, out var parsed)) return (new(), new("duration", Phrase.Of("input.expected_duration", _own)));
            length = parsed;
        }
        return (new() { Matchers = Given, StartsAt = _choice == Keep ? _silence!.StartsAt : null, EndsAt = _choice == Keep ? _silence!.EndsAt : null, Duration = length, Comment = _comment }, null);
    }

    private string? ErrorOf(string field) => _errors.FirstOrDefault(e => e.Field == field)?.Message.In();

    private sealed class Row
    {
        public string Text { get; set; } = "";
    }
}
