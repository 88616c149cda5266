using Microsoft.AspNetCore.Components;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Web.Access;
using Picasoft.Ops.Web.Live;
using Picasoft.Ops.Web.Ui;

namespace Picasoft.Ops.Web.Alerts;

/// <summary>One route, escalation, rule or window: what it says, and live what the change would do to the alerts of now.</summary>
public sealed partial class PolicyEditPage : LiveComponent
{
    private PolicyShape? _shape;
    private PolicyRow? _row;
    private SettingsDraft? _draft;
    private IReadOnlyList<FieldError> _errors = [];
    private IReadOnlyList<string> _targets = [];
    private PolicyEffect? _effect;
    private Maintenance? _window;
    private DateTimeOffset _now;
    private string _previewed = "";
    private bool _missing, _mayChange, _looking, _again;

    /// <summary><c>routes</c>, <c>inhibit-rules</c> …; null: a maintenance window.</summary>
    [Parameter] public string? Path { get; set; }

    [Parameter] public string? Name { get; set; }

    /// <summary>Conditions to begin with: a silence that is to come again.</summary>
    [SupplyParameterFromQuery] public string[]? Match { get; set; }

    [SupplyParameterFromQuery] public string? Comment { get; set; }

    protected override string[] Topics { get; } = [Policy.Topic, AlertIntake.Topic];

    private bool ReadOnly => !_mayChange || _row?.Policy.FromFile == true;

    private string Back => _shape?.Kind == PolicyKind.Maintenance ? "/maintenance" : "/routing";

    private string Title => _row is null ? T["new." + Words.Of(_shape!.Kind)] : T["edit." + Words.Of(_shape!.Kind), _shape.IsNamed ? _row.Policy.Name : _row.Number];

    /// <summary>A silence once, for what is in the form.</summary>
    private string SilenceHref => "/silences/new?" + string.Join('&', ((_draft?.ToInput()["match"] as InputList)?.Items ?? []).OfType<InputScalar>().Select(m => $"Matchers={Uri.EscapeDataString(m.Text ?? "")}"));

    protected override async Task LoadAsync(CancellationToken cancel)
    {
        _now = Time.GetUtcNow();
        var shape = PolicyShape.At(Path ?? "maintenance");
        if (_draft is null || shape != _shape || _row?.Policy.Name != Name) await FillAsync(shape, cancel); // what somebody is typing is not replaced under their fingers
        _previewed = "";
        await PreviewAsync(cancel);
    }

    private async Task FillAsync(PolicyShape? shape, CancellationToken cancel)
    {
        // A window has pages of its own, and only those.
        (_shape, _draft, _errors) = (shape is null || (shape.Kind == PolicyKind.Maintenance && Path is not null) ? null : shape, null, []);
        if (_shape is null) return;
        var scopes = Policies.ScopesOf((await Authentication).User);
        _mayChange = scopes.HasFlag(_shape.Kind == PolicyKind.Maintenance ? Scopes.Respond : Scopes.Admin);
        _row = Name is null ? null : await Queries.FindAsync(_shape.Kind, Name, cancel);
        _missing = Name is not null && _row is null;
        if (_missing) return;
        var input = _row?.Input ?? (_shape.Kind == PolicyKind.Maintenance ? new MaintenanceInput { Match = Match ?? [], Comment = Comment } : Activator.CreateInstance(_shape.Input));
        var isKept = _row is not null && _shape.IsNamed;
        _draft = SettingsDraft.Of(_shape.Input, input, isKept ? ["name"] : []);
        if (isKept) _draft.Fixed["name"] = _row!.Policy.Name;
        if (_shape.Kind == PolicyKind.Route)
            _draft.Choices["*.escalation"] = [.. (await Queries.ListAsync(PolicyKind.Escalation, cancel)).Select(p => p.Policy.Name).Append("default").Distinct(StringComparer.Ordinal)];
        if (_shape.Kind == PolicyKind.Escalation) _targets = await Queries.TargetsAsync(cancel);
    }

    private PolicyChange Change(object input) => new(_shape!.Kind, _row?.Policy.Name, input, null, _row?.Policy.Version);

    private async Task TouchAsync()
    {
        _again = true;
        if (_looking) return;
        _looking = true;
        try
        {
            while (_again) // what was typed while we looked counts too
            {
                _again = false;
                await Task.Delay(250, Gone); // somebody is typing
                await PreviewAsync(Gone);
            }
        }
        finally { _looking = false; }
    }

    private async Task PreviewAsync(CancellationToken cancel)
    {
        if (_draft is null || _shape is null) return;
        var written = _draft.ToInput();
        var text = InputWriter.Canonical(written);
        if (text == _previewed) return;
        _previewed = text;
        var read = _shape.Read(written);
        _window = read.IsDone && read.Value is MaintenanceInput input ? new(input) : null;
        _effect = read.IsDone && !ReadOnly && (await Queries.PreviewAsync(Change(read.Value), cancel)) is { IsDone: true } found ? found.Value : null;
    }

    private async Task SaveAsync()
    {
        var read = _shape!.Read(_draft!.ToInput());
        var outcome = read.Refusal is { } unreadable ? unreadable : await Actions.ChangeAsync(Change(read.Value), await ActorAsync(), Gone);
        _errors = outcome.Refusal?.Errors ?? [];
        if (!outcome.IsDone) return;
        Snackbar.Add(T["saved"], MudBlazor.Severity.Success);
        Navigation.NavigateTo(Back);
    }

    private async Task DeleteAsync()
    {
        var gone = PolicyChange.Delete(_shape!.Kind, _row!.Policy.Name);
        var effect = await Queries.PreviewAsync(gone, Gone);
        if (effect.Refusal is { } no) { Snackbar.Add(no.ToString(), MudBlazor.Severity.Warning); return; }
        var said = effect.Value.Changed == 0 ? T["effect.none", effect.Value.Alerts] : T["effect.some", effect.Value.Changed, effect.Value.Alerts];
        if (!await ConfirmDialog.AskAsync(Dialogs, T["delete.title"], said, T["delete"])) return;
        var outcome = await Actions.ChangeAsync(gone, await ActorAsync(), Gone);
        if (outcome.Refusal is { } refusal) Snackbar.Add(refusal.ToString(), MudBlazor.Severity.Error);
        else Navigation.NavigateTo(Back);
    }
}
