namespace Picasoft.Ops.Core.Storage;

/// <summary>Our settings of the private server: a small machine that it shares with the application; many small commits, few large queries.</summary>
internal static class PostgresSettings
{
    public static IEnumerable<KeyValuePair<string, string>> Ours(string sockets) => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["listen_addresses"] = "",
        ["unix_socket_directories"] = '"' + sockets + '"', // in quotes: a comma in the path would begin another folder
        ["unix_socket_permissions"] = "0700",
        ["password_encryption"] = "scram-sha-256",
        ["max_connections"] = "100",
        ["shared_buffers"] = "64MB",
        ["effective_cache_size"] = "256MB",
        ["maintenance_work_mem"] = "32MB",
        ["wal_compression"] = "on",
        ["max_wal_size"] = "512MB",
        ["checkpoint_timeout"] = "15min", // rare and spread: each checkpoint makes the next change of every page a full-page write
        ["checkpoint_completion_target"] = "0.9",
        ["random_page_cost"] = "1.1",
        ["jit"] = "off", // compiling costs more than our queries
        ["autovacuum_naptime"] = "20s", // queues (deliveries, claims) turn over quickly
        ["autovacuum_vacuum_scale_factor"] = "0.05",
        ["timezone"] = "UTC",
        ["log_timezone"] = "UTC",
        ["log_checkpoints"] = "off",
        ["log_line_prefix"] = "%m [%p] ",
    };
}
