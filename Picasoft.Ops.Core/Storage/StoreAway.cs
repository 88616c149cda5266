using System.Net.Sockets;
using Npgsql;

namespace Picasoft.Ops.Core.Storage;

/// <summary>Tells a store that was lost, or could not do it now, from a mistake: the same may work in a moment.</summary>
public static class StoreAway
{
    /// <summary>How long whoever was refused should wait before they try again.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public static bool Is(Exception? exception) => exception switch
    {
        null => false,
        PostgresException e => e.IsTransient || IsCut(e.SqlState),
        // Npgsql's own words, with nothing beneath: of several servers none is the primary just now.
        NpgsqlException { InnerException: null } => true,
        NpgsqlException { IsTransient: true } or NpgsqlException { InnerException: IOException or SocketException or TimeoutException } => true,
        _ => Is(exception.InnerException),
    };

    // Class 57P: the server ends the session (an administrator, a crash, a restart). Class 08: the connection is gone.
    private static bool IsCut(string state) => state.StartsWith("57P", StringComparison.Ordinal) || state.StartsWith("08", StringComparison.Ordinal);
}
