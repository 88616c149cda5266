using System.Diagnostics;
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

    /// <summary>As somebody would who follows the page: in a copy of the repository, with nothing but what it says. Of the other tests only what this one uses is built.</summary>
    [Fact]
    public async Task In_a_scratch_copy_of_the_repository_the_two_files_and_one_line_build_and_their_test_passes()
    {
        using var scratch = new TempFolder();
        foreach (var file in new[] { ".editorconfig", "BannedSymbols.txt", "Directory.Build.props", "Directory.Packages.props", "global.json" }) File.Copy(Path.Combine(Repository.Root, file), scratch[file]);
        Copy("Picasoft.Ops.Core", "*");
        Copy("Picasoft.Ops.Tests", "*.cs");
        var text = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "new-probe-kind.md"));
        foreach (Match file in NamedBlock().Matches(text)) await File.WriteAllTextAsync(scratch[file.Groups["path"].Value], file.Groups["code"].Value);
        var module = scratch["Picasoft.Ops.Core/Probes/ProbesModule.cs"];
        var line = Registration().Match(text).Groups["code"].Value;
        await File.WriteAllTextAsync(module, (await File.ReadAllTextAsync(module)).Replace("        services.AddSingleton<IProbe, HttpProbe>();\n", $"        services.AddSingleton<IProbe, HttpProbe>();\n        {line}\n", StringComparison.Ordinal));
        await File.WriteAllTextAsync(scratch["Picasoft.Ops.Tests/Picasoft.Ops.Tests.csproj"], """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><OutputType>Exe</OutputType><EnableDefaultCompileItems>false</EnableDefaultCompileItems></PropertyGroup>
              <ItemGroup>
                <FrameworkReference Include="Microsoft.AspNetCore.App" />
                <PackageReference Include="xunit.v3" />
                <Using Include="Xunit" />
                <Compile Include="Core/Probes/FileAgeProbeTests.cs;Core/Probes/Checking.cs;Support/TempFolder.cs" />
                <ProjectReference Include="../Picasoft.Ops.Core/Picasoft.Ops.Core.csproj" />
              </ItemGroup>
            </Project>
            """);

        // No server of the compiler stays behind.
        await DotnetAsync("build", scratch["Picasoft.Ops.Tests/Picasoft.Ops.Tests.csproj"], "-v", "q", "-nodeReuse:false", "-p:UseSharedCompilation=false", "-o", scratch["out"]);
        Assert.Contains("Total: 2,", await DotnetAsync(scratch["out/Picasoft.Ops.Tests.dll"]), StringComparison.Ordinal);

        void Copy(string folder, string files)
        {
            foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), files, SearchOption.AllDirectories).Where(f => !Built().IsMatch(f)))
            {
                var copy = scratch[Path.GetRelativePath(Repository.Root, file)];
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(file, copy);
            }
        }
    }

    private static async Task<string> DotnetAsync(params string[] arguments)
    {
        var info = new ProcessStartInfo(Environment.ProcessPath is { } self && Path.GetFileName(self) == "dotnet" ? self : "dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        // What the test runner says to its own children is nothing for these.
        foreach (var name in info.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || k.StartsWith("TESTINGPLATFORM", StringComparison.OrdinalIgnoreCase)).ToList()) info.Environment.Remove(name);
        using var process = Process.Start(info)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, output + await error);
        return output;
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

    [GeneratedRegex("`(?<path>[^`\n]+\\.cs)`[^\n]*\n\n```csharp\n(?<code>.*?)```", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex NamedBlock();

    [GeneratedRegex("`(?<code>services\\.AddSingleton<[^`]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Registration();

    [GeneratedRegex("/(bin|obj)/", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Built();

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex CodeBlock();
}
