using Picasoft.Ops.Core.Logs.Matching;

namespace Picasoft.Ops.Core.Logs;

/// <summary>
/// Where a receiver hands in its lines, each its own gate, used by one thread at a time. The line is looked at here and now, on the thread that received it: nothing is queued,
/// so a sender that is too fast is slowed down by its own connection, and memory does not grow with what comes.
/// </summary>
public sealed class LogGate
{
    private readonly LogIntake _intake;
    private readonly LogScratch _scratch = new();
    private readonly List<LogHit> _hits = [];
    private readonly List<PendingEvidence>? _own;
    private LogStream? _last;

    internal LogGate(LogIntake intake, bool awaited) => (_intake, _own) = (intake, awaited ? [] : null);

    /// <summary>Takes one line; keeps nothing of its bytes.</summary>
    public void Accept(in LogLine line)
    {
        var rules = _intake.Rules;
        var stream = _last;
        // A sender's lines come in runs of one program.
        if (stream is null || !line.App.SequenceEqual(stream.App) || !line.Host.SequenceEqual(stream.Host)) stream = _last = _intake.StreamOf(line.Host, line.App);
        var known = stream.Rules;
        if (!ReferenceEquals(known.Of, rules)) stream.Rules = known = (rules, rules.For(line.Host, line.App));
        known.Matcher!.Match(line, _scratch, _hits);
        _intake.Patterns?.Hear(line);
        if (_hits.Count == 0)
        {
            lock (stream.Sync) stream.Add(line, _intake.Context);
            return;
        }
        _intake.Take(stream, line, _hits, _own);
    }

    /// <summary>
    /// Waits until all that was handed in here is committed: for a sender that is told so. Senders that come at once share a commit; for lines after the last
    /// nobody waits, they would be of another message.
    /// </summary>
    public async Task StoreAsync(CancellationToken cancel)
    {
        foreach (var pending in _own ?? []) pending.Close();
        _own?.Clear();
        await _intake.FlushAsync(cancel);
    }
}
