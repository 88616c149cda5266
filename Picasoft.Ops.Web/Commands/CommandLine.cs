using System.Runtime.InteropServices;
using Microsoft.Extensions.Configuration;
using Npgsql;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Web.Commands;

/// <summary>Finds the verb, runs it, and turns what went wrong into one sentence and an exit status.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(Verb[] verbs, string[] args)
    {
        using var stop = new CancellationTokenSource();
        // Ctrl-C and SIGTERM ask; what was started is stopped in order, and a private PostgreSQL last.
        void Ask(PosixSignalContext signal)
        {
            signal.Cancel = true;
            if (!stop.IsCancellationRequested) stop.Cancel();
        }
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Ask);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Ask);
        try
        {
            if (args is [] or ["--help"] or ["help"]) return Help(verbs, args.Length > 0);
            if (verbs.OrderByDescending(v => v.Name.Length).FirstOrDefault(v => v.Name.Split(' ') is var words && args.Take(words.Length).SequenceEqual(words, StringComparer.Ordinal)) is not { } verb) return Incomplete(verbs, args);
            var rest = args.Skip(verb.Name.Split(' ').Length).ToList();
            if (rest.Contains("--help", StringComparer.Ordinal))
            {
                Console.Write(verb.Help);
                return 0;
            }
            return await verb.RunAsync(Arguments.Parse(verb, rest), stop.Token);
        }
        catch (UsageError e)
        {
            return Fail(2, e.Message);
        }
        catch (PlainError e)
        {
            return Fail(1, e.Message);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return Fail(1, "Interrupted.");
        }
        catch (Exception e) when (e is NpgsqlException or PostgresException)
        {
            return Fail(1, $"The database failed ({e.Message}): look at its log, and try again.");
        }
        catch (IOException e)
        {
            return Fail(1, $"{e.Message}");
        }
        catch (Exception e) when (Environment.GetEnvironmentVariable("OPS_TRACE") is null)
        {
            return Fail(1, $"This should not have happened: {e.GetType().Name}: {e.Message} Please report it; with OPS_TRACE=1 it says where.");
        }
    }

    /// <summary>No verb, or only the beginning of some: <c>user</c>.</summary>
    private static int Incomplete(Verb[] verbs, string[] args)
    {
        var begun = verbs.Where(v => v.Name.StartsWith(args[0] + " ", StringComparison.Ordinal)).ToList();
        var said = string.Join(' ', args.TakeWhile(a => !a.StartsWith('-')).Take(2));
        if (begun.Count == 0) throw new UsageError($"There is no verb “{said}”: ./ops --help lists them.");
        if (!args.Contains("--help", StringComparer.Ordinal)) throw new UsageError($"“{said}” is not a verb; there is {string.Join(", ", begun.Select(v => v.Name))}: ./ops {args[0]} --help says more.");
        Console.Write(string.Join('\n', begun.Select(v => v.Help)));
        return 0;
    }

    private static int Help(Verb[] verbs, bool asked)
    {
        var text = "./ops VERB …\n\n" + string.Concat(verbs.Select(v => $"  {string.Join(' ', [v.Name, .. v.Operands]),-24} {v.Summary}\n")) + "\n./ops VERB --help says more.\n";
        (asked ? Console.Out : Console.Error).Write(text);
        return asked ? 0 : 2;
    }

    private static int Fail(int status, string sentence)
    {
        Console.Error.WriteLine(sentence.ReplaceLineEndings(" ").Trim());
        return status;
    }
}
