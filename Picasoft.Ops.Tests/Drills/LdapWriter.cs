using System.DirectoryServices.Protocols;
using System.Net;
using System.Net.Sockets;

namespace Picasoft.Ops.Tests.Drills;

/// <summary>Entries, through the one address; in the end they must be on both servers.</summary>
internal sealed class LdapWriter(string password) : Writer("ldap", Hands, TimeSpan.FromMilliseconds(150))
{
    private const int Hands = 2;
    private readonly LdapConnection?[] _connections = new LdapConnection?[Hands];

    public void Create()
    {
        using var connection = Connect(Network.AddressOf("alice"), password);
        connection.SendRequest(new AddRequest(Lab.LdapBase, new DirectoryAttribute("objectClass", "dcObject", "organization"), new("dc", "picasoft"), new("o", "Picasoft")));
        connection.SendRequest(new AddRequest($"ou=drill,{Lab.LdapBase}", "organizationalUnit"));
    }

    protected override Task<bool> WriteAsync(int hand, long id, CancellationToken cancel)
    {
        try
        {
            var connection = _connections[hand] ??= Connect(Network.VirtualAddress, password);
            var entry = new AddRequest($"uid=d{id},ou=drill,{Lab.LdapBase}", new DirectoryAttribute("objectClass", "account"));
            return Task.FromResult(connection.SendRequest(entry).ResultCode == ResultCode.Success);
        }
        catch
        {
            _connections[hand]?.Dispose();
            _connections[hand] = null;
            throw;
        }
    }

    protected override Task<IReadOnlySet<long>> PresentAsync(CancellationToken cancel)
    {
        var both = On("alice");
        both.IntersectWith(On("bob"));
        return Task.FromResult<IReadOnlySet<long>>(both);
    }

    private HashSet<long> On(string host)
    {
        using var connection = Connect(Network.AddressOf(host), password);
        var found = (SearchResponse)connection.SendRequest(new SearchRequest($"ou=drill,{Lab.LdapBase}", "(uid=*)", SearchScope.OneLevel, "uid"));
        return [.. found.Entries.Cast<SearchResultEntry>().Select(e => long.Parse(e.DistinguishedName.Split(',')[0]["uid=d".Length..]))];
    }

    private static LdapConnection Connect(string host, string password)
    {
        // libldap would wait minutes for a host that is silent, and SendTimeout makes it refuse every host.
        using (var knock = new TcpClient())
            if (!knock.ConnectAsync(host, 389).Wait(TimeSpan.FromSeconds(2))) throw new TimeoutException($"{host} does not answer.");
        var connection = new LdapConnection(new LdapDirectoryIdentifier(host, 389)) { AuthType = AuthType.Basic, Credential = new NetworkCredential($"cn=admin,{Lab.LdapBase}", password), Timeout = TimeSpan.FromSeconds(2) };
        connection.SessionOptions.ProtocolVersion = 3;
        // Nor does a bind give up by itself when the machine behind the address falls silent after the knock.
        var bound = Task.Run(connection.Bind);
        if (!bound.Wait(TimeSpan.FromSeconds(3))) throw new TimeoutException($"{host} took the connection and says nothing.");
        return connection;
    }
}
