using Microsoft.Extensions.Configuration;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Web.Commands;

/// <summary>Reads what was said at the start: a flag goes before the environment, the environment before <c>appsettings.json</c>; <c>X_FILE</c> stands in for <c>X</c>.</summary>
internal static class SettingsReader
{
    public static OpsSettings Read(Arguments arguments) => Read(arguments, new ConfigurationBuilder()
        .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
        .AddJsonFile(Path.Combine(Environment.CurrentDirectory, "appsettings.json"), optional: true)
        .AddEnvironmentVariables()
        .Build());

    internal static OpsSettings Read(Arguments? arguments, IConfiguration configuration)
    {
        string? Say(string key, string? flag = null) => flag is not null && arguments?[flag] is { } said ? said : Value(configuration, key);
        var defaults = new OpsSettings { Data = "" };
        return new()
        {
            Data = Path.GetFullPath(Say("OPS_DATA", "--data") ?? DataFolder.Default()),
            ConnectionString = Say("ConnectionStrings:Ops"),
            Urls = Say("OPS_URLS", "--urls") ?? defaults.Urls,
            PublicUrl = Say("OPS_PUBLIC_URL")?.TrimEnd('/'),
            Config = Say("OPS_CONFIG", "--config") is { } file ? Path.GetFullPath(file) : null,
            Node = Say("OPS_NODE") ?? defaults.Node,
            Location = Say("OPS_LOCATION"),
            References = configuration["OPS_REFERENCES"],
            Syslog = configuration["OPS_SYSLOG"] ?? defaults.Syslog, // empty is an answer: nowhere
            Plugins = configuration["OPS_PLUGINS"] ?? defaults.Plugins, // empty: none may be run
            RecoveryPlugins = configuration["OPS_RECOVERY_PLUGINS"] ?? defaults.RecoveryPlugins, // likewise
            RecoverySecrets = configuration["OPS_RECOVERY_SECRETS"] ?? defaults.RecoverySecrets, // likewise
            DeadManUrl = Say("OPS_DEAD_MAN_URL"),
            BootstrapAdmin = Hidden(Say("OPS_BOOTSTRAP_ADMIN")),
            BootstrapToken = Hidden(Say("OPS_BOOTSTRAP_TOKEN")),
            SecretKey = Hidden(Say("OPS_SECRET_KEY")),
        };
    }

    private static string? Value(IConfiguration configuration, string key)
    {
        if (configuration[key] is { Length: > 0 } value) return value;
        if (configuration[key + "_FILE"] is not { Length: > 0 } file) return null;
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PlainError($"{key.Replace(":", "__", StringComparison.Ordinal)}_FILE names {file}, which cannot be read ({e.Message}): put the secret there, or name another file.", e);
        }
    }

    private static Secret? Hidden(string? text) => text is null ? null : new(text);
}
