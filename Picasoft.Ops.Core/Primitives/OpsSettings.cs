namespace Picasoft.Ops.Core.Primitives;

/// <summary>What was said at the start, on the command line, in the environment or in <c>appsettings.json</c>.</summary>
public sealed record OpsSettings
{
    /// <summary>State directory, absolute.</summary>
    public required string Data { get; init; }

    /// <summary>A PostgreSQL of somebody else's; null: our private one.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>Addresses to listen on, separated by semicolons.</summary>
    public string Urls { get; init; } = "http://127.0.0.1:8080";

    /// <summary>Where people reach us, for links in messages; null: the first address we listen on.</summary>
    public string? PublicUrl { get; init; }

    /// <summary><c>ops.yaml</c>; null: none.</summary>
    public string? Config { get; init; }

    /// <summary>This node's name.</summary>
    public string Node { get; init; } = Environment.MachineName;

    /// <summary>Where this node stands; probes with locations run only there.</summary>
    public string? Location { get; init; }

    /// <summary>Targets, <c>host:port</c> separated by commas, of which one must answer or this node has lost its network; empty: nobody asks; null: the usual ones, if <see cref="Location"/> is said.</summary>
    public string? References { get; init; }

    /// <summary>Where syslog is heard; empty: nowhere.</summary>
    public string Syslog { get; init; } = "tcp://127.0.0.1:5514,udp://127.0.0.1:5514";

    /// <summary>Folders whose programs plugin probes may run, separated by colons.</summary>
    public string Plugins { get; init; } = DefaultPlugins;

    /// <summary>Folders whose programs recovery plans may run, separated by colons.</summary>
    public string RecoveryPlugins { get; init; } = "/usr/local/lib/picasoft-ops/recovery";

    /// <summary>Folders whose files recovery plans made in the page may name (passwords, tokens), separated by colons; plans of the file may name any.</summary>
    public string RecoverySecrets { get; init; } = "/etc/picasoft-ops/recovery";

    /// <summary>Debian's folder, and that of the machine's own.</summary>
    public const string DefaultPlugins = "/usr/lib/nagios/plugins:/usr/local/lib/nagios/plugins";

    /// <summary>A dead-man's switch outside, Healthchecks-compatible; told every minute that this node lives. Null: none.</summary>
    public string? DeadManUrl { get; init; }

    /// <summary>First administrator of a new store: <c>email:password</c>.</summary>
    public Secret? BootstrapAdmin { get; init; }

    /// <summary>First token of a new store, with all scopes.</summary>
    public Secret? BootstrapToken { get; init; }

    /// <summary>Seals the secrets in the store; null: <c>secret.key</c> in <see cref="Data"/>.</summary>
    public Secret? SecretKey { get; init; }
}
