using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Recovery;

/// <summary>How to bring a service back, as people write it under <c>recovery_plans</c>.</summary>
public sealed record RecoveryPlanInput
{
    [Setting(Required = true, Name = true, Example = "move-database")]
    public string Name { get; init; } = "";

    [Setting(MaxLength = 200, Example = "Move the database off a machine")]
    public string? Title { get; init; }

    /// <summary>What it brings back; its targets are that service's <c>rto</c> and <c>rpo</c>.</summary>
    [Setting(Required = true, Name = true, Example = "postgres")]
    public string Service { get; init; } = "";

    /// <summary>Who keeps it true.</summary>
    [Setting(MaxLength = 100)]
    public string? Owner { get; init; }

    /// <summary>How many different people must agree before a destructive step: whoever started it is one.</summary>
    [Setting(Min = "1", Max = "2")]
    public int People { get; init; } = 1;

    [Setting(Required = true, MaxLength = 50)]
    public IReadOnlyList<RecoveryStepInput> Steps { get; init; } = [];
}

/// <summary>One step: exactly one of <c>manual</c>, <c>check</c>, <c>http</c> and <c>patroni</c>.</summary>
public sealed record RecoveryStepInput : IChecked
{
    [Setting(Required = true, MaxLength = 200, Example = "Move the primary")]
    public string Title { get; init; } = "";

    /// <summary>What a person does, in Markdown; they confirm it.</summary>
    [Setting(Multiline = true)]
    public string? Manual { get; init; }

    /// <summary>What must hold before going on.</summary>
    public CheckStepInput? Check { get; init; }

    public HttpStepInput? Http { get; init; }

    public PatroniStepInput? Patroni { get; init; }

    /// <summary>Somebody confirms before it is done, also in a run that goes by itself.</summary>
    public bool Destructive { get; init; }

    /// <summary>How long it may take.</summary>
    [Setting(Min = "1s", Max = "1h")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    IEnumerable<FieldError> IChecked.Check()
    {
        if (new object?[] { string.IsNullOrWhiteSpace(Manual) ? null : Manual, Check, Http, Patroni }.Count(s => s is not null) != 1) yield return new("", Phrase.Of("recovery.one_of"));
    }
}

/// <summary>Holds when an address says 200, or when a cluster has nothing wrong.</summary>
public sealed record CheckStepInput : IChecked
{
    [Setting(MaxLength = 2000, Example = "http://10.0.0.10:7001/postgres")]
    public string? Url { get; init; }

    [Setting(Name = true, Example = "database")]
    public string? Cluster { get; init; }

    public IEnumerable<FieldError> Check()
    {
        if (Url is null == Cluster is null) yield return new("", Phrase.Of("recovery.url_or_cluster"));
        if (Url is { } url && HttpStepInput.IsBad(url)) yield return new("url", Phrase.Of("recovery.bad_url", url));
    }
}

/// <summary>What may be called.</summary>
public enum HttpVerb
{
    Get,
    Post,
    Put,
    Delete,
}

/// <summary>An HTTP call; well when the answer is 2xx.</summary>
public sealed record HttpStepInput : IChecked
{
    [Setting(Required = true, MaxLength = 2000)]
    public string Url { get; init; } = "";

    public HttpVerb Method { get; init; } = HttpVerb.Post;

    [Setting(Multiline = true)]
    public string? Body { get; init; }

    /// <summary>A file on the product's machine whose first line is sent as <c>Authorization: Bearer</c>: secrets stay out of the plan.</summary>
    [Setting(MaxLength = 500, Example = "/run/secrets/deploy.token")]
    public string? TokenFile { get; init; }

    public IEnumerable<FieldError> Check()
    {
        if (Url.Length > 0 && IsBad(Url)) yield return new("url", Phrase.Of("recovery.bad_url", Url));
    }

    internal static bool IsBad(string url) => !Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https");
}

/// <summary>What Patroni is asked; it decides itself whether it can be done.</summary>
public enum PatroniAction
{
    Switchover,
    Failover,
    Reinitialize,
    Restart,
}

/// <summary>A request to a Patroni cluster.</summary>
public sealed record PatroniStepInput : IChecked
{
    [Setting(Required = true, Name = true, Example = "database")]
    public string Cluster { get; init; } = "";

    [Setting(Required = true)]
    public PatroniAction? Action { get; init; }

    /// <summary>Who leads afterwards; of whom, for reinitialize and restart.</summary>
    [Setting(Name = true, Example = "bob")]
    public string? Member { get; init; }

    [Setting(MaxLength = 100)]
    public string User { get; init; } = "patroni";

    /// <summary>A file on the product's machine whose first line is the password.</summary>
    [Setting(MaxLength = 500, Example = "/run/secrets/patroni.password")]
    public string? PasswordFile { get; init; }

    public IEnumerable<FieldError> Check()
    {
        if (Member is null && Action is PatroniAction.Failover or PatroniAction.Reinitialize or PatroniAction.Restart && Member is null) yield return new("member", Phrase.Of("input.required"));
    }
}
