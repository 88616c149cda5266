using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Picasoft.Ops.Core.Storage;

/// <summary>Something moved. Says what, never the new value: whoever cares reads it again.</summary>
/// <param name="Topic">The feature, such as <c>incidents</c>; <see cref="ChangeSignal.Everything"/> after a lost connection.</param>
/// <param name="Id">Which one; 0 for "several".</param>
public readonly record struct Change(string Topic, long Id);

/// <summary>
/// News between the nodes and to the open pages, by PostgreSQL's NOTIFY: sent with the transaction that made the change,
/// so it is never heard before the change can be read. News can be lost (a cut connection); a <see cref="Everything"/> follows then, and every worker polls slowly besides.
/// </summary>
public sealed class ChangeSignal(NpgsqlDataSource source, ILogger<ChangeSignal> log)
{
    /// <summary>Topic of the change that says "read everything again".</summary>
    public const string Everything = "*";

    private const string Channel = "ops";
    private readonly ConcurrentDictionary<long, (string[] Topics, Action<Change> Handler)> _subscribers = new();
    private long _nextId;

    /// <summary>Tells the others when the current transaction commits (at once without one).</summary>
    public static Task PublishAsync(DbContext db, string topic, long id, CancellationToken cancel) =>
        db.Database.ExecuteSqlAsync($"select pg_notify({Channel}, {Payload(topic, id)})", cancel);

    /// <inheritdoc cref="PublishAsync(DbContext,string,long,CancellationToken)"/>
    public static async Task PublishAsync(NpgsqlConnection connection, string topic, long id, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("select pg_notify($1, $2)", connection) { Parameters = { new() { Value = Channel }, new() { Value = Payload(topic, id) } } };
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Calls <paramref name="handler"/> on a change of one of the topics, on the listener's thread: it must return at once. Dispose to stop.</summary>
    public IDisposable Subscribe(Action<Change> handler, params string[] topics)
    {
        var id = Interlocked.Increment(ref _nextId);
        _subscribers[id] = (topics, handler);
        return new Subscription(() => _subscribers.TryRemove(id, out _));
    }

    /// <summary>Hears the news of all nodes until cancelled; reconnects by itself.</summary>
    public async Task ListenAsync(TimeProvider time, CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await using var connection = await source.OpenConnectionAsync(cancel);
                connection.Notification += (_, e) => Raise(Parse(e.Payload));
                await using (var listen = new NpgsqlCommand($"listen {Channel}", connection)) await listen.ExecuteNonQueryAsync(cancel);
                Raise(new(Everything, 0)); // what happened while nobody listened
                while (true) await connection.WaitAsync(cancel);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested) { return; }
            catch (Exception e) when (e is NpgsqlException or IOException or TimeoutException or InvalidOperationException)
            {
                StorageLog.ListenerLost(log, e);
                source.Clear(); // whatever cut this session has most likely cut those that wait in the pool: nobody should find out by failing
                await Task.Delay(TimeSpan.FromSeconds(1), time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Raise(Change change)
    {
        foreach (var (topics, handler) in _subscribers.Values)
        {
            if (change.Topic != Everything && !topics.Contains(change.Topic, StringComparer.Ordinal)) continue;
            try { handler(change); }
            catch (Exception e) { StorageLog.SubscriberFailed(log, change.Topic, e); }
        }
    }

    /// <summary>What is sent, for raw SQL: <c>select pg_notify('ops', …)</c>.</summary>
    internal static string Payload(string topic, long id) => string.Create(CultureInfo.InvariantCulture, $"{topic}:{id}");

    private static Change Parse(string payload)
    {
        var colon = payload.LastIndexOf(':');
        return colon > 0 && long.TryParse(payload.AsSpan(colon + 1), CultureInfo.InvariantCulture, out var id) ? new(payload[..colon], id) : new(payload, 0);
    }

    private sealed class Subscription(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
