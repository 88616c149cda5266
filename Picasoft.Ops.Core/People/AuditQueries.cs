using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.People;

/// <summary>Which entries of the audit log somebody looks for; null: any.</summary>
/// <param name="Actor">Part of a name or address.</param>
/// <param name="Action">Beginning of an action: <c>probe</c> or <c>probe.update</c>.</param>
/// <param name="Target">Part of a target.</param>
/// <param name="From">From this instant.</param>
/// <param name="To">Before this instant.</param>
public sealed record AuditFilter(string? Actor = null, string? Action = null, string? Target = null, DateTimeOffset? From = null, DateTimeOffset? To = null);

/// <summary>Reads the audit log, newest first.</summary>
public sealed class AuditQueries(IDbContextFactory<OpsDbContext> contexts)
{
    /// <param name="after">The id of the last entry already seen; null: from the newest.</param>
    public async Task<List<AuditEntry>> FindAsync(AuditFilter filter, int limit, long? after, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var entries = db.Audit.AsNoTracking();
        if (Part(filter.Actor) is { } actor) entries = entries.Where(a => EF.Functions.ILike(a.ActorName, actor, "\\") || EF.Functions.ILike(a.Address ?? "", actor, "\\"));
        if (Part(filter.Target) is { } target) entries = entries.Where(a => EF.Functions.ILike(a.Target, target, "\\"));
        if (filter.Action is { Length: > 0 } action) entries = entries.Where(a => a.Action.StartsWith(action));
        if (filter.From is { } from) entries = entries.Where(a => a.At >= from.ToUniversalTime());
        if (filter.To is { } to) entries = entries.Where(a => a.At < to.ToUniversalTime());
        if (after is not null) entries = entries.Where(a => a.Id < after);
        return await entries.OrderByDescending(a => a.Id).Take(limit).ToListAsync(cancel);
    }

    private static string? Part(string? text) =>
        string.IsNullOrWhiteSpace(text) ? null : $"%{text.Trim().Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%";
}
