using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Web.Commands;

internal static class TokenCreateCommand
{
    public static Verb Verb { get; } = new("token create", ["NAME"],
        [new("--scope", "SCOPE", "what it may do: read, respond, ingest, admin, all; several with commas")],
        "Makes a program's key and prints it, once.", RunAsync);

    private static async Task<int> RunAsync(Arguments arguments, CancellationToken cancel)
    {
        var scopes = ScopesOf(arguments["--scope"] ?? throw new UsageError(Verb, "--scope is missing"));
        var name = arguments[0].Trim();
        if (name.Length is 0 or > 100) throw new UsageError(Verb, "NAME must have 1 to 100 characters");

        await using var workplace = await Workplace.OpenAsync(SettingsReader.Read(arguments), cancel);
        var db = workplace.Services.GetRequiredService<OpsDbContext>();
        if (await db.ApiTokens.AnyAsync(t => t.Name == name && t.RevokedAt == null, cancel)) throw new PlainError($"There is a token named {name} already: choose another name, or revoke that one first.");
        var text = ApiToken.NewText();
        var now = workplace.Services.GetRequiredService<TimeProvider>().GetUtcNow();
        db.ApiTokens.Add(new() { Name = name, Hash = ApiToken.HashOf(text), Prefix = text[..8], Scopes = scopes, CreatedAt = now, CreatedBy = Actor.System.Name });
        db.Audit.Add(AuditEntry.Of(Actor.System, "token.add", name, null, new { scopes }, now));
        await db.SaveChangesAsync(cancel);
        Console.WriteLine(text);
        return 0;
    }

    private static Scopes ScopesOf(string text)
    {
        var scopes = Scopes.None;
        foreach (var word in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!Words.TryParse<Scopes>(word, out var scope) || scope == Scopes.None) throw new UsageError(Verb, $"“{word}” is not a scope: say read, respond, ingest, admin or all");
            scopes |= scope;
        }
        return scopes;
    }
}
