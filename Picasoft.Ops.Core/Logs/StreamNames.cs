namespace Picasoft.Ops.Core.Logs;

/// <summary>Names of streams as bytes: the machine, a zero, the program. Looked up by bytes that were not copied.</summary>
internal sealed class StreamNames : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    public static StreamNames Instance { get; } = new();

    /// <summary>Writes a name; what is too long is cut.</summary>
    public static int Write(ReadOnlySpan<byte> host, ReadOnlySpan<byte> app, Span<byte> name)
    {
        if (host.Length > LogEvidenceMapping.MaxName) host = host[..LogEvidenceMapping.MaxName];
        if (app.Length > LogEvidenceMapping.MaxName) app = app[..LogEvidenceMapping.MaxName];
        host.CopyTo(name);
        name[host.Length] = 0;
        app.CopyTo(name[(host.Length + 1)..]);
        return host.Length + 1 + app.Length;
    }

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        var hash = new HashCode(); // seeded: whoever names machines cannot make them collide
        hash.AddBytes(alternate);
        return hash.ToHashCode();
    }

    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
}
