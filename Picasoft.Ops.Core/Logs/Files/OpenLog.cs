using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Picasoft.Ops.Core.Logs.Files;

/// <summary>A log file that is held open, so that it can be read to its end after it was renamed or deleted.</summary>
internal sealed class OpenLog : IDisposable
{
    private readonly SafeFileHandle _handle;

    private OpenLog(SafeFileHandle handle, long inode) => (_handle, Inode) = (handle, inode);

    public long Inode { get; }

    public long Offset { get; set; }

    public long Length => RandomAccess.GetLength(_handle);

    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">We may not.</exception>
    public static OpenLog Open(string path)
    {
        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return new(handle, InodeOf(handle));
    }

    public int Read(Span<byte> buffer) => RandomAccess.Read(_handle, buffer, Offset);

    public FileMark Mark()
    {
        Span<byte> head = stackalloc byte[FileMark.MaxHead];
        var length = RandomAccess.Read(_handle, head[..(int)Math.Min(FileMark.MaxHead, Offset)], 0);
        return new(Inode, Offset, length, FileMark.Sum(head[..length]));
    }

    /// <summary>Whether a mark was made on this file, and on what stands in it now.</summary>
    public bool Is(FileMark mark)
    {
        if ((mark.Inode != 0 && Inode != 0 && mark.Inode != Inode) || Length < mark.Offset) return false;
        Span<byte> head = stackalloc byte[FileMark.MaxHead];
        var length = RandomAccess.Read(_handle, head[..mark.HeadLength], 0);
        return length == mark.HeadLength && FileMark.Sum(head[..length]) == mark.Head;
    }

    public void Dispose() => _handle.Dispose();

    // Linux says it of every open file since 5.14; without it, the sum over the first bytes must do.
    private static long InodeOf(SafeFileHandle handle)
    {
        try
        {
            var line = File.ReadLines($"/proc/self/fdinfo/{handle.DangerousGetHandle()}").FirstOrDefault(l => l.StartsWith("ino:", StringComparison.Ordinal));
            return line is not null && long.TryParse(line.AsSpan(4).Trim(), CultureInfo.InvariantCulture, out var inode) ? inode : 0;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
