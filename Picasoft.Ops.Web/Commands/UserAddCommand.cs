using System.Security.Cryptography;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Web.Commands;

internal static class UserAddCommand
{
    public static Verb Verb { get; } = new("user add", ["EMAIL"],
    [
        new("--role", "ROLE", "viewer, responder (if not said) or admin"),
        new("--name", "NAME", "the name shown (if not said: the address up to its @)"),
        new("--password-stdin", null, "read the password from the first line of standard input; else one is made and printed"),
    ], "Adds somebody who can sign in, and prints the password.", RunAsync);

    private static async Task<int> RunAsync(Arguments arguments, CancellationToken cancel)
    {
        var role = Role.Responder;
        if (arguments["--role"] is { } word && !Words.TryParse(word, out role)) throw new UsageError(Verb, $"“{word}” is not a role: say {string.Join(", ", Words.All(typeof(Role)))}");
        var own = arguments.Has("--password-stdin");
        var password = own ? await Console.In.ReadLineAsync(cancel) ?? "" : RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyz23456789", 20); // 100 bits, nothing to confuse

        await using var workplace = await Workplace.OpenAsync(SettingsReader.Read(arguments), cancel);
        var made = await workplace.Services.GetRequiredService<PersonActions>().AddAsync(arguments[0], arguments["--name"], role, password, Actor.System, cancel);
        if (made.Refusal is { } refusal) throw new PlainError($"Nobody was added. {refusal}");
        Console.WriteLine(own ? $"Added {made.Value.Email} ({Words.Of(role)})." : $"Added {made.Value.Email} ({Words.Of(role)}). Password: {password}");
        return 0;
    }
}
