using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes.Kinds;

namespace Picasoft.Ops.Core.Probes;

/// <summary>A check failed for a reason that is already in words.</summary>
public sealed class ProbeFailure(Phrase reason) : Exception(reason.Key)
{
    public Phrase Reason { get; } = reason;
}

/// <summary>Says in words a human understands what an exception of the network means. Pure.</summary>
public static class ProbeReasons
{
    private const int MaxShown = 200;

    /// <param name="exception">What was thrown.</param>
    /// <param name="host">To whom we spoke.</param>
    /// <param name="port">On which port.</param>
    public static Phrase Of(Exception exception, string host, int port)
    {
        var at = TcpProbe.Endpoint(Shown(host), port);
        for (var e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case ProbeFailure failure: return failure.Reason;
                case SocketException socket: return OfSocket(socket, Shown(host), at);
                case AuthenticationException: return Phrase.Of("probe.tls_failed", at);
                case IOException { InnerException: null, Source: "System.Net.Security" }: return Phrase.Of("probe.tls_failed", at); // hung up in the middle of the handshake
                case HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded }: return Phrase.Of("probe.closed");
                case HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded }: return Phrase.Of("probe.closed");
                case HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError }: return Phrase.Of("probe.not_http", at);
                case HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded }: return Phrase.Of("probe.headers_too_large");
                case HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError, InnerException: null or IOException { InnerException: null } }: return Phrase.Of("probe.tls_failed", at);
            }
        }
        return Phrase.Of("probe.failed", Shown(Innermost(exception).Message));
    }

    /// <summary>Of a socket that has a path instead of an address; null: it is not the socket's fault.</summary>
    public static Phrase? OfPath(Exception exception, string path)
    {
        for (var e = exception; e is not null; e = e.InnerException)
            if (e is SocketException socket) return Phrase.Of(socket.SocketErrorCode == SocketError.AccessDenied ? "probe.socket_denied" : "probe.socket_missing", path);
        return null;
    }

    /// <summary>Text of the other side, fit to be stored and shown: one line, no control characters, not long.</summary>
    public static string Shown(string text)
    {
        var cut = text.Length > MaxShown ? text[..(char.IsHighSurrogate(text[MaxShown - 1]) ? MaxShown - 1 : MaxShown)] + "…" : text;
        return string.Create(cut.Length, cut, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = char.IsControl(source[i]) ? ' ' : char.IsSurrogate(source[i]) && !IsPair(source, i) ? '\uFFFD' : source[i];
        });
    }

    private static bool IsPair(string text, int i) =>
        (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])) || (char.IsLowSurrogate(text[i]) && i > 0 && char.IsHighSurrogate(text[i - 1]));

    private static Phrase OfSocket(SocketException e, string host, string at) => e.SocketErrorCode switch
    {
        SocketError.HostNotFound or SocketError.NoData => Phrase.Of("probe.no_such_name", host),
        SocketError.TryAgain or SocketError.NoRecovery => Phrase.Of("probe.dns_silent", host),
        SocketError.ConnectionRefused => Phrase.Of("probe.refused", at),
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.HostDown or SocketError.NetworkDown or SocketError.AddressNotAvailable => Phrase.Of("probe.no_route", at),
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown => Phrase.Of("probe.closed"),
        SocketError.TimedOut => Phrase.Of("probe.unreachable", at),
        SocketError.TooManyOpenSockets => Phrase.Of("probe.too_many_files"),
        _ => Phrase.Of("probe.failed", Shown(e.Message)),
    };

    private static Exception Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e;
}
