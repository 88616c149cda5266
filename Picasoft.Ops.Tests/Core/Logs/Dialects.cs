using System.Globalization;

namespace Picasoft.Ops.Tests.Core.Logs;

/// <summary>
/// Lines in the manners of speaking of many programs, with the kind that each truly is: the miner is tuned on no data set alone. A template's <c>{slot}</c> is filled with values of its
/// sort; slots that are words (<c>{user}</c>, <c>{host}</c>, <c>{app}</c>) are what a miner must find by itself.
/// </summary>
internal static class Dialects
{
    private static readonly string[] _users = ["root", "camille", "sacha", "backup", "www-data", "oracle", "admin", "test", "guest", "noe", "jo", "postgres", "git", "deploy", "alix"];
    private static readonly string[] _hosts = ["alice", "bob.example.org", "caribou", "mail.example.org", "localhost", "db-one.internal", "zoe", "gw", "web.example.com", "ns.example.net", "cache", "monitor"];
    private static readonly string[] _apps = ["com.example.mail", "com.example.chat.ui", "com.android.systemui", "org.example.Notes", "com.acme.sync", "com.acme.cloud.agent", "net.example.player", "com.tool.keyboard"];
    private static readonly string[] _classes = ["WindowState", "Session", "BufferQueue", "TaskRunner", "Dispatcher", "CacheEntry", "Resolver", "Scheduler"];
    private static readonly string[] _files = ["report", "index", "cache", "photo", "module", "archive", "session", "invoice", "backup"];

    public static IReadOnlyList<Dialect> All { get; } =
    [
        new("supercomputer", "- 11178{n5} 2005.06.{n2} R{n2}-M1-N{n1}-C:J12-U11 2005-06-{n2}-15.42.50.{n6} R{n2}-M1-N{n1}-C:J12-U11 RAS KERNEL INFO ", [
            "instruction cache parity error corrected", "data TLB error interrupt", "generating core.{n4}", "CE sym {n2}, at 0x{hex8}, mask 0x{hex2}", "total of {n2} ddr error(s) detected and corrected",
            "ciod: failed to read message prefix on control stream (CioStream socket to {ip}:{n5}", "ciod: Error loading {path}: invalid or missing program image, Exec format error",
            "ciod: LOGIN chdir({path}) failed: No such file or directory", "machine check enable....................{n1}", "wait state enable.......{n1}", "fpr{n2}=0x{hex8} 0x{hex8} 0x{hex8} 0x{hex8}",
            "{n8} double-hummer alignment exceptions", "{n1} tree receiver {n1} in re-synch state event(s) (dcr 0x{hex4}) detected over {n4} seconds", "rts: kernel terminated for reason {n4}",
            "data storage interrupt", "program interrupt: illegal instruction......{n1}", "program interrupt: trap instruction......{n1}", "external input interrupt (unit=0x{hex2} bit=0x{hex2}): number of corrected SRAM errors has exceeded threshold"]),
        new("phone", "03-17 16:13:{n2}.{n3}  {n4}  {n4} D WindowManager: ", [
            "acquire lock={n9}, flags=0x{n1}, tag=\"{app}\", name={app}, ws={ws}, uid={n5}, pid={n4}", "release lock={n9}, flags=0x{n1}, tag=\"{app}\", name={app}, ws={ws}, uid={n5}, pid={n4}",
            "setSystemUiVisibility vis={n4} mask={n8} oldVal={n3} newVal={n3} diff={n1} fullscreenStackVis={n1} dockedStackVis={n1}", "ready={bool},policy={n1},wakefulness={n1},wksummary=0x{hex2}",
            "printFreezingDisplayLogsopening app wtoken = AppWindowToken{{hex6} token=Token{{hex7} ActivityRecord{{hex7} u0 {app}/.Main t{n3}}}}, allDrawn= {bool}, startingDisplayed = {bool}",
            "Skipping AppWindowToken{{hex6} token=Token{{hex7} ActivityRecord{{hex6} u0 {app}/.ui t{n3}}}} -- going to hide", "computeScreenConfigurationLocked() Exit: mCurConfiguration={n3}dp",
            "Destroying surface Surface(name={class}) called by com.android.server.wm.WindowStateAnimator.destroySurface:{n4}", "getRunningAppProcesses: caller {n5} does not hold REAL_GET_TASKS; limiting output",
            "battery level changed to {n2}", "battery status changed", "notify: id{n4} corrected by delta {n3}", "startService called from {app}", "bindService called from {app}", "visible is system.call.count gt {n1}"]),
        new("cluster", "2015-10-18 18:01:{n2},{n3} INFO [main] org.apache.hadoop.mapreduce.v2.app.MRAppMaster: ", [
            "Created MRAppMaster for application appattempt_{n9}_{n4}", "attempt_{n9}_m_{n6}_0 TaskAttempt Transitioned from NEW to UNASSIGNED", "attempt_{n9}_m_{n6}_0 TaskAttempt Transitioned from UNASSIGNED to ASSIGNED",
            "attempt_{n9}_m_{n6}_0 TaskAttempt Transitioned from ASSIGNED to RUNNING", "task_{n9}_m_{n6} Task Transitioned from NEW to SCHEDULED", "Progress of TaskAttempt attempt_{n9}_m_{n6}_0 is : 0.{n3}",
            "Retrying connect to server: {host}:{n5}. Already tried {n1} time(s); retry policy is RetryUpToMaximumCountWithFixedSleep(maxRetries={n2}, sleepTime={n4} MILLISECONDS)",
            "JVM with ID : jvm_{n9}_m_{n6} asked for a task", "JVM with ID: jvm_{n9}_m_{n6} given task: attempt_{n9}_m_{n6}_0", "Auth successful for job_{n9} (auth:SIMPLE)",
            "Recalculating schedule, headroom=<memory:{n4}, vCores:-{n2}>", "Before Scheduling: PendingReds:{n1} ScheduledMaps:{n2} ScheduledReds:{n1} AssignedMaps:{n1}",
            "After Scheduling: PendingReds:{n1} ScheduledMaps:{n2} ScheduledReds:{n1} AssignedMaps:{n1}", "Assigned container container_{n9}_{n6} to attempt_{n9}_m_{n6}_0", "Num completed Tasks: {n2}"]),
        new("memory", "17/06/09 20:10:{n2} INFO storage.MemoryStore: ", [
            "Block broadcast_{n2} stored as values in memory (estimated size {size}, free {size})", "Block broadcast_{n2}_piece0 stored as bytes in memory (estimated size {size}, free {size})",
            "Found block rdd_{n2}_{n2} locally", "Found block rdd_{n2}_{n2} remotely", "Started reading broadcast variable {n2}", "Reading broadcast variable {n2} took {n2} ms", "Running task {n2}.0 in stage {n2}.0 (TID {n3})",
            "Finished task {n2}.0 in stage {n2}.0 (TID {n3}). {n4} bytes result sent to driver", "Got assigned task {n3}", "Getting {n1} non-empty blocks out of {n2} blocks", "Times: total = {n2}, boot = -{n2}, init = {n2}, finish = {n1}",
            "Successfully registered with driver", "Changing view acls to: {user}", "Partition rdd_{n2}_{n2} not found, computing it"]),
        new("pedometer", "20171223-22:15:{n2}:{n3}|Step_LSC|300{n5}|", [
            "onStandStepChanged {n4}", "onExtend:{n9} {n2} {n1} {n1}", "calculateCaloriesWithCache totalCalories={n6}", "calculateAltitudeWithCache totalAltitude={n3}", "REPORT : {n4} {n4} {n6} {n3}",
            "setTodayTotalDetailSteps={n9}##{n4}##{n6}##{n4}", "getTodayTotalDetailSteps = {n9}##{n4}##{n6}", "flush sensor data", "upLoadHealthData...", "upLoadOneMinuteDataToEngine time={n8},0,0,0", "processHandleBroadcastAction action:android.intent.action.SCREEN_ON"]),
        new("syslog", "Jun 14 15:{n2}:{n2} {host} daemon[{n5}]: ", [
            "Failed password for {user} from {ip} port {n5} ssh2", "Failed password for invalid user {user} from {ip} port {n5} ssh2", "Accepted publickey for {user} from {ip} port {n5} ssh2: RSA SHA256:{hex16}",
            "Connection closed by {ip} port {n5} [preauth]", "pam_unix(cron:session): session opened for user {user} by (uid={n1})", "pam_unix(cron:session): session closed for user {user}",
            "connect from {host}[{ip}]", "disconnect from {host}[{ip}] ehlo=1 mail=1 rcpt={n1} data=1 quit=1 commands={n1}", "{hex10}: removed", "{hex10}: from=<{user}@example.org>, size={n5}, nrcpt={n1} (queue active)",
            "{hex10}: to=<{user}@example.org>, relay={host}[{ip}]:25, delay={n1}.{n2}, delays=0.1/0/0.{n1}/0.2, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as {hex10})",
            "imap-login: Login: user=<{user}>, method=PLAIN, rip={ip}, lip={ip}, mpid={n5}, TLS, session=<{hex16}>", "Started Session {n5} of User {user}.", "Stopped Session {n5} of User {user}.",
            "(root) CMD (run-parts {path})", "Out of memory: Killed process {n5} ({user}) total-vm:{n6}kB, anon-rss:{n6}kB", "EXT4-fs error (device sda{n1}): ext4_find_entry:{n4}: inode #{n6}: comm {user}: reading directory lblock {n1}",
            "e1000: eth{n1} NIC Link is Up {n4} Mbps Full Duplex", "e1000: eth{n1} NIC Link is Down"]),
        new("columns", "2016-09-28 04:30:{n2}, Info                  CBS    ", [
            "Loaded Servicing Stack v6.1.7601.{n5} with Core: C:\\Windows\\winsxs\\amd64_{hex8}\\cbscore.dll", "SQM: Initializing online with Windows opt-in: {bool}", "SQM: Cleaning up report files older than {n2} days.",
            "Read out cached package applicability for package: Package_for_KB{n7}~31bf3856ad364e35~amd64~~6.1.1.{n1}, ApplicableState: {n3}, CurrentState:{n3}", "Session: {n8}_{n9} initialized by client WindowsUpdateAgent.",
            "Warning: Unrecognized packageExtended attribute.", "Expecting attribute name [HRESULT = 0x{hex8} - CBS_E_MANIFEST_INVALID_ITEM]", "Failed to get next element [HRESULT = 0x{hex8} - CBS_E_MANIFEST_INVALID_ITEM]",
            "{n8}@2016/9/28:04:30:31.{n3} WcpInitialize (wcp.dll version 0.0.0.6) called (stack @0x{hex8} @0x{hex8} @0x{hex8})", "Starting TrustedInstaller initialization.", "Ending TrustedInstaller initialization."]),
        new("web", "2026-11-25T10:{n2}:{n2}.{n3}Z ", [
            "level=info msg=\"request completed\" method=GET path={path} status={n3} duration={n2}ms user={user}", "level=warn msg=\"slow query\" duration={n4}ms table={file}", "level=error msg=\"connection refused\" host={host} port={n4}",
            "worker {n1} started (pid {n5})", "worker {n1} exited with code {n1}", "cache miss for key {uuid}", "cache hit for key {uuid}", "uploaded file {file}.pdf ({size}) by {user}", "websocket opened for client {uuid} from {ip}",
            "websocket closed for client {uuid} from {ip} after {n3}s", "migration {n3} applied in {n2} ms", "sending mail to {user}@example.org", "job {uuid} failed: timeout after {n2} seconds", "job {uuid} done"]),
    ];

    /// <summary>Lines with what they are, a few kinds often and most seldom, as logs have it.</summary>
    public static List<(string Line, string Kind)> Lines(Dialect dialect, int count, int seed, bool header = true)
    {
        var random = new Random(seed);
        var order = dialect.Templates.OrderBy(_ => random.Next()).ToList();
        var lines = new List<(string, string)>(count);
        for (var i = 0; i < count; i++)
        {
            var rank = i < order.Count ? i : (int)(order.Count * Math.Pow(random.NextDouble(), 2.2));
            lines.Add((Fill((header ? dialect.Header : "") + order[rank], random), order[rank]));
        }
        return lines;
    }

    private static string Fill(string template, Random random)
    {
        var text = new System.Text.StringBuilder(template.Length * 2);
        for (var at = 0; at < template.Length; at++)
        {
            var close = template[at] == '{' ? template.IndexOf('}', at) : -1;
            if (close > 0 && template[(at + 1)..close] is var slot && Value(slot, random) is { } value)
            {
                text.Append(value);
                at = close;
            }
            else
            {
                text.Append(template[at]);
            }
        }
        return text.ToString();
    }

    private static string? Value(string slot, Random random) => slot switch
    {
        ['n', var digits] => random.NextInt64((long)Math.Pow(10, digits - '0')).ToString(CultureInfo.InvariantCulture).PadLeft(digits is '2' or '3' ? digits - '0' : 1, '0'),
        "ip" => $"{random.Next(1, 224)}.{random.Next(256)}.{random.Next(256)}.{random.Next(1, 255)}",
        "uuid" => new Guid(Enumerable.Range(0, 16).Select(_ => (byte)random.Next(256)).ToArray()).ToString(),
        "user" => Pick(_users, random),
        "host" => Pick(_hosts, random),
        "app" => Pick(_apps, random),
        "class" => Pick(_classes, random),
        "file" => Pick(_files, random),
        "ws" => random.Next(2) == 0 ? "null" : $"WorkSource{{{random.Next(10000, 20000)}}}",
        "bool" => random.Next(2) == 0 ? "true" : "false",
        "path" => "/" + string.Join('/', Enumerable.Range(0, random.Next(1, 5)).Select(_ => Pick(_files, random))),
        "size" => string.Create(CultureInfo.InvariantCulture, $"{random.Next(1, 1000)}.{random.Next(10)} {Pick(["B", "KB", "MB", "GB"], random)}"),
        _ when slot.StartsWith("hex", StringComparison.Ordinal) => string.Concat(Enumerable.Range(0, int.Parse(slot[3..], CultureInfo.InvariantCulture)).Select(_ => "0123456789abcdef"[random.Next(16)])),
        _ => null,
    };

    private static string Pick(string[] from, Random random) => from[(int)(from.Length * Math.Pow(random.NextDouble(), 1.5))];

    public sealed record Dialect(string Name, string Header, string[] Templates);
}
