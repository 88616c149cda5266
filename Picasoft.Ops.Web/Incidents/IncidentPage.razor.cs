using Microsoft.AspNetCore.Components;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Web.Live;

namespace Picasoft.Ops.Web.Incidents;

/// <summary>One incident: what it is, what to do, what was done. Live; what somebody types is kept through reloads and lost connections.</summary>
public sealed partial class IncidentPage : RespondingComponent
{
    private IncidentView? _view;
    private IReadOnlyList<string> _people = [];
    private string _me = "";
    private bool _loaded;

    [Parameter] public long Number { get; set; }

    [Inject] public IncidentQueries Queries { get; set; } = null!;
    [Inject] public InventoryActions Inventory { get; set; } = null!;
    [Inject] public IncidentActions Actions { get; set; } = null!;

    protected override string[] Topics => [IncidentActions.Topic, InventoryActions.Topic, "alerts", "silences", "deliveries"];

    // The id of an incident's news is its number; of alerts and silences it is their own, so those always count.
    protected override bool Concerns(Change change) => change.Topic != IncidentActions.Topic || change.Id == Number || change.Id == 0;

    protected override async Task LoadAsync(CancellationToken cancel)
    {
        _me = (await ActorAsync()).Name;
        _view = await Queries.FindAsync(Number, cancel);
        if (MayRespond && _people.Count == 0) _people = await Queries.ResponderNamesAsync(cancel);
        _loaded = true;
    }

    private int Revision => _view!.Incident.Revision;

    private Task<bool> MoveAsync(Move move) => ActAsync((actor, cancel) => move.Action switch
    {
        IncidentAction.Acknowledge => Actions.AcknowledgeAsync(Number, actor, move.Comment, move.ExpiresIn, Revision, cancel),
        IncidentAction.Mitigate => Actions.MitigateAsync(Number, actor, move.Comment, Revision, cancel),
        IncidentAction.Resolve => Actions.ResolveAsync(Number, actor, move.Comment, Revision, cancel),
        IncidentAction.Reopen => Actions.ReopenAsync(Number, actor, move.Comment, Revision, cancel),
        IncidentAction.Escalate => Actions.EscalateAsync(Number, actor, move.Comment, Revision, cancel),
        _ => throw new ArgumentOutOfRangeException(nameof(move), move.Action, "not for people"),
    }, T["done." + Words.Of(move.Action)]);

    private async Task AssignAsync(string? name)
    {
        var to = name is null ? null : await Queries.ResponderAsync(name, Gone);
        await ActAsync((actor, cancel) => Actions.AssignAsync(Number, actor, to, Revision, cancel));
    }

    private Task<bool> SetSeverityAsync(Severity severity) => ActAsync((actor, cancel) => Actions.SetSeverityAsync(Number, actor, severity, Revision, cancel));

    private Task<bool> NoteAsync(string text) => ActAsync((actor, cancel) => Actions.NoteAsync(Number, actor, text, cancel), T["done.note"]);

    // The file's runbook is changed in the file, and one that is kept elsewhere there.
    private Func<string, string?, Task>? Promote => _view?.Service is { FromFile: false, Runbook: var written } && !Runbook.IsElsewhere(written) ? PromoteAsync : null;

    private Task PromoteAsync(string text, string? command) => ActAsync((actor, cancel) => Inventory.AddRunbookStepAsync(_view!.Service!.Name, text, command, actor, cancel), T["done.promoted"]);

    private Task<bool> RecordAsync(RecoveryAction action) =>
        ActAsync((actor, cancel) => Actions.RecordActionAsync(Number, actor, action.Text, action.Command, action.Output, action.Helped, cancel), T["done.action"]);
}

/// <summary>A step in an incident's life that somebody chose.</summary>
public sealed record Move(IncidentAction Action, string? Comment, TimeSpan? ExpiresIn);

/// <summary>What somebody did to bring the service back.</summary>
public sealed record RecoveryAction(string Text, string? Command, string? Output, bool? Helped);
