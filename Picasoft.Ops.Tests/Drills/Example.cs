namespace Picasoft.Ops.Tests.Drills;

/// <summary>
/// A worked example of docs/pra that can be run here: <c>./ops drill --with NAME</c> follows its page, starts it on all three machines and writes to it all the time.
/// The next one is a class like <see cref="DavicalExample"/>, its line in <see cref="All"/>, and its Debian packages in <c>ops</c>.
/// </summary>
internal abstract class Example(string name)
{
    public static IReadOnlyList<Example> All { get; } = [new DavicalExample()];

    public string Name => name;

    public ExamplePage Page { get; } = new(name);

    /// <summary>What a machine's containers run, as their account root.</summary>
    public abstract IReadOnlyList<(string Name, string[] Command)> Servers(LabHost host);

    /// <summary>Names of all processes of it: what a container takes with it when it dies.</summary>
    public abstract IReadOnlyList<string> Processes { get; }

    /// <summary>Port and path that say 200 where it is well.</summary>
    public abstract string Ping { get; }

    /// <summary>The service of its ops.yaml that is down when one machine's copy is, and nobody feels it.</summary>
    public abstract string CopiesService { get; }

    /// <summary>What its page has done once, when the database takes writes.</summary>
    public abstract Task SetUpAsync(Lab lab);

    /// <summary>Writes to it as people do.</summary>
    public abstract Writer Write(Lab lab);
}
