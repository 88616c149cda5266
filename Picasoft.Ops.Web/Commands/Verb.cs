namespace Picasoft.Ops.Web.Commands;

/// <summary>One verb of <c>./ops</c>.</summary>
/// <param name="Name">One word or two: <c>run</c>, <c>user add</c>.</param>
/// <param name="Operands">What must follow it: <c>FILE</c>.</param>
/// <param name="Flags">What may follow it, besides <c>--data</c> and <c>--help</c>.</param>
/// <param name="Summary">One sentence for the list of verbs.</param>
/// <param name="RunAsync">Does it; the exit status. Throws <see cref="Core.Primitives.PlainError"/> with a sentence when it cannot.</param>
internal sealed record Verb(string Name, string[] Operands, Flag[] Flags, string Summary, Func<Arguments, CancellationToken, Task<int>> RunAsync)
{
    /// <summary>Every verb's.</summary>
    private static readonly Flag _data = new("--data", "DIR", "state directory (OPS_DATA; for a normal user ~/.local/state/picasoft-ops, for root /var/lib/picasoft-ops)");

    public IEnumerable<Flag> AllFlags => Flags.Append(_data);

    public string Synopsis => string.Join(' ', ["./ops", Name, .. Operands, .. AllFlags.Select(f => $"[{f.Shown}]")]);

    public string Help => $"{Synopsis}\n\n{Summary}\n\n" + string.Concat(AllFlags.Select(f => $"  {f.Shown,-24} {f.Help}\n")) + $"  {"--help",-24} this text\n";
}

/// <summary>An option of a verb.</summary>
/// <param name="Value">What its value is called; null: it has none.</param>
internal sealed record Flag(string Name, string? Value, string Help)
{
    public string Shown => Value is null ? Name : $"{Name} {Value}";
}

/// <summary>The words after a verb, checked against what it takes.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, string> _flags = new(StringComparer.Ordinal);
    private readonly List<string> _operands = [];

    private Arguments() { }

    public string this[int operand] => _operands[operand];

    public string? this[string flag] => _flags.GetValueOrDefault(flag);

    public bool Has(string flag) => _flags.ContainsKey(flag);

    /// <exception cref="UsageError">Says what is wrong.</exception>
    public static Arguments Parse(Verb verb, IEnumerable<string> words)
    {
        var arguments = new Arguments();
        var queue = new Queue<string>(words);
        while (queue.TryDequeue(out var word))
        {
            if (!word.StartsWith("--", StringComparison.Ordinal))
            {
                arguments._operands.Add(word);
                continue;
            }
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? word : word[..equals];
            var flag = verb.AllFlags.FirstOrDefault(f => f.Name == name) ?? throw new UsageError(verb, $"{name} is not an option of {verb.Name}");
            var value = equals >= 0 ? word[(equals + 1)..] : "";
            if (flag.Value is null && equals >= 0) throw new UsageError(verb, $"{name} takes no value");
            if (flag.Value is not null && equals < 0 && !queue.TryDequeue(out value!)) throw new UsageError(verb, $"{name} needs a value ({flag.Value})");
            arguments._flags[name] = value;
        }
        if (arguments._operands.Count < verb.Operands.Length) throw new UsageError(verb, $"{verb.Operands[arguments._operands.Count]} is missing");
        if (arguments._operands.Count > verb.Operands.Length) throw new UsageError(verb, $"“{arguments._operands[verb.Operands.Length]}” is one word too many");
        return arguments;
    }
}

/// <summary>The command line is wrong: exit 2.</summary>
internal sealed class UsageError : Exception
{
    public UsageError(string message) : base(message) { }

    public UsageError(Verb verb, string message) : base($"{message}. Usage: {verb.Synopsis}") { }
}
