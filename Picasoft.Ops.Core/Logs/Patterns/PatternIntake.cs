using System.Text;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Logs.Patterns;

/// <summary>
/// Hears lines as they are received, learns their kinds beside the matching, and writes what it learnt every few seconds. Never holds back whoever receives: in a flood it looks at a sample,
/// and says how much it passed over.
/// </summary>
public sealed partial class PatternIntake(NpgsqlDataSource source, IDbContextFactory<OpsDbContext> contexts, TimeProvider time, ILogger<PatternIntake> log) : BackgroundService
{
    /// <summary>Lines looked at in a tenth of a second; the others are passed over.</summary>
    public const int MaxInSlice = 2000;

    private static readonly TimeSpan _every = TimeSpan.FromSeconds(10);
    private readonly Channel<Heard> _waiting = Channel.CreateBounded<Heard>(new BoundedChannelOptions(20_000) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly LearntPatterns _learnt = new();
    private long _slice;
    private int _inSlice;
    private long _passedOver;

    /// <summary>Lines that were not looked at, because too many came at once.</summary>
    public long PassedOver => Interlocked.Read(ref _passedOver);

    /// <summary>Takes a line in; any thread. Returns at once.</summary>
    public void Hear(in LogLine line)
    {
        var slice = Environment.TickCount64 / 100;
        if (Interlocked.Exchange(ref _slice, slice) != slice) Volatile.Write(ref _inSlice, 0);
        if (Interlocked.Increment(ref _inSlice) > MaxInSlice || line.Text.IsEmpty)
        {
            if (!line.Text.IsEmpty) Interlocked.Increment(ref _passedOver);
            return;
        }
        var text = line.Text.Length > LineTokenizer.MaxLength ? line.Text[..LineTokenizer.MaxLength] : line.Text;
        if (!_waiting.Writer.TryWrite(new(Name(line.Host), Name(line.App), Encoding.UTF8.GetString(text), (int)line.Severity))) Interlocked.Increment(ref _passedOver);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await RestoreAsync(stoppingToken);
            using var timer = new PeriodicTimer(_every, time);
            while (await timer.WaitForNextTickAsync(stoppingToken)) await StepAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { }
    }

    /// <summary>What was learnt until the stop is kept, if the database answers.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(3));
        await StepAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Reads what was stored; done at the start.</summary>
    public async Task RestoreAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await foreach (var row in db.LearntPatterns.AsNoTracking().OrderByDescending(p => p.LastSeen).Take(LearntPatterns.MaxPrograms * LearntPatterns.MaxKinds).AsAsyncEnumerable().WithCancellation(cancel)) _learnt.Restore(row);
    }

    /// <summary>Learns what waits, and writes it. What cannot be written now is written later: the counts stay.</summary>
    public async Task StepAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        while (_waiting.Reader.TryRead(out var heard))
        {
            if (heard.Decided is { } state) _learnt.Decide(heard.App, heard.Hash, state);
            else _learnt.Hear(heard.Host, heard.App, heard.Text, heard.Level, now);
        }
        _unwritten.AddRange(_learnt.Take(now));
        if (_unwritten.Count == 0) return;
        try
        {
            await PatternRows.WriteAsync(source, _unwritten, now, cancel);
            _unwritten.Clear();
        }
        catch (Exception e) when (e is NpgsqlException or IOException or TimeoutException)
        {
            NotWritten(log, _unwritten.Count, e);
            if (_unwritten.Count > 100_000) _unwritten.Clear(); // the database has been away for very long
        }
    }

    /// <summary>A person decided; kinds that come later from other hosts are judged by it.</summary>
    internal void Decide(string app, long hash, PatternState state) => _waiting.Writer.TryWrite(new("", app, "", 0, hash, state));

    private readonly List<PatternChange> _unwritten = [];

    private static string Name(ReadOnlySpan<byte> bytes)
    {
        var text = LogFields.Text(bytes.Length > LearntPatterns.MaxName ? bytes[..LearntPatterns.MaxName] : bytes);
        return text.Length > LearntPatterns.MaxName ? text[..LearntPatterns.MaxName] : text;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} kinds of log lines could not be written; they are kept and tried again.")]
    private static partial void NotWritten(ILogger logger, int count, Exception e);

    private readonly record struct Heard(string Host, string App, string Text, int Level, long Hash = 0, PatternState? Decided = null);
}
