using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Heartbeats;

/// <summary>Something that reports by itself, such as a backup at night: when a sign of life is expected, and who pings it.</summary>
public sealed class Heartbeat : IManaged
{
    public long Id { get; set; }

    /// <summary>Short name, unique: <c>borg-alice</c>. Also the slug in <c>/ping/KEY/borg-alice</c>.</summary>
    public string Name { get; set; } = "";

    /// <summary>Name of the service that has a problem when this falls silent.</summary>
    public string? Service { get; set; }

    /// <summary>Between two signs of life; null when <see cref="Schedule"/> says it.</summary>
    public TimeSpan? Period { get; set; }

    /// <summary>Cron of five fields, on the clock of <see cref="TimeZone"/>.</summary>
    public string? Schedule { get; set; }

    public string? TimeZone { get; set; }

    /// <summary>How late a sign of life may be, and how long a run may take.</summary>
    public TimeSpan Grace { get; set; }

    public Severity Severity { get; set; }

    public bool Enabled { get; set; } = true;

    /// <summary>Only POST counts; the rest is recorded as ignored: scanners follow links with GET.</summary>
    public bool PostOnly { get; set; }

    /// <summary>Once paused, pings do not resume it.</summary>
    public bool ManualResume { get; set; }

    /// <summary>Words in the body that decide what a ping means; null: its address does.</summary>
    public KeywordsInput? Keywords { get; set; }

    /// <summary>It is a backup: its sizes and its age are watched too.</summary>
    public BackupInput? Backup { get; set; }

    /// <summary>It is a restore test of the backup with this name: its successes must prove something.</summary>
    public string? RestoreTestOf { get; set; }

    /// <summary>SHA-256 of the token in the ping URL, hexadecimal: a ping is found by it.</summary>
    public string TokenHash { get; set; } = "";

    /// <summary>The token sealed, so that those who may can be shown the URL again.</summary>
    public string TokenSealed { get; set; } = "";

    /// <summary>The token was chosen by whoever wrote the definition, not made by us.</summary>
    public bool TokenGiven { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public bool FromFile { get; set; }

    public uint Version { get; set; }

    /// <summary>What <see cref="TokenHash"/> holds. A UUID is the same in either case.</summary>
    public static string HashOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Guid.TryParse(token, out var uuid) ? uuid.ToString("D") : token)));
}

/// <summary>Where a heartbeat stands; in a table of its own because it changes with every ping.</summary>
public sealed class HeartbeatState
{
    public long HeartbeatId { get; set; }

    public HeartbeatStatus Status { get; set; }

    /// <summary>Since when the status is this.</summary>
    public DateTimeOffset Since { get; set; }

    /// <summary>Why it is down.</summary>
    public Phrase? Reason { get; set; }

    /// <summary>When it was created or resumed: the first sign of life is expected from here.</summary>
    public DateTimeOffset BeganAt { get; set; }

    /// <summary>The last ping that said success or failure.</summary>
    public DateTimeOffset? LastAt { get; set; }

    /// <summary>Null: that was a success. Else what the failure said.</summary>
    public Phrase? LastFailure { get; set; }

    /// <summary>Sizes before this are not compared with: somebody said that the new ones are right.</summary>
    public DateTimeOffset? SizesFrom { get; set; }

    /// <summary>The last success ever, whatever came after it.</summary>
    public DateTimeOffset? LastSuccessAt { get; set; }

    /// <summary>How long the last finished run took.</summary>
    public TimeSpan? LastDuration { get; set; }

    /// <summary>Begun and not finished, oldest first.</summary>
    public IReadOnlyList<PingRun> Runs { get; set; } = [];

    /// <summary>The last ping of any kind.</summary>
    public DateTimeOffset? LastPingAt { get; set; }

    /// <summary>How many pings ever.</summary>
    public long Pings { get; set; }

    /// <summary>When the status changes if nothing comes; null: never.</summary>
    public DateTimeOffset? DueAt { get; set; }
}

/// <summary>What a ping said.</summary>
public enum PingKind
{
    Success,
    Start,
    Fail,
    /// <summary>Only something to read.</summary>
    Log,
    /// <summary>Not counted: the wrong verb, no keyword, or paused.</summary>
    Ignored,
}

/// <summary>One ping, as it came.</summary>
public sealed class Ping
{
    public long Id { get; set; }

    public long HeartbeatId { get; set; }

    public DateTimeOffset At { get; set; }

    public PingKind Kind { get; set; }

    public int? ExitStatus { get; set; }

    /// <summary>Run id, to tell runs apart that overlap.</summary>
    public Guid? Rid { get; set; }

    /// <summary>HTTP verb, or <c>kuma</c>, <c>gatus</c>.</summary>
    public string Method { get; set; } = "";

    public string? UserAgent { get; set; }

    public string? Address { get; set; }

    /// <summary>The first <see cref="PingIntake.MaxBody"/> bytes of what was sent; those of older pings are no longer kept.</summary>
    public byte[]? Body { get; set; }

    /// <summary>How long the run took that this ping ended.</summary>
    public TimeSpan? Duration { get; set; }

    /// <summary>What a backup or restore test said of itself.</summary>
    public BackupFacts? Facts { get; set; }
}

/// <summary>A change of status; the history of a heartbeat.</summary>
public sealed class HeartbeatFlip
{
    public long Id { get; set; }

    public long HeartbeatId { get; set; }

    public DateTimeOffset At { get; set; }

    public HeartbeatStatus Status { get; set; }
}

internal sealed class HeartbeatMapping : IEntityTypeConfiguration<Heartbeat>, IEntityTypeConfiguration<HeartbeatState>, IEntityTypeConfiguration<Ping>, IEntityTypeConfiguration<HeartbeatFlip>
{
    public void Configure(EntityTypeBuilder<Heartbeat> builder)
    {
        builder.ToTable("heartbeats");
        builder.Property(h => h.Name).HasMaxLength(100);
        builder.Property(h => h.Service).HasMaxLength(100);
        builder.Property(h => h.Schedule).HasMaxLength(100);
        builder.Property(h => h.TimeZone).HasMaxLength(64);
        builder.Property(h => h.Keywords).HasJson();
        builder.Property(h => h.Backup).HasJson();
        builder.Property(h => h.RestoreTestOf).HasMaxLength(100);
        builder.Property(h => h.TokenHash).HasMaxLength(64);
        builder.HasIndex(h => h.Name).IsUnique();
        builder.HasIndex(h => h.TokenHash).IsUnique();
        builder.HasIndex(h => h.Service);
        builder.Property(h => h.Version).IsRowVersion();
    }

    public void Configure(EntityTypeBuilder<HeartbeatState> builder)
    {
        builder.ToTable("heartbeat_states");
        builder.HasKey(s => s.HeartbeatId);
        builder.Property(s => s.HeartbeatId).ValueGeneratedNever();
        builder.HasOne<Heartbeat>().WithOne().HasForeignKey<HeartbeatState>(s => s.HeartbeatId).OnDelete(DeleteBehavior.Cascade);
        builder.Property(s => s.Reason).HasJson();
        builder.Property(s => s.LastFailure).HasJson();
        builder.Property(s => s.Runs).HasJson();
        builder.HasIndex(s => s.DueAt);
    }

    public void Configure(EntityTypeBuilder<Ping> builder)
    {
        builder.ToTable("heartbeat_pings");
        builder.HasOne<Heartbeat>().WithMany().HasForeignKey(p => p.HeartbeatId).OnDelete(DeleteBehavior.Cascade);
        builder.Property(p => p.Method).HasMaxLength(16);
        builder.Property(p => p.UserAgent).HasMaxLength(200);
        builder.Property(p => p.Address).HasMaxLength(64);
        builder.Property(p => p.Facts).HasJson();
        builder.HasIndex(p => new { p.HeartbeatId, p.At });
    }

    public void Configure(EntityTypeBuilder<HeartbeatFlip> builder)
    {
        builder.ToTable("heartbeat_flips");
        builder.HasOne<Heartbeat>().WithMany().HasForeignKey(f => f.HeartbeatId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(f => new { f.HeartbeatId, f.At });
    }
}

public static class HeartbeatSets
{
    extension(OpsDbContext db)
    {
        public DbSet<Heartbeat> Heartbeats => db.Set<Heartbeat>();
        public DbSet<HeartbeatState> HeartbeatStates => db.Set<HeartbeatState>();
        public DbSet<Ping> Pings => db.Set<Ping>();
        public DbSet<HeartbeatFlip> HeartbeatFlips => db.Set<HeartbeatFlip>();
    }
}
