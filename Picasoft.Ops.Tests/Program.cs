using Picasoft.Ops.Tests;
using Picasoft.Ops.Tests.Benchmarks;
using Picasoft.Ops.Tests.Drills;
using Picasoft.Ops.Tests.Support;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

if (args is ["check", ..]) return await Elsewhere.RunAsync(args[1..]);
Remains.Sign();
// xunit starts this program also to ask it what it has.
if (args.All(a => a is not ("--list-tests" or "--info" or "--help"))) await Remains.ClearAsync();
// "check", "bench" and "drill" are ours; the rest is the entry point that xunit would generate.
if (args is ["bench", ..]) return await BenchRunner.RunAsync(args[1..]);
if (args is ["drill", ..]) return await DrillCommand.RunAsync(args[1..]);
return args.Any(a => a is "--server" or "--internal-msbuild-node")
    ? await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
    : await ConsoleRunner.Run(args);
