using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Web.Incidents;

/// <summary>Declares an incident that no alert speaks of.</summary>
internal sealed class DeclareInput
{
    [Setting(Required = true, MaxLength = 300)]
    public string Title { get; init; } = "";

    public Severity Severity { get; init; } = Severity.High;

    [Setting(MaxLength = 100)]
    public string? Service { get; init; }

    [Setting(MaxLength = IncidentActions.MaxText)]
    public string? Text { get; init; }
}

/// <summary>A step in an incident's life.</summary>
internal class CommentInput
{
    [Setting(MaxLength = IncidentActions.MaxText)]
    public string? Comment { get; init; }

    /// <summary>The revision the actor saw; when it is another by now, nothing is done.</summary>
    public int? ExpectedRevision { get; init; }
}

internal sealed class AcknowledgeInput : CommentInput
{
    /// <summary>When the acknowledgement ends by itself.</summary>
    [Setting(Min = "1s", Max = "30d")]
    public TimeSpan? ExpiresIn { get; init; }
}

internal sealed class NoteInput
{
    [Setting(Required = true, MaxLength = IncidentActions.MaxText)]
    public string Text { get; init; } = "";
}

/// <summary>Something that was tried to bring the service back.</summary>
internal sealed class ActionInput
{
    [Setting(Required = true, MaxLength = IncidentActions.MaxText)]
    public string Text { get; init; } = "";

    [Setting(MaxLength = IncidentActions.MaxText)]
    public string? Command { get; init; }

    [Setting(MaxLength = IncidentActions.MaxText)]
    public string? Output { get; init; }

    public bool? Helped { get; init; }
}

internal sealed class AssignInput
{
    /// <summary>Name or e-mail address; null: nobody. Must be said.</summary>
    [Setting(MaxLength = 256)]
    public string? To { get; init; }

    public int? ExpectedRevision { get; init; }
}

internal sealed class SeverityInput
{
    [Setting(Required = true)]
    public Severity? Severity { get; init; }

    public int? ExpectedRevision { get; init; }
}

internal sealed class MergeInput
{
    /// <summary>Number of the incident that takes over.</summary>
    [Setting(Required = true, Min = "1")]
    public long? Into { get; init; }

    public int? ExpectedRevision { get; init; }
}
