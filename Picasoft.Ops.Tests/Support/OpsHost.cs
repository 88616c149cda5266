using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Picasoft.Ops.Tests.Support;

/// <summary>The real product as a process of its own, ready to answer. Give it a database of <see cref="PostgresFixture"/>, or a data folder for its private one.</summary>
public sealed partial class OpsHost : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _said = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private OpsHost(ProcessStartInfo info)
    {
        _process = new Process { StartInfo = info, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, e) => Hear(e.Data);
        _process.ErrorDataReceived += (_, e) => Hear(e.Data);
        _process.Exited += (_, _) => _address.TrySetException(new InvalidOperationException("The product ended before it was ready."));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public Uri Address => Client.BaseAddress!;

    /// <summary>Speaks to it, without cookies or redirects.</summary>
    public HttpClient Client { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromSeconds(30) });

    public int ProcessId => _process.Id;

    /// <summary>What it printed so far, for the message of a test that fails.</summary>
    public string Output
    {
        get { lock (_said) return _said.ToString(); }
    }

    /// <summary>Starts it, and waits until <c>/readyz</c> says 200.</summary>
    /// <param name="database">A connection string; null: its own private server.</param>
    /// <param name="data">State directory; one must be given that outlives the process.</param>
    /// <param name="user">Account to run as (tests that run as root).</param>
    /// <param name="program">A copy of <see cref="Program"/> to run instead.</param>
    /// <param name="within">A program and its arguments that becomes it, somewhere else: <c>unshare</c> and the like.</param>
    public static async Task<OpsHost> StartAsync(string data, string? database = null, string? user = null, IReadOnlyDictionary<string, string>? environment = null, string? program = null, IReadOnlyList<string>? within = null, string verb = "run", params string[] more)
    {
        var info = Info(user, program, [verb, "--urls", "http://127.0.0.1:0", "--data", data, .. more], within);
        if (database is not null) info.Environment["ConnectionStrings__Ops"] = database;
        info.Environment["OPS_SYSLOG"] = ""; // several at once on one machine
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) info.Environment[name] = value;
        var host = new OpsHost(info);
        try
        {
            host.Client.BaseAddress = await host._address.Task.WaitAsync(TimeSpan.FromMinutes(5));
            await Eventually.TrueAsync(async () => (await host.Client.GetAsync("/readyz")).IsSuccessStatusCode, "/readyz says 200");
            return host;
        }
        catch (Exception e)
        {
            await host.DisposeAsync();
            throw new InvalidOperationException($"{e.Message} It said:\n{host.Output}", e);
        }
    }

    /// <summary>Runs an administration verb to its end.</summary>
    public static Task<Said> VerbAsync(params string[] words) => VerbAsync(null, words);

    public static async Task<Said> VerbAsync(IReadOnlyDictionary<string, string>? environment, params string[] words)
    {
        var info = Info(null, null, words);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) info.Environment[name] = value;
        using var process = Process.Start(info)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return new(process.ExitCode, await output, await error);
    }

    /// <summary>SIGTERM, and its exit status.</summary>
    public async Task<int> StopAsync()
    {
        if (!_process.HasExited) Signals.Send(_process.Id, Signals.Terminate);
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(5));
        return _process.ExitCode;
    }

    /// <summary>kill -9, of the application alone.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Client.Dispose();
        _process.Dispose();
    }

    private void Hear(string? line)
    {
        if (line is null) return;
        lock (_said) _said.AppendLine(line);
        if (AddressLine().Match(line) is { Success: true } match) _address.TrySetResult(new(match.Groups["url"].Value));
    }

    private static ProcessStartInfo Info(string? user, string? program, string[] words, IReadOnlyList<string>? within = null)
    {
        // Whoever runs the tests under nohup would have SIGHUP ignored in here too.
        var info = new ProcessStartInfo("env", ["--default-signal=HUP", .. within ?? [], "dotnet", program ?? Program, .. words]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        // Nothing of the developer's own set-up reaches the product under test.
        foreach (var name in info.Environment.Keys.Where(k => k.StartsWith("OPS_", StringComparison.Ordinal) && k != "OPS_PG_BIN" || k.StartsWith("ConnectionStrings", StringComparison.Ordinal)).ToList())
            info.Environment.Remove(name);
        if (user is not null)
        {
            info.UserName = user;
            info.Environment["HOME"] = "/nonexistent";
        }
        return info;
    }

    /// <summary>The published program if <c>OPS_APP</c> names its folder, else the build beside that of the tests.</summary>
    public static string Program { get; } = Path.Combine(
        Environment.GetEnvironmentVariable("OPS_APP") ?? AppContext.BaseDirectory.Replace("/Picasoft.Ops.Tests/", "/Picasoft.Ops.Web/", StringComparison.Ordinal), "Picasoft.Ops.Web.dll");

    [GeneratedRegex("^Picasoft\\.Ops is at (?<url>http\\S+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AddressLine();
}

/// <summary>What a verb answered.</summary>
public sealed record Said(int Exit, string Output, string Error);
