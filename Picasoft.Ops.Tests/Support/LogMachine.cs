using System.Diagnostics;
using System.Globalization;

namespace Picasoft.Ops.Tests.Support;

/// <summary>
/// A machine as far as logs and accounts go: a namespace with its own <c>/dev/log</c>, <c>/run</c>, <c>/etc</c> and processes, in which Debian's programs are run unchanged, as root. What they
/// say goes through a real rsyslogd, or a real systemd-journald, to where the test wants it. All its processes end with it.
/// </summary>
public sealed class LogMachine : IAsyncDisposable
{
    private const string Prepare = """
        set -e
        cd FOLDER; mkdir dev etc
        mount -t tmpfs dev dev
        for n in null zero full random urandom tty; do touch dev/$n; mount --bind /dev/$n dev/$n; done
        mkdir dev/pts dev/shm; mount --bind /dev/pts dev/pts; ln -s pts/ptmx dev/ptmx
        ln -s /proc/self/fd dev/fd; ln -s fd/0 dev/stdin; ln -s fd/1 dev/stdout; ln -s fd/2 dev/stderr
        cp -a /etc/. etc
        mount --rbind dev /dev; mount --bind etc /etc; mount -t tmpfs run /run
        mkdir -p /run/sshd /run/sudo /run/lock
        hostname HOST; echo "127.0.0.1 HOST" >> /etc/hosts; echo HOST > /etc/hostname
        """;

    private const string Rsyslog = """
        cat > rsyslog.conf <<CONF
        global(workDirectory="FOLDER" localHostname="HOST")
        module(load="imuxsock" SysSock.Name="/dev/log" SysSock.RateLimit.Interval="0")
        action(type="omfwd" target="127.0.0.1" port="PORT" protocol="tcp" TCP_Framing="octet-counted" action.resumeRetryCount="-1")
        CONF
        rsyslogd -n -f FOLDER/rsyslog.conf -i FOLDER/rsyslog.pid &
        exec sleep infinity
        """;

    private const string Systemd = """
        mount -t cgroup2 cgroup /sys/fs/cgroup
        mkdir units; ln -s /run/systemd/journal/dev-log /dev/log
        cat > rsyslog.conf <<CONF
        global(workDirectory="FOLDER" localHostname="HOST")
        module(load="imjournal" StateFile="FOLDER/imjournal.state" Ratelimit.Interval="0" IgnorePreviousMessages="off" DefaultSeverity="5")
        template(name="named" type="string" string="<%PRI%>1 %TIMESTAMP:::date-rfc3339% HOST %APP-NAME% %PROCID% - - %msg%")
        action(type="omfwd" target="127.0.0.1" port="PORT" protocol="tcp" TCP_Framing="octet-counted" template="named" action.resumeRetryCount="-1")
        CONF
        cat > units/systemd-journald.socket <<UNIT
        [Unit]
        DefaultDependencies=no
        [Socket]
        ListenStream=/run/systemd/journal/stdout
        ListenDatagram=/run/systemd/journal/socket
        ListenDatagram=/run/systemd/journal/dev-log
        PassCredentials=yes
        UNIT
        cat > units/systemd-journald.service <<UNIT
        [Unit]
        DefaultDependencies=no
        Requires=systemd-journald.socket
        After=systemd-journald.socket
        [Service]
        Type=notify
        ExecStart=/lib/systemd/systemd-journald
        FileDescriptorStoreMax=4224
        UNIT
        cat > units/rsyslog.service <<UNIT
        [Unit]
        DefaultDependencies=no
        Requires=systemd-journald.service
        After=systemd-journald.service
        [Service]
        ExecStart=/usr/sbin/rsyslogd -n -f FOLDER/rsyslog.conf -i FOLDER/rsyslog.pid
        UNIT
        printf '[Unit]\nDefaultDependencies=no\nWants=rsyslog.service\n' > units/default.target
        export container=lxc SYSTEMD_UNIT_PATH=FOLDER/units:/lib/systemd/system
        exec /lib/systemd/systemd --system --log-target=journal-or-kmsg --log-level=info --show-status=no --unit=default.target
        """;

    private const string Journald = """
        mkdir -p /run/systemd/journal /run/log/journal
        ln -s /run/systemd/journal/dev-log /dev/log
        /lib/systemd/systemd-journald &
        exec sleep infinity
        """;

    private readonly TempFolder _folder = new();
    private readonly Process _process;

    private LogMachine(string script)
    {
        File.WriteAllText(_folder["start.sh"], script.Replace("FOLDER", _folder.Path, StringComparison.Ordinal));
        _process = Process.Start(new ProcessStartInfo("unshare", ["--mount", "--propagation", "private", "--cgroup", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc", "bash", _folder["start.sh"]]) { WorkingDirectory = "/", RedirectStandardError = true, RedirectStandardOutput = true })!;
    }

    public static bool CanRun => Environment.IsPrivilegedProcess && File.Exists("/usr/bin/unshare") && File.Exists("/usr/sbin/rsyslogd");

    public string Folder => _folder.Path;

    /// <summary>Whether systemd can run as the first process of a namespace here: it needs control groups of its own.</summary>
    public static async Task<bool> CanBootAsync()
    {
        if (!CanRun || !File.Exists("/lib/systemd/systemd")) return false;
        using var process = Process.Start(new ProcessStartInfo("unshare", ["--mount", "--cgroup", "--pid", "--fork", "sh", "-c", "mount -t cgroup2 cgroup /sys/fs/cgroup && mkdir /sys/fs/cgroup/ops-test && rmdir /sys/fs/cgroup/ops-test"]) { RedirectStandardError = true })!;
        await process.WaitForExitAsync();
        return process.ExitCode == 0;
    }

    /// <summary>What it logs is sent to <paramref name="port"/>, as said by <paramref name="host"/>.</summary>
    public static Task<LogMachine> WithRsyslogAsync(string host, int port) => StartAsync(For(Prepare + '\n' + Rsyslog, host, port));

    /// <summary>The same, under a systemd and its journald.</summary>
    public static Task<LogMachine> WithSystemdAsync(string host, int port) => StartAsync(For(Prepare + '\n' + Systemd, host, port));

    /// <summary>What it logs is in its journal.</summary>
    public static Task<LogMachine> WithJournalAsync() => StartAsync(For(Prepare + '\n' + Journald, "machine", 0));

    /// <summary>The words before a command that is to run in it.</summary>
    public async Task<string[]> EnterAsync() => ["nsenter", "--target", await InsideAsync(), "--mount", "--cgroup", "--uts", "--pid"];

    /// <summary>Runs a program in it to its end; what it said and whether that was a good one.</summary>
    public async Task<(int Code, string Said)> RunAsync(string[] command, IReadOnlyDictionary<string, string>? environment = null)
    {
        // Entering, it finds itself at the root.
        string[] all = [.. await EnterAsync(), "env", $"--chdir={_folder.Path}", .. command];
        var info = new ProcessStartInfo(all[0], all[1..]) { WorkingDirectory = _folder.Path, RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal)) info.Environment[name] = value;
        using var process = Process.Start(info)!;
        // Daemons that it leaves behind keep its output open: what they say is not waited for.
        var said = new System.Text.StringBuilder();
        void Hear(object sender, DataReceivedEventArgs e)
        {
            lock (said) said.AppendLine(e.Data);
        }
        process.OutputDataReceived += Hear;
        process.ErrorDataReceived += Hear;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        while (!process.WaitForExit(0)) await Task.Delay(50);
        lock (said) return (process.ExitCode, said.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        // The kernel ends all of a namespace with its first process, and that only when all others are gone: nobody speaks any more.
        if (int.TryParse(await InsideAsync(), out var inside)) Process.GetProcessById(inside).Kill();
        else _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Dispose();
    }

    // The first process inside is the child of unshare.
    private async Task<string> InsideAsync() => _process.HasExited ? "" : (await File.ReadAllTextAsync($"/proc/{_process.Id}/task/{_process.Id}/children")).Trim();

    private static string For(string script, string host, int port) => script.Replace("HOST", host, StringComparison.Ordinal).Replace("PORT", port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    private static async Task<LogMachine> StartAsync(string script)
    {
        var machine = new LogMachine(script);
        await Eventually.TrueAsync(async () =>
        {
            if (machine._process.HasExited) throw new InvalidOperationException(await machine._process.StandardError.ReadToEndAsync());
            return File.Exists($"/proc/{machine._process.Id}/task/{machine._process.Id}/children") && (await machine.EnterAsync())[2].Length > 0 && (await machine.RunAsync(["test", "-S", "/dev/log"])).Code == 0;
        }, "the machine has its /dev/log");
        return machine;
    }
}
