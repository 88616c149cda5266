using MudBlazor;
using Picasoft.Ops.Core.People;

namespace Picasoft.Ops.Web.Shell;

/// <summary>One entry of the menu.</summary>
/// <param name="Href">Where it leads.</param>
/// <param name="Key">Its text.</param>
/// <param name="Icon">An SVG path.</param>
/// <param name="Needs">Shown only to those who may.</param>
/// <param name="Beside">Pages that are reached from its own, and belong to it.</param>
public sealed record NavItem(string Href, string Key, string Icon, Scopes Needs = Scopes.Read, params IReadOnlyList<string> Beside)
{
    /// <summary>In the order of a bad night; the first <see cref="Thumb"/> are one touch away on a phone.</summary>
    public static IReadOnlyList<NavItem> All { get; } =
    [
        new("/", "nav.inbox", Icons.Material.Outlined.Inbox),
        new("/incidents", "nav.incidents", Icons.Material.Outlined.Report),
        new("/services", "nav.services", Icons.Material.Outlined.Dns, Scopes.Read, "/hosts", "/availability", "/status-page"),
        new("/on-call", "nav.on_call", Icons.Material.Outlined.SupportAgent),
        new("/silences", "nav.silences", Icons.Material.Outlined.NotificationsPaused),
        new("/maintenance", "nav.maintenance", Icons.Material.Outlined.EventRepeat),
        new("/probes", "nav.probes", Icons.Material.Outlined.Radar, Scopes.Read, "/nodes"),
        new("/prevention", "nav.prevention", Icons.Material.Outlined.TrendingDown),
        new("/heartbeats", "nav.heartbeats", Icons.Material.Outlined.MonitorHeart),
        new("/backups", "nav.backups", Icons.Material.Outlined.Backup),
        new("/logs", "nav.logs", Icons.Material.Outlined.Subject),
        new("/recovery", "nav.recovery", Icons.Material.Outlined.Healing),
        new("/routing", "nav.routing", Icons.Material.Outlined.AltRoute),
        new("/channels", "nav.channels", Icons.Material.Outlined.Campaign, Scopes.Read, "/message-templates"),
        new("/deliveries", "nav.deliveries", Icons.Material.Outlined.Outbox),
        new("/configuration", "nav.configuration", Icons.Material.Outlined.SettingsSuggest, Scopes.Admin),
        new("/people", "nav.people", Icons.Material.Outlined.Group, Scopes.Admin),
        new("/tokens", "nav.tokens", Icons.Material.Outlined.Key, Scopes.Admin),
        new("/audit", "nav.audit", Icons.Material.Outlined.History, Scopes.Admin),
    ];

    /// <summary>How many entries the bar of a phone has besides "more".</summary>
    public const int Thumb = 4;

    /// <summary>Whether <paramref name="path"/> is this entry's page, one that belongs to it, or one below these.</summary>
    public bool IsAt(string path) =>
        Href == "/" ? path == "/" : Beside.Prepend(Href).Any(h => path.Equals(h, StringComparison.OrdinalIgnoreCase) || path.StartsWith(h + "/", StringComparison.OrdinalIgnoreCase));
}
