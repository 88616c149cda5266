using Picasoft.Ops.Core.Primitives;
using static Picasoft.Ops.Core.Configuration.Import.ImportNodes;

namespace Picasoft.Ops.Core.Configuration.Import;

/// <summary>What an Alertmanager's receiver becomes here: a channel. Secrets are not written: a variable stands in for each, and that is said. Pure.</summary>
internal static class ImportedChannels
{
    private static readonly string[] _notOfMail = ["html", "text", "headers", "tls_config", "auth_secret", "auth_identity", "hello"];

    /// <summary>Null: there is no such channel here, and that was said.</summary>
    /// <param name="kind">Its key: <c>slack_configs</c>.</param>
    /// <param name="name">How the channel is to be called.</param>
    /// <param name="where">Its place in their file, for the notes.</param>
    public static InputMap? Of(string kind, InputMap config, InputMap global, string name, string where, List<string> notes)
    {
        if (Text(config, "send_resolved") == "false") notes.Add($"{where}.send_resolved: whoever was told of a beginning is told of the end here");
        switch (kind)
        {
            case "email_configs":
                return Mail(config, global, name, where, notes);
            case "slack_configs" or "mattermost_configs": // a Mattermost takes what is meant for Slack, and most who write slack_configs have one
                Left(config, where, notes, "send_resolved", "api_url", "webhook_url", "channel");
                return Channel(name, "mattermost", ("url", Variable(name, "URL", where, notes)), ("room", Text(config, "channel") is { Length: > 1 } room ? Quoted(room.TrimStart('#')) : null));
            case "webhook_configs":
                notes.Add($"{where}: the body is ours, not Alertmanager's; a template can shape it (docs/channels.md)");
                Left(config, where, notes, "send_resolved", "url", "url_file");
                return Channel(name, "webhook", ("url", Variable(name, "URL", where, notes)));
            case "telegram_configs":
                Left(config, where, notes, "send_resolved", "bot_token", "bot_token_file", "chat_id", "api_url");
                return Channel(name, "telegram", ("token", Variable(name, "TOKEN", where, notes)), ("chat", Quoted(Text(config, "chat_id") ?? "")), ("server", Text(config, "api_url") is { } server ? Quoted(server) : null));
            default:
                notes.Add($"{where}: there is no such channel here; the receiver's others are told instead, or everybody");
                return null;
        }
    }

    private static InputMap Mail(InputMap mail, InputMap global, string name, string where, List<string> notes)
    {
        string? Given(string own, string common) => Text(mail, own) ?? Text(global, common);
        var to = (Text(mail, "to") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var smarthost = Given("smarthost", "smtp_smarthost") ?? "localhost:25";
        var colon = smarthost.LastIndexOf(':');
        var (host, port) = colon > 0 ? (smarthost[..colon], smarthost[(colon + 1)..]) : (smarthost, "25");
        var tls = port == "465" ? "tls" : Given("require_tls", "smtp_require_tls") == "false" ? "none" : "starttls";
        var smtp = new List<(string, InputNode)> { ("host", Quoted(host)), ("port", Plain(port)), ("tls", Plain(tls)) };
        if (Given("auth_username", "smtp_auth_username") is { } user)
        {
            smtp.Add(("user", Quoted(user)));
            smtp.Add(("password", Variable(name, "PASSWORD", where, notes)));
        }
        foreach (var more in _notOfMail.Where(m => mail[m] is not null)) notes.Add($"{where}.{more}: not carried over");
        return Channel(name, "email", ("from", Quoted(Given("from", "smtp_from") ?? "ops@localhost")), ("to", Texts(to)), ("smtp", Map([.. smtp])));
    }

    private static InputMap Channel(string name, string type, params (string Name, InputNode? Value)[] settings) =>
        Map([("name", Quoted(name)), ("type", Plain(type)), .. settings.Where(s => s.Value is not null).Select(s => (s.Name, s.Value!))]);

    private static InputScalar Variable(string name, string what, string where, List<string> notes)
    {
        var variable = $"{name.ToUpperInvariant().Replace('-', '_').Replace('.', '_')}_{what}";
        notes.Add($"{where}: no password, key or address that is one is written into the file; set the variable {variable}");
        return Quoted("${" + variable + "}");
    }

    private static void Left(InputMap config, string where, List<string> notes, params string[] known)
    {
        foreach (var entry in config.Entries.Where(e => !known.Contains(e.Name, StringComparer.Ordinal))) notes.Add($"{where}.{entry.Name}: not carried over");
    }
}
