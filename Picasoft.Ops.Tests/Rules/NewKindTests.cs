using System.Reflection;
using System.Runtime.Loader;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Rules;

/// <summary>What docs/new-probe-kind.md says is enough for a probe kind is enough: its two files are compiled against this build, the kind is read like any other, and its test runs.</summary>
public sealed partial class NewKindTests
{
    private const string Usings = "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks; global using Xunit;";

    [Fact]
    public async Task The_one_file_and_the_one_test_of_the_documentation_work_as_they_stand()
    {
        var files = CodeBlock().Matches(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "new-probe-kind.md"))).Select(m => m.Groups["code"].Value).ToList();
        Assert.Equal(2, files.Count);
        var assembly = Compile(files);

        var kind = (IProbe)Activator.CreateInstance(assembly.GetTypes().Single(t => t.IsAssignableTo(typeof(IProbe))))!;
        var kinds = new ProbeKinds([kind], new SecretBox(new string('k', 32)));
        var written = Read("""{"name": "backup", "type": "file_age", "interval": "1h", "file_age": {"path": "/srv/backup/last", "limits": {"above": 90000}}}""");
        Assert.Null(kinds.ReadInput(written).Refusal);
        var wrong = kinds.ReadInput(Read("""{"name": "backup", "type": "file_age", "file_age": {"limits": {"above": 1, "warnAbove": 2}}}""")).Refusal!;
        Assert.Equal(["file_age.limits.warnAbove", "file_age.path"], wrong.Errors.Select(e => e.Field).Order(StringComparer.Ordinal));

        var ran = 0;
        var tests = assembly.GetTypes().Single(t => t.Name.EndsWith("Tests", StringComparison.Ordinal));
        foreach (var test in tests.GetMethods().Where(m => m.GetCustomAttribute<FactAttribute>() is not null))
        {
            using var instance = (IDisposable)Activator.CreateInstance(tests)!;
            await (Task)test.Invoke(instance, null)!;
            ran++;
        }
        Assert.Equal(2, ran);
    }

    private static InputNode Read(string json) => JsonInput.Parse(System.Text.Encoding.UTF8.GetBytes(json)).Value;

    private static Assembly Compile(IEnumerable<string> files)
    {
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(p => MetadataReference.CreateFromFile(p));
        var compilation = CSharpCompilation.Create("NewKind", files.Append(Usings).Select(f => CSharpSyntaxTree.ParseText(f)), references, new(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error)));
        image.Position = 0;
        return AssemblyLoadContext.Default.LoadFromStream(image);
    }

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex CodeBlock();
}
