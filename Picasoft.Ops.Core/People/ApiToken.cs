using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Picasoft.Ops.Core.People;

/// <summary>What a program with a token may do.</summary>
[Flags]
public enum Scopes
{
    None = 0,
    /// <summary>Read everything but secrets.</summary>
    Read = 1,
    /// <summary>Work on incidents and silences.</summary>
    Respond = 2,
    /// <summary>Hand in alerts, pings and logs.</summary>
    Ingest = 4,
    /// <summary>Change what is watched, who is told and who may sign in.</summary>
    Admin = 8,
    All = Read | Respond | Ingest | Admin,
}

/// <summary>A program's key. Only its SHA-256 is stored: the text is shown once. A random 256-bit text needs no slow hash.</summary>
public sealed class ApiToken
{
    public long Id { get; set; }

    public string Name { get; set; } = "";

    /// <summary>SHA-256 of the token's text, hexadecimal.</summary>
    public string Hash { get; set; } = "";

    /// <summary>The first characters, so that a person can tell tokens apart.</summary>
    public string Prefix { get; set; } = "";

    public Scopes Scopes { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public string CreatedBy { get; set; } = "";

    /// <summary>Null: never.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    public DateTimeOffset? RevokedAt { get; set; }

    /// <summary>Last use, to the minute: enough to find forgotten tokens, cheap enough to keep.</summary>
    public DateTimeOffset? LastUsedAt { get; set; }

    /// <summary>A new token's text: <c>ops_</c> and 256 random bits in base64url.</summary>
    public static string NewText() => "ops_" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    public static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    public bool IsValidAt(DateTimeOffset now) => RevokedAt is null && (ExpiresAt is null || now < ExpiresAt);
}

internal sealed class ApiTokenMapping : IEntityTypeConfiguration<ApiToken>
{
    public void Configure(EntityTypeBuilder<ApiToken> builder)
    {
        builder.ToTable("api_tokens");
        builder.Property(t => t.Name).HasMaxLength(100);
        builder.Property(t => t.Hash).HasMaxLength(64);
        builder.Property(t => t.Prefix).HasMaxLength(16);
        builder.Property(t => t.CreatedBy).HasMaxLength(100);
        builder.HasIndex(t => t.Hash).IsUnique();
        builder.HasIndex(t => t.Name).IsUnique().HasFilter("revoked_at is null");
    }
}
