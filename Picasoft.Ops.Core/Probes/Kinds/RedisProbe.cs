using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Picasoft.Ops.Core.Primitives;
using StackExchange.Redis;

namespace Picasoft.Ops.Core.Probes.Kinds;

/// <summary>Which Redis or Valkey, and what is too much.</summary>
public sealed record RedisSettings
{
    [Setting(Required = true, MaxLength = 253, Example = "127.0.0.1")]
    public string Host { get; init; } = "";

    [Setting(Min = "1", Max = "65535")]
    public int Port { get; init; } = 6379;

    [Setting(MaxLength = 100)]
    public string? User { get; init; }

    public Secret? Password { get; init; }

    public bool Tls { get; init; }

    public bool VerifyTls { get; init; } = true;

    /// <summary>SHA-256 of a self-signed certificate: exactly that one is accepted.</summary>
    [Setting(MaxLength = 100)]
    public string? Thumbprint { get; init; }

    /// <summary>Most of its memory limit, in percent, that may be used.</summary>
    [Setting(Min = "1", Max = "100", Example = "90")]
    public int? MaxMemory { get; init; }

    /// <summary>At least this many replicas must be connected.</summary>
    [Setting(Min = "0", Max = "100")]
    public int? Replicas { get; init; }
}

/// <summary>A Redis answers, is not loading, has room, saves, and its replication stands.</summary>
public sealed class RedisProbe : Probe<RedisSettings>
{
    private static readonly string[] _later = ["-NOAUTH", "-NOPERM", "-LOADING", "-MASTERDOWN"];

    public override string Kind => "redis";

    public override ProbeGroup Group => ProbeGroup.Databases;

    protected override string Target(RedisSettings settings) => TcpProbe.Endpoint(settings.Host, settings.Port);

    protected override async ValueTask<Observation> CheckAsync(RedisSettings settings, ProbeContext context, CancellationToken cancel)
    {
        try
        {
            // The library tries again in the background and tells little: whether somebody is there, and lets us in, is asked first.
            using (var socket = await TcpProbe.ConnectAsync(settings.Host, settings.Port, IpVersion.Any, cancel))
                if (!settings.Tls) await GreetAsync(socket, TcpProbe.Endpoint(settings.Host, settings.Port), cancel);
            var judge = new CertificateJudge(settings.Host, settings.VerifyTls, settings.Thumbprint, context.Now);
            var connecting = ConnectionMultiplexer.ConnectAsync(Options(settings, context.Timeout, judge));
            try
            {
                await connecting.WaitAsync(cancel);
            }
            catch
            {
                _ = connecting.ContinueWith(static late => late.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
                throw;
            }
            await using var redis = await connecting;
            judge.ThrowIfRefused();
            return Judge(settings, Read(await redis.GetServer(settings.Host, settings.Port).InfoRawAsync().WaitAsync(cancel) ?? ""));
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            return new(false, Reason(e, settings));
        }
    }

    /// <exception cref="ProbeFailure">It is full, protected, or no Redis. That it wants a password, or still loads, is told by what comes after.</exception>
    private static async Task GreetAsync(Socket socket, string at, CancellationToken cancel)
    {
        await socket.SendAsync("PING\r\n"u8.ToArray(), cancel);
        var said = new byte[512];
        var length = 0;
        while (length < said.Length && !said.AsSpan(0, length).Contains((byte)'\n'))
        {
            var read = await socket.ReceiveAsync(said.AsMemory(length), cancel);
            if (read == 0) break;
            length += read;
        }
        if (length == 0) throw new ProbeFailure(Phrase.Of("probe.closed"));
        var line = Encoding.UTF8.GetString(said, 0, length).Split('\r', '\n')[0];
        if (line is not ['+' or '-', ..]) throw new ProbeFailure(Phrase.Of("probe.not_protocol", at, "Redis"));
        if (line[0] == '-' && !_later.Any(word => line.StartsWith(word, StringComparison.Ordinal))) throw new ProbeFailure(Phrase.Of("probe.answered_error", at, ProbeReasons.Shown(line[1..])));
    }

    private static Phrase Reason(Exception e, RedisSettings settings)
    {
        var at = TcpProbe.Endpoint(settings.Host, settings.Port);
        for (Exception? inner = e; inner is not null; inner = inner.InnerException)
        {
            if (inner is ProbeFailure failure) return failure.Reason;
            if (inner is RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure } || inner.Message.Contains("NOAUTH", StringComparison.Ordinal) || inner.Message.Contains("WRONGPASS", StringComparison.Ordinal) || inner.Message.Contains("invalid password", StringComparison.OrdinalIgnoreCase))
                return Phrase.Of("probe.sign_in_refused", at, "AUTH");
            if (inner is RedisConnectionException { FailureType: ConnectionFailureType.ProtocolFailure }) return Phrase.Of("probe.not_protocol", at, "Redis");
            if (inner is RedisServerException refused) return Phrase.Of("probe.answered_error", at, ProbeReasons.Shown(refused.Message));
        }
        return e is RedisException ? Phrase.Of("probe.not_protocol", at, "Redis") : ProbeReasons.Of(e, settings.Host, settings.Port);
    }

    /// <summary>What <c>INFO</c> says, judged. Pure.</summary>
    internal static Observation Judge(RedisSettings settings, IReadOnlyDictionary<string, string> info)
    {
        var (used, limit) = (Number("used_memory"), Number("maxmemory"));
        var measured = new List<Measurement> { new("clients", Number("connected_clients")), new("memory", used, "B", Crit: settings.MaxMemory is { } share && limit > 0 ? limit * share / 100 : null, Min: 0, Max: limit > 0 ? limit : null) };
        var replicas = Number("connected_slaves");
        var seen = info.GetValueOrDefault("loading") == "1" ? Observation.Down("probe.redis_loading")
            : info.GetValueOrDefault("role") == "slave" && info.GetValueOrDefault("master_link_status") != "up" ? Observation.Down("probe.redis_link")
            : limit > 0 && used * 100 / limit > settings.MaxMemory ? Observation.Down("probe.redis_memory", Math.Round(used * 100 / limit), settings.MaxMemory)
            : replicas < settings.Replicas ? Observation.Down("probe.standbys_missing", replicas, settings.Replicas)
            : info.GetValueOrDefault("rdb_last_bgsave_status", "ok") != "ok" || info.GetValueOrDefault("aof_last_write_status", "ok") != "ok" ? Observation.Warn("probe.redis_not_saved")
            : Observation.Up;
        return seen.With(measured);

        double Number(string key) => double.TryParse(info.GetValueOrDefault(key), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }

    private static Dictionary<string, string> Read(string info) =>
        info.Split('\n').Select(l => l.TrimEnd('\r').Split(':', 2)).Where(p => p.Length == 2).DistinctBy(p => p[0], StringComparer.Ordinal).ToDictionary(p => p[0], p => p[1], StringComparer.Ordinal);

    private static ConfigurationOptions Options(RedisSettings settings, TimeSpan timeout, CertificateJudge judge)
    {
        var options = new ConfigurationOptions
        {
            User = string.IsNullOrEmpty(settings.User) ? null : settings.User,
            Password = settings.Password?.Reveal(),
            Ssl = settings.Tls,
            SslHost = settings.Host,
            ConnectTimeout = (int)timeout.TotalMilliseconds + 5000, // we stop it before, and say so in our words
            AsyncTimeout = (int)timeout.TotalMilliseconds + 5000,
            ConnectRetry = 0,
            AbortOnConnectFail = true,
            AllowAdmin = true, // as the library calls INFO
            TieBreaker = "",
            ConfigurationChannel = "",
            ClientName = "picasoft-ops",
            HeartbeatInterval = TimeSpan.FromSeconds(60),
        };
        options.EndPoints.Add(settings.Host, settings.Port);
        options.CertificateValidation += judge.See;
        return options;
    }
}
