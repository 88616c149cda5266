using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.People;

/// <summary>What a person may do; each role can all that the one before it can.</summary>
public enum Role
{
    /// <summary>Sees everything, changes nothing but their own settings.</summary>
    Viewer,
    /// <summary>Works on incidents and silences.</summary>
    Responder,
    /// <summary>Also changes what is watched, who is told, and who may sign in.</summary>
    Admin,
}

/// <summary>Somebody who can sign in.</summary>
public sealed class Person : IdentityUser<long>
{
    /// <summary>The name shown to others, such as <c>camille</c>.</summary>
    public string Name { get; set; } = "";

    public Role Role { get; set; }

    /// <summary>Language of the messages sent to this person: <c>fr</c> or <c>en</c>; null: French, the association's.</summary>
    public string? Language { get; set; }

    /// <summary>A person who left cannot sign in; what they did stays under their name.</summary>
    public bool IsActive { get; set; } = true;

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>How to reach them besides mail.</summary>
    public PersonContacts Contacts { get; set; } = new();

    /// <summary>Browsers that take pushes for them.</summary>
    public List<PushBrowser> Browsers { get; set; } = [];

    /// <summary>The configuration file manages name and contacts; a password is never in it.</summary>
    public bool FromFile { get; set; }

    /// <summary>The role that the file gives them; null: the page's business.</summary>
    public Role? FileRole { get; set; }

    /// <summary>Counts up when somebody wants a new address for their calendar feeds: the old one dies.</summary>
    public int FeedVersion { get; set; }

    /// <summary>Where their own calendar says when they cannot be on call, sealed; null: nowhere.</summary>
    public string? AbsenceUrl { get; set; }

    /// <summary>When that calendar was last read; null: never yet.</summary>
    public DateTimeOffset? AbsenceReadAt { get; set; }

    /// <summary>Why it could not be read the last time; null: it could.</summary>
    public Phrase? AbsenceFault { get; set; }
}

/// <summary>How somebody is reached besides mail; each kind of channel takes what it understands.</summary>
public sealed record PersonContacts
{
    /// <summary>User name in Mattermost, without @.</summary>
    [Setting(MaxLength = 64, Example = "camille")]
    public string? Mattermost { get; init; }

    /// <summary>In international form.</summary>
    [Setting(MaxLength = 20, Example = "+33612345678")]
    public string? Phone { get; init; }

    /// <summary>Number of the chat with the bot.</summary>
    [Setting(MaxLength = 64)]
    public string? Telegram { get; init; }

    /// <summary>Room or user in Matrix.</summary>
    [Setting(MaxLength = 255, Example = "@camille:example.org")]
    public string? Matrix { get; init; }

    /// <summary>Topic of their own in ntfy.</summary>
    [Setting(MaxLength = 64)]
    public string? Ntfy { get; init; }

    /// <summary>When what is not grave waits; null: never.</summary>
    public QuietInput? Quiet { get; init; }

    /// <summary>Names of the channels through which they want to be told, all at once; none: mail.</summary>
    [Setting(MaxLength = 100)]
    public IReadOnlyList<string> Through { get; init; } = [];
}

/// <summary>A browser that takes pushes (Push API): where to, and the keys that only it can read with.</summary>
/// <param name="Endpoint">Of its maker's push service.</param>
/// <param name="P256dh">Its public key, base64url.</param>
/// <param name="Auth">Its shared secret, base64url: whoever has it and the endpoint may write to it, if they also have our key.</param>
/// <param name="Name">Which one: <c>Firefox, Android</c>.</param>
public sealed record PushBrowser(string Endpoint, string P256dh, string Auth, string Name, DateTimeOffset AddedAt);

internal sealed class PersonMapping : IEntityTypeConfiguration<Person>,
    IEntityTypeConfiguration<IdentityUserClaim<long>>, IEntityTypeConfiguration<IdentityUserLogin<long>>, IEntityTypeConfiguration<IdentityUserToken<long>>
{
    public void Configure(EntityTypeBuilder<Person> builder)
    {
        builder.ToTable("people");
        builder.HasIndex(p => p.NormalizedUserName).IsUnique();
        builder.HasIndex(p => p.NormalizedEmail).IsUnique();
        builder.Property(p => p.Name).HasMaxLength(100);
        builder.Property(p => p.UserName).HasMaxLength(256);
        builder.Property(p => p.NormalizedUserName).HasMaxLength(256);
        builder.Property(p => p.Email).HasMaxLength(256);
        builder.Property(p => p.NormalizedEmail).HasMaxLength(256);
        builder.Property(p => p.Language).HasMaxLength(10);
        builder.Property(p => p.Contacts).HasJson().HasDefaultValueSql("'{}'");
        builder.Property(p => p.Browsers).HasJson().HasDefaultValueSql("'[]'");
        builder.Property(p => p.AbsenceFault).HasJson();
        builder.Property(p => p.ConcurrencyStamp).IsConcurrencyToken();
    }

    public void Configure(EntityTypeBuilder<IdentityUserClaim<long>> builder)
    {
        builder.ToTable("person_claims");
        builder.HasKey(c => c.Id);
        builder.HasOne<Person>().WithMany().HasForeignKey(c => c.UserId);
    }

    public void Configure(EntityTypeBuilder<IdentityUserLogin<long>> builder)
    {
        builder.ToTable("person_logins");
        builder.HasKey(l => new { l.LoginProvider, l.ProviderKey });
        builder.HasOne<Person>().WithMany().HasForeignKey(l => l.UserId);
    }

    public void Configure(EntityTypeBuilder<IdentityUserToken<long>> builder)
    {
        builder.ToTable("person_tokens");
        builder.HasKey(t => new { t.UserId, t.LoginProvider, t.Name });
        builder.HasOne<Person>().WithMany().HasForeignKey(t => t.UserId);
    }
}

public static class PeopleSets
{
    extension(OpsDbContext db)
    {
        public DbSet<Person> People => db.Set<Person>();
        public DbSet<ApiToken> ApiTokens => db.Set<ApiToken>();
        public DbSet<AuditEntry> Audit => db.Set<AuditEntry>();
    }
}
