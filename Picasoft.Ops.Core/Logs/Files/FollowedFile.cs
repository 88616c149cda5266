using System.Text;
using Picasoft.Ops.Core.Logs.Syslog;

namespace Picasoft.Ops.Core.Logs.Files;

/// <summary>
/// One file as it grows, is rotated (renamed, or copied and truncated), replaced, deleted. How far it was read is stored together with what was found, so after a restart no line is lost and none counted twice.
/// </summary>
public sealed class FollowedFile : IDisposable
{
    private readonly string _path;
    private readonly byte[] _host;
    private readonly byte[] _app;
    private readonly LogIntake _intake;
    private readonly LogGate _gate;
    private readonly byte[] _buffer = new byte[2 * Framing.MaxMessage];
    private FileMark? _mark;
    private bool _fromEnd;
    private bool _skipping;
    private OpenLog? _open;

    /// <param name="mark">How far it was read before; null: never.</param>
    /// <param name="fromEnd">Without a mark, only what comes from now on counts.</param>
    public FollowedFile(string path, string? app, string host, LogIntake intake, FileMark? mark, bool fromEnd)
    {
        (_path, _intake, _gate, _mark, _fromEnd) = (path, intake, intake.Open(), mark, fromEnd);
        _host = Encoding.UTF8.GetBytes(host);
        _app = Encoding.UTF8.GetBytes(app ?? Path.GetFileNameWithoutExtension(path));
    }

    public bool IsOpen => _open is not null;

    /// <summary>Reads what came since.</summary>
    /// <exception cref="IOException">It cannot be read; try again later.</exception>
    public void Step(DateTimeOffset now, CancellationToken cancel)
    {
        if (_open is null && !Find()) return;
        while (!cancel.IsCancellationRequested)
        {
            if (_mark is not null && !_open!.Is(_mark))
            {
                // Shorter than it was, or its beginning changed: it was emptied, and begins anew.
                _open.Offset = 0;
                _mark = null;
                _skipping = false;
            }
            if (Read(now)) continue;
            // All of it is read. Has another file taken its name? Then what was renamed is read to its end now, since the writer may have gone on for a moment.
            using var current = TryOpen(_path);
            if (current is null || (current.Inode == _open!.Inode && current.Inode != 0) || (current.Inode == 0 && _mark is not null && current.Is(_mark))) return;
            if (Read(now)) continue;
            Last(now);
            _open!.Dispose();
            _open = OpenLog.Open(_path);
            _mark = null;
        }
    }

    public void Dispose() => _open?.Dispose();

    // After a start: the file of this name, or the one it was when we last read it, which may have been renamed meanwhile.
    private bool Find()
    {
        var current = TryOpen(_path);
        if (_mark is { } mark && (current is null || !current.Is(mark)) && Renamed(mark) is { } old)
        {
            current?.Dispose();
            old.Offset = mark.Offset;
            _open = old;
            return true;
        }
        if (current is null)
        {
            _fromEnd = false; // when it comes, it is new
            return false;
        }
        _open = current;
        _open.Offset = _mark is not null && current.Is(_mark) ? _mark.Offset : _mark is null && _fromEnd ? LastLine(current) : 0;
        _fromEnd = false;
        lock (_intake.Positions) _intake.Reached(_path, (_mark = _open.Mark()).ToString());
        return true;
    }

    private OpenLog? Renamed(FileMark mark)
    {
        var folder = Path.GetDirectoryName(_path)!;
        foreach (var path in Directory.Exists(folder) ? Directory.EnumerateFiles(folder, Path.GetFileName(_path) + "*") : [])
        {
            if (path == _path || TryOpen(path) is not { } file) continue;
            if (mark.HeadLength > 0 && file.Is(mark)) return file;
            file.Dispose();
        }
        return null;
    }

    private long LastLine(OpenLog file)
    {
        // A line that is just being written belongs to us.
        file.Offset = Math.Max(0, file.Length - _buffer.Length);
        var length = file.Read(_buffer);
        return file.Offset + _buffer.AsSpan(0, length).LastIndexOf((byte)'\n') + 1;
    }

    private static OpenLog? TryOpen(string path)
    {
        try { return OpenLog.Open(path); }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException) { return null; }
    }

    /// <summary>Reads the next whole lines. False: there are none.</summary>
    private bool Read(DateTimeOffset now)
    {
        var length = _open!.Read(_buffer);
        var end = _buffer.AsSpan(0, length).LastIndexOf((byte)'\n') + 1;
        if (end == 0 && length < _buffer.Length) return false;
        lock (_intake.Positions)
        {
            if (end == 0)
            {
                // One line that fills all we have: its beginning counts, the rest is passed over.
                if (!_skipping) Accept(_buffer.AsSpan(0, Framing.MaxMessage), now);
                if (!_skipping) _intake.Lost(LogLoss.Cut);
                (_skipping, end) = (true, length);
            }
            else
            {
                foreach (var range in _buffer.AsSpan(0, end - 1).Split((byte)'\n'))
                {
                    var line = _buffer.AsSpan(0, end - 1)[range];
                    if (!_skipping) Accept(line.Length > Framing.MaxMessage ? line[..Framing.MaxMessage] : line, now);
                    _skipping = false;
                }
            }
            _open.Offset += end;
            _intake.Reached(_path, (_mark = _open.Mark()).ToString());
        }
        return true;
    }

    // Nobody will end the last line of a file that was replaced.
    private void Last(DateTimeOffset now)
    {
        var length = _open!.Read(_buffer);
        if (length == 0 || _skipping) return;
        lock (_intake.Positions)
        {
            Accept(_buffer.AsSpan(0, Math.Min(length, Framing.MaxMessage)), now);
            _open.Offset += length;
        }
    }

    private void Accept(ReadOnlySpan<byte> text, DateTimeOffset now)
    {
        text = text.TrimEnd((byte)'\r');
        if (text.IsEmpty) return;
        var line = SyslogLine.Parse(text, _host, now, LogOrigin.File);
        _gate.Accept(line.Stamp.IsEmpty ? new LogLine { Received = now, Host = _host, App = _app, Text = text, Severity = LogSeverity.Info, Origin = LogOrigin.File } : line);
    }
}
