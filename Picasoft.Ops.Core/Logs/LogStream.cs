using Picasoft.Ops.Core.Logs.Matching;

namespace Picasoft.Ops.Core.Logs;

/// <summary>What is known of the lines of one machine's program: how many came, the last few, and the rules that look at them. Guarded by its own lock, held for moments.</summary>
internal sealed class LogStream(byte[] host, byte[] app)
{
    /// <summary>Most lines kept before a match.</summary>
    public const int MaxContext = 5;

    /// <summary>A line is kept up to this many bytes as context.</summary>
    private const int Slot = 512;

    private readonly byte[] _recent = new byte[MaxContext * Slot];
    private readonly ushort[] _lengths = new ushort[MaxContext];
    private int _next;
    private List<PendingEvidence>? _waiting;

    public byte[] Host { get; } = host;

    public byte[] App { get; } = app;

    public string HostText { get; } = Short(host);

    public string AppText { get; } = Short(app);

    public Lock Sync { get; } = new();

    /// <summary>The matcher, and the rules it was made of.</summary>
    public (LogRuleSet? Of, LogMatcher? Matcher) Rules { get; set; }

    /// <summary>Since it was last taken.</summary>
    public long Lines { get; private set; }

    public long Errors { get; private set; }

    public long Warnings { get; private set; }

    public DateTimeOffset LastAt { get; private set; }

    /// <summary>One more line; call under the lock.</summary>
    public void Add(in LogLine line, int context)
    {
        Lines++;
        if (line.Severity <= LogSeverity.Error) Errors++;
        else if (line.Severity == LogSeverity.Warning) Warnings++;
        LastAt = line.Received;
        if (_waiting is not null) Follow(line.Text);
        if (context == 0) return;
        var kept = line.Text.Length > Slot ? line.Text[..Slot] : line.Text;
        kept.CopyTo(_recent.AsSpan(_next * Slot));
        _lengths[_next] = (ushort)(kept.Length + 1);
        _next = (_next + 1) % MaxContext;
    }

    /// <summary>The last lines, oldest first; call under the lock, before the line itself is added.</summary>
    public List<string> Before(int context)
    {
        var lines = new List<string>(context);
        for (var i = MaxContext - context; i < MaxContext; i++)
        {
            var at = (_next + i) % MaxContext;
            if (_lengths[at] > 0) lines.Add(LogFields.Text(_recent.AsSpan(at * Slot, _lengths[at] - 1)));
        }
        return lines;
    }

    /// <summary>The next lines belong to this one; call under the lock.</summary>
    public void Wait(PendingEvidence evidence) => (_waiting ??= []).Add(evidence);

    /// <summary>Takes the counts; call under the lock.</summary>
    public (long Lines, long Errors, long Warnings) Take()
    {
        var taken = (Lines, Errors, Warnings);
        (Lines, Errors, Warnings) = (0, 0, 0);
        return taken;
    }

    private void Follow(ReadOnlySpan<byte> text)
    {
        var line = LogFields.Text(text.Length > Slot ? text[..Slot] : text);
        foreach (var evidence in _waiting!) evidence.Follow(line);
        _waiting.RemoveAll(e => e.IsDone);
        if (_waiting.Count == 0) _waiting = null;
    }

    private static string Short(byte[] bytes) => LogFields.Cut(LogFields.Text(bytes), LogEvidenceMapping.MaxName);
}

/// <summary>A line that matched and waits a moment for those after it.</summary>
internal sealed class PendingEvidence(LogEvidence row, DateTimeOffset since, int context)
{
    private readonly Lock _sync = new();
    private bool _taken;

    public LogEvidence Row { get; } = row;

    public DateTimeOffset Since { get; } = since;

    public bool IsDone { get; private set; } = context == 0;

    public void Follow(string line)
    {
        lock (_sync)
        {
            if (IsDone || _taken) { IsDone = true; return; }
            Row.After.Add(line);
            IsDone = Row.After.Count >= context;
        }
    }

    /// <summary>Nothing follows any more.</summary>
    public void Close()
    {
        lock (_sync) IsDone = true;
    }

    /// <summary>To be stored now, as it is; what followed is masked like the line itself.</summary>
    public LogEvidence Take(bool maskAddresses)
    {
        lock (_sync)
        {
            if (!_taken) Row.After = Row.After.ConvertAll(l => LogMask.Of(l, maskAddresses));
            (_taken, IsDone) = (true, true);
            return Row;
        }
    }
}
