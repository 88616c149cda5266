using System.Globalization;
using System.Net.Http;
using System.Net.Sockets;
using System.Security.Authentication;
using Picasoft.Ops.Core.Probes;

namespace Picasoft.Ops.Tests.Core.Probes;

/// <summary>Every way in which a network fails is a sentence in both languages; those that a test can bring about are in the tests of the kinds.</summary>
public sealed class ProbeReasonsTests
{
    [Theory]
    [InlineData(SocketError.HostNotFound, "DNS name wiki.example.org does not exist")]
    [InlineData(SocketError.NoData, "DNS name wiki.example.org does not exist")]
    [InlineData(SocketError.TryAgain, "the DNS server does not answer for wiki.example.org")]
    [InlineData(SocketError.NoRecovery, "the DNS server does not answer for wiki.example.org")]
    [InlineData(SocketError.ConnectionRefused, "connection refused by wiki.example.org:443")]
    [InlineData(SocketError.HostUnreachable, "no route to wiki.example.org:443")]
    [InlineData(SocketError.NetworkUnreachable, "no route to wiki.example.org:443")]
    [InlineData(SocketError.HostDown, "no route to wiki.example.org:443")]
    [InlineData(SocketError.NetworkDown, "no route to wiki.example.org:443")]
    [InlineData(SocketError.AddressNotAvailable, "no route to wiki.example.org:443")]
    [InlineData(SocketError.ConnectionReset, "connection closed before an answer")]
    [InlineData(SocketError.ConnectionAborted, "connection closed before an answer")]
    [InlineData(SocketError.Shutdown, "connection closed before an answer")]
    [InlineData(SocketError.TimedOut, "wiki.example.org:443 does not answer the connection")]
    [InlineData(SocketError.TooManyOpenSockets, "this machine has too many open files or connections to check anything: raise its limit (ulimit -n)")]
    public void A_socket_that_fails_is_told_in_words(SocketError error, string words)
    {
        // As HttpClient hands it on, too.
        foreach (var thrown in new Exception[] { new SocketException((int)error), new HttpRequestException("x", new IOException("y", new SocketException((int)error))) })
        {
            var reason = ProbeReasons.Of(thrown, "wiki.example.org", 443);
            Assert.Equal(words, reason.In(CultureInfo.GetCultureInfo("en")));
            Assert.DoesNotContain(reason.In(CultureInfo.GetCultureInfo("fr")), new[] { words, reason.Key });
        }
    }

    [Fact]
    public void What_nobody_foresaw_keeps_its_message_and_no_name_of_ours()
    {
        var reason = ProbeReasons.Of(new HttpRequestException("outer", new InvalidDataException("The gzip header\r\nis broken")), "x", 80).In(CultureInfo.GetCultureInfo("en"));
        Assert.Equal("the check failed: The gzip header  is broken", reason);
    }

    [Fact]
    public void A_handshake_that_fails_names_the_server() =>
        Assert.Equal("TLS handshake with [2001:db8::1]:443 failed", ProbeReasons.Of(new AuthenticationException("secret details"), "2001:db8::1", 443).In(CultureInfo.GetCultureInfo("en")));
}
