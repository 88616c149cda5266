using System.Globalization;

namespace Picasoft.Ops.Core.Logs.Files;

/// <summary>How far a file was read, and how to know it again under another name: its inode, and a sum over its first bytes, since inodes are used again.</summary>
/// <param name="Inode">0: the system does not say.</param>
/// <param name="Offset">Bytes read, up to the end of a line.</param>
/// <param name="HeadLength">So many first bytes are summed.</param>
public sealed record FileMark(long Inode, long Offset, int HeadLength, ulong Head)
{
    /// <summary>Most first bytes that are summed.</summary>
    public const int MaxHead = 256;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Inode}:{Offset}:{HeadLength}:{Head:x}");

    public static FileMark? Parse(string? text)
    {
        var parts = text?.Split(':') ?? [];
        return parts.Length == 4 && long.TryParse(parts[0], CultureInfo.InvariantCulture, out var inode) && long.TryParse(parts[1], CultureInfo.InvariantCulture, out var offset)
            && int.TryParse(parts[2], CultureInfo.InvariantCulture, out var length) && ulong.TryParse(parts[3], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var head) ? new(inode, offset, length, head) : null;
    }

    /// <summary>FNV-1a; it only has to tell one file from the next.</summary>
    public static ulong Sum(ReadOnlySpan<byte> bytes)
    {
        var sum = 14695981039346656037UL;
        foreach (var b in bytes) sum = (sum ^ b) * 1099511628211UL;
        return sum;
    }
}
