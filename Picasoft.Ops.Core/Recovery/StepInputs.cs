using System.Text.Json.Nodes;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Recovery;

/// <summary>One step of a recovery plan.</summary>
[OneOf(nameof(Manual), nameof(Check), nameof(Http), nameof(Patroni), nameof(Haproxy), nameof(Docker), nameof(Ssh), nameof(Plugin))]
public sealed record RecoveryStepInput
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

    public HaproxyStepInput? Haproxy { get; init; }

    public DockerStepInput? Docker { get; init; }

    public SshStepInput? Ssh { get; init; }

    public PluginStepInput? Plugin { get; init; }

    /// <summary>Somebody confirms before it is done, also in a run that goes by itself.</summary>
    public bool Destructive { get; init; }

    /// <summary>How long it may take.</summary>
    [Setting(Min = "1s", Max = "1h")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The product does something: it neither looks only, nor leaves it to a person.</summary>
    internal bool Acts => Check is null && Manual is null;

    /// <summary>It acts, and nobody is asked before.</summary>
    internal bool IsUnasked => !Destructive && Acts;

    /// <summary>Whatever it is called, and however long it may take.</summary>
    internal bool DoesAs(RecoveryStepInput other) => Json.Text(this with { Title = "", Timeout = default }) == Json.Text(other with { Title = "", Timeout = default });
}

/// <summary>What must hold before the first step: it only looks.</summary>
public sealed record PreflightInput
{
    [Setting(Required = true, MaxLength = 200, Example = "Is everything whole?")]
    public string Title { get; init; } = "";

    [Setting(Required = true)]
    public CheckStepInput? Check { get; init; }

    /// <summary>How long it may take.</summary>
    [Setting(Min = "1s", Max = "1h")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    internal RecoveryStepInput ToStep() => new() { Title = Title, Check = Check, Timeout = Timeout };
}

/// <summary>Holds when an address says 200, or when a cluster has nothing wrong.</summary>
[OneOf(nameof(Url), nameof(Cluster))]
public sealed record CheckStepInput : IChecked
{
    [Setting(MaxLength = 2000, Example = "http://10.0.0.10:7001/postgres")]
    public string? Url { get; init; }

    [Setting(Name = true, Example = "database")]
    public string? Cluster { get; init; }

    public IEnumerable<FieldError> Check()
    {
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

    internal string ContentType => Body.AsSpan().TrimStart() is ['{' or '[', ..] ? "application/json" : "text/plain";

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

    /// <summary>What Patroni's REST API is sent.</summary>
    /// <param name="leader">Who leads before; only a switchover says it.</param>
    internal string BodyFor(string? leader)
    {
        var body = new JsonObject();
        if (Action == PatroniAction.Switchover && leader is not null) body["leader"] = leader;
        if (Action is PatroniAction.Switchover or PatroniAction.Failover && Member is not null) body["candidate"] = Member;
        return body.ToJsonString();
    }

    public IEnumerable<FieldError> Check()
    {
        if (Member is null && Action is PatroniAction.Failover or PatroniAction.Reinitialize or PatroniAction.Restart && Member is null) yield return new("member", Phrase.Of("input.required"));
    }
}

/// <summary>What becomes of a server behind HAProxy.</summary>
public enum HaproxyAction
{
    /// <summary>Gets no new connections; those it has go on.</summary>
    Drain,
    Ready,
    /// <summary>Gets none, and is not checked.</summary>
    Maint,
}

/// <summary>A request to HAProxy's runtime API (<c>stats socket … level admin</c>).</summary>
public sealed record HaproxyStepInput : IChecked
{
    /// <summary>A socket's path on the product's machine, or <c>host:port</c>.</summary>
    [Setting(Required = true, MaxLength = 200, Example = "/run/haproxy/admin.sock")]
    public string Socket { get; init; } = "";

    [Setting(Required = true, MaxLength = 100, Example = "postgres_rw")]
    public string Backend { get; init; } = "";

    [Setting(Required = true, MaxLength = 100, Example = "alice")]
    public string Server { get; init; } = "";

    [Setting(Required = true)]
    public HaproxyAction? Action { get; init; }

    public IEnumerable<FieldError> Check()
    {
        if (Socket.Length > 0 && Steps.HaproxyStepActions.EndPointOf(Socket) is null) yield return new("socket", Phrase.Of("recovery.bad_socket", Socket));
        foreach (var (field, word) in new[] { ("backend", Backend), ("server", Server) })
            if (!word.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or ':')) yield return new(field, Phrase.Of("recovery.bad_word", word));
    }
}

/// <summary>What becomes of a container.</summary>
public enum DockerAction
{
    Start,
    Stop,
    Restart,
}

/// <summary>A request to Docker's Engine API (Podman's too).</summary>
public sealed record DockerStepInput : IChecked
{
    /// <summary>The Engine's socket on the product's machine, or the address of one that a proxy gives out.</summary>
    [Setting(Required = true, MaxLength = 2048)]
    public string Engine { get; init; } = "/var/run/docker.sock";

    [Setting(Required = true, MaxLength = 200, Example = "mattermost")]
    public string Container { get; init; } = "";

    [Setting(Required = true)]
    public DockerAction? Action { get; init; }

    public IEnumerable<FieldError> Check()
    {
        if (!Engine.StartsWith('/') && HttpStepInput.IsBad(Engine)) yield return new("engine", Phrase.Of("recovery.bad_url", Engine));
        if (!Container.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.')) yield return new("container", Phrase.Of("recovery.bad_word", Container));
    }
}

/// <summary>A command on another machine, by its name in that machine's list (<c>ssh_hosts</c>): a plan cannot say any other.</summary>
public sealed record SshStepInput
{
    /// <summary>Name of an <see cref="SshHostInput"/>.</summary>
    [Setting(Required = true, Name = true, Example = "alice")]
    public string Host { get; init; } = "";

    /// <summary>Name of one of its commands.</summary>
    [Setting(Required = true, MaxLength = 100, Example = "restart-mail")]
    public string Command { get; init; } = "";
}

/// <summary>A program of the folders in <c>OPS_RECOVERY_PLUGINS</c>; well when it ends with 0.</summary>
public sealed record PluginStepInput : IChecked
{
    /// <summary>Name of the program; no path.</summary>
    [Setting(Required = true, MaxLength = 100, Example = "restore-wekan")]
    public string Command { get; init; } = "";

    /// <summary>One argument an item, given as it stands: no shell reads it.</summary>
    [Setting(MaxLength = 1000)]
    public IReadOnlyList<string> Arguments { get; init; } = [];

    public IEnumerable<FieldError> Check()
    {
        if (!Probes.Kinds.PluginRunner.IsName(Command)) yield return new("command", Phrase.Of("recovery.bad_word", Command));
    }
}
