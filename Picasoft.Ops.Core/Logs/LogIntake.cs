using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Picasoft.Ops.Core.Logs.Matching;
using Picasoft.Ops.Core.Logs.Patterns;
using Picasoft.Ops.Core.Logs.Windows;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Logs;

/// <summary>
/// What all lines go through: counted per machine and program, looked at by the rules, and forgotten. What rules made of them is stored a few times a second, in one transaction with
/// how far files were read. While the database is away it adds up in memory, within bounds; what does not fit is counted, and that is an alert of its own.
/// </summary>
public sealed class LogIntake : BackgroundService
{
    /// <summary>Topic of <see cref="ChangeSignal"/>: there are new lines kept.</summary>
    public const string Topic = "log-lines";

    /// <summary>Most pairs of machine and program; those that were quiet for longest go first.</summary>
    public const int MaxStreams = 4096;

    /// <summary>A line is kept up to this many characters.</summary>
    private const int MaxText = 8192;

    /// <summary>What the database refuses so often is given up: one line that cannot be stored must not keep all others from it.</summary>
    private const int MaxRefusals = 3;

    private static readonly TimeSpan _every = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _followWithin = TimeSpan.FromSeconds(1);

    private readonly IDbContextFactory<OpsDbContext> _contexts;
    private readonly NpgsqlDataSource _source;
    private readonly TimeProvider _time;
    private readonly ILogger<LogIntake> _log;
    private readonly string _node;
    private readonly ConcurrentDictionary<byte[], LogStream> _streams = new(StreamNames.Instance);
    private readonly LogStream _others = new([], []);
    private readonly IDisposable _subscription;
    private readonly Lock _sync = new();
    private readonly SemaphoreSlim _storing = new(1, 1);
    private readonly SemaphoreSlim _loading = new(1, 1);
    private LogBatch _batch = new();
    private List<LogHour> _owed = [];
    private int _stale = 1;
    private int _refusals;
    private volatile bool _away;

    public LogIntake(IDbContextFactory<OpsDbContext> contexts, NpgsqlDataSource source, ChangeSignal signal, OpsSettings settings, TimeProvider time, ILogger<LogIntake> log, PatternIntake? patterns = null)
    {
        (_contexts, _source, _time, _log, _node, Patterns) = (contexts, source, time, log, settings.Node, patterns);
        _subscription = signal.Subscribe(_ => Volatile.Write(ref _stale, 1), LogRule.Topic, LogSettings.Topic);
    }

    /// <summary>The rules were read: before that, nothing that can wait should be handed in.</summary>
    public bool IsReady { get; private set; }

    /// <summary>The rules were read, and the database answered when it was last asked: what can wait with its sender should, otherwise.</summary>
    public bool CanStore => IsReady && !_away;

    internal LogRuleSet Rules { get; private set; } = LogRuleSet.Empty;

    /// <summary>Learns the kinds of lines, if it is there.</summary>
    internal PatternIntake? Patterns { get; }

    internal int Context => Settings.Context;

    public LogSettingsInput Settings { get; private set; } = new();

    /// <summary>Held by whoever reads a file while it hands in a piece and says how far it came, so that both are stored together.</summary>
    public Lock Positions { get; } = new();

    /// <summary>A way in for one receiver.</summary>
    /// <param name="awaited">Whoever hands in waits until it is stored: <see cref="LogGate.StoreAsync"/>.</param>
    public LogGate Open(bool awaited = false) => new(this, awaited);

    /// <summary>Lines, or pieces of lines, that were lost, and why; told by an alert.</summary>
    public void Lost(LogLoss loss, long count = 1)
    {
        lock (_sync) _batch.Losses[loss] = _batch.Losses.GetValueOrDefault(loss) + count;
    }

    /// <summary>How far a file was read; call while holding <see cref="Positions"/>.</summary>
    public void Reached(string source, string position)
    {
        lock (_sync) _batch.Positions[$"{_node}:{source}"] = position;
    }

    /// <summary>How far a file was read, as it was stored.</summary>
    public async Task<string?> PositionAsync(string source, CancellationToken cancel)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancel);
        var key = $"{_node}:{source}";
        return await db.LogPositions.Where(p => p.Source == key).Select(p => p.Position).SingleOrDefaultAsync(cancel);
    }

    internal LogStream StreamOf(ReadOnlySpan<byte> host, ReadOnlySpan<byte> app)
    {
        Span<byte> name = stackalloc byte[2 * LogEvidenceMapping.MaxName + 1];
        var length = StreamNames.Write(host, app, name);
        var found = _streams.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (found.TryGetValue(name[..length], out var stream)) return stream;
        if (_streams.Count >= MaxStreams) return _others;
        return _streams.GetOrAdd(name[..length].ToArray(), new LogStream(host.ToArray(), app.ToArray()));
    }

    /// <summary>A line that rules want.</summary>
    internal void Take(LogStream stream, in LogLine line, List<LogHit> hits, List<PendingEvidence>? own)
    {
        var at = LogTime.Of(line.Stamp, line.Received, TimeZoneInfo.Local);
        var (context, mask) = (Settings.Context, Settings.MaskAddresses);
        var (host, app, text) = (stream.HostText, stream.AppText, default(string));
        if (ReferenceEquals(stream, _others)) (host, app) = (LogFields.Cut(LogFields.Text(line.Host), LogEvidenceMapping.MaxName), LogFields.Cut(LogFields.Text(line.App), LogEvidenceMapping.MaxName));
        var (before, fresh) = (default(List<string>), default(List<PendingEvidence>));
        foreach (var (rule, role) in hits)
        {
            var key = "";
            var by = rule.Input.By();
            // What nobody will look at is not even decoded: a rule that waits for an absence may match every line there is.
            if (by.Count > 0)
            {
                text ??= LogFields.Text(line.Text);
                key = LogFields.Key(by, LogFields.Extract(rule.Of(role)!, host, app, text));
                if (mask) key = LogMask.Of(key, true);
            }
            // Counted and kept in one go: a flush in between would part the line from the alert that it raises.
            lock (_sync)
            {
                if (!_batch.Add(rule, role, key, at) || role != LogRole.Match) continue;
                text ??= LogFields.Text(line.Text);
                var row = new LogEvidence { Id = Guid.CreateVersion7(at), At = at, RuleId = rule.Id, Rule = rule.Input.Name, Service = rule.Input.Service, Host = host, App = app, Severity = line.Severity, Origin = line.Origin, Text = LogMask.Of(LogFields.Cut(text, MaxText), mask) };
                var pending = new PendingEvidence(row, line.Received, context);
                lock (stream.Sync)
                {
                    row.Before = before ??= stream.Before(context).ConvertAll(l => LogMask.Of(l, mask));
                }
                _batch.Keep(pending, rule, key);
                (fresh ??= []).Add(pending);
            }
        }
        own?.AddRange(fresh ?? []);
        lock (stream.Sync)
        {
            stream.Add(line, context);
            // From now on: a line does not follow itself.
            if (context > 0) fresh?.ForEach(stream.Wait);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (Interlocked.Exchange(ref _stale, 0) == 1) await LoadAsync(stoppingToken);
                await FlushAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { return; }
            catch (Exception e)
            {
                Volatile.Write(ref _stale, 1);
                LogsLog.NotStored(_log, e);
                await Task.Delay(TimeSpan.FromSeconds(1), _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            await Task.Delay(_every, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try { await FlushAsync(cancellationToken); }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException or InvalidOperationException) { LogsLog.NotStored(_log, e); }
    }

    /// <summary>The last lines that this node heard, of programs that <paramref name="source"/> means, masked, as a log file has them: to make a rule from.</summary>
    public IReadOnlyList<string> Recent(LogSourceInput source, int limit)
    {
        var rule = new CompiledRule(0, new() { Match = "x", Source = source });
        var lines = new List<string>();
        foreach (var stream in _streams.Values.Where(s => rule.Wants(s.Host, s.App)).OrderByDescending(s => s.LastAt))
        {
            lock (stream.Sync) lines.AddRange(stream.Before(LogStream.MaxContext).Select(l => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{stream.LastAt.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ} {(stream.HostText.Length > 0 ? stream.HostText : "-")} {(stream.AppText.Length > 0 ? stream.AppText + ": " : "")}{LogMask.Of(l, Settings.MaskAddresses)}")));
            if (lines.Count >= limit) break;
        }
        return lines;
    }

    /// <summary>Reads the rules and settings again.</summary>
    public async Task LoadAsync(CancellationToken cancel)
    {
        await _loading.WaitAsync(cancel); // what was read first must not come last
        try { await ReadAsync(cancel); }
        finally { _loading.Release(); }
    }

    private async Task ReadAsync(CancellationToken cancel)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancel);
        var rules = await db.LogRules.AsNoTracking().Where(r => r.Enabled).OrderBy(r => r.Name).ToListAsync(cancel);
        Settings = (await db.LogSettings.AsNoTracking().SingleOrDefaultAsync(cancel))?.Input() ?? new();
        var compiled = new List<CompiledRule>();
        foreach (var rule in rules)
        {
            try { compiled.Add(new(rule.Id, rule.Input(), rule.CreatedAt)); }
            catch (ArgumentException e) { LogsLog.RuleUnusable(_log, rule.Name, e); } // written by a version that allowed it
        }
        Rules = new(compiled);
        IsReady = true;
    }

    /// <summary>Stores what came since; what cannot be stored is kept and added to.</summary>
    public async Task FlushAsync(CancellationToken cancel)
    {
        await _storing.WaitAsync(cancel);
        try { await StoreAsync(cancel); }
        // A day's partition was made while lines were on their way into the one for all other days: now they find it.
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.CheckViolation) { await StoreAsync(cancel); }
        finally { _storing.Release(); }
    }

    private async Task StoreAsync(CancellationToken cancel)
    {
        LogBatch batch;
        List<PendingEvidence> waiting; // for the lines that follow them
        var now = _time.GetUtcNow();
        var counts = _owed;
        _owed = [];
        lock (Positions)
        {
            var next = new LogBatch();
            var old = _batch;
            lock (_sync)
            {
                next.TakeBudgets(old);
                waiting = [.. old.Pending.Where(p => !p.IsDone && now - p.Since < _followWithin && now >= p.Since)];
                next.Pending.AddRange(waiting);
                _batch = next;
            }
            batch = old;
            foreach (var stream in _streams.Values.Append(_others))
            {
                if (stream.Lines == 0) continue;
                lock (stream.Sync)
                {
                    var (lines, errors, warnings) = stream.Take();
                    counts.Add(new() { Host = stream.HostText, App = stream.AppText, Hour = new(now.Year, now.Month, now.Day, now.Hour, 0, 0, TimeSpan.Zero), Lines = lines, Errors = errors, Warnings = warnings });
                }
            }
        }
        var kept = batch.Pending.Except(waiting).Select(p => p.Take(Settings.MaskAddresses)).ToList();
        Forget(now);
        if (batch.IsEmpty && kept.Count == 0 && counts.Count == 0) return;
        try
        {
            await using var connection = await _source.OpenConnectionAsync(cancel);
            await using var transaction = await connection.BeginTransactionAsync(cancel);
            await LogBatchIntake.ApplyAsync(connection, batch, kept, [.. counts.GroupBy(c => (c.Hour, c.Host, c.App)).Select(LogHour.Sum)], now, cancel);
            await transaction.CommitAsync(cancel);
            (_refusals, _away) = (0, false);
        }
        catch (Exception e) when (e is not OperationCanceledException && !IsAway(e) && ++_refusals >= MaxRefusals)
        {
            _refusals = 0;
            LogsLog.GivenUp(_log, batch.Tallies.Count, kept.Count, e);
            Lost(LogLoss.Evidence, kept.Count);
        }
        catch (Exception e)
        {
            _away = IsAway(e);
            lock (_sync) _batch.Return(batch, kept);
            _owed = [.. counts.GroupBy(c => (c.Hour, c.Host, c.App)).Select(LogHour.Sum)];
            throw;
        }
    }

    /// <summary>Whether it is the database that cannot be reached.</summary>
    public static bool IsAway(Exception e) => e is PostgresException refused ? refused.IsTransient : e is NpgsqlException or IOException or TimeoutException or System.Net.Sockets.SocketException;

    // Quiet ones make room; what they counted is stored.
    private void Forget(DateTimeOffset now)
    {
        if (_streams.Count < MaxStreams * 3 / 4) return;
        foreach (var (name, stream) in _streams.Where(s => s.Value.Lines == 0).OrderBy(s => s.Value.LastAt).Take(MaxStreams / 4))
            if (now - stream.LastAt > TimeSpan.FromMinutes(5)) _streams.TryRemove(name, out _);
    }

    public override void Dispose()
    {
        _subscription.Dispose();
        _storing.Dispose();
        _loading.Dispose();
        base.Dispose();
    }
}
