using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;

namespace Picasoft.Ops.Tests.Drills;

/// <summary>DAViCal: PHP on every machine, all of its state in the PostgreSQL that is resilient already.</summary>
internal sealed partial class DavicalExample() : Example("davical")
{
    public override string Ping => "8091/ping";

    public override string CopiesService => "davical-copies";

    public override IReadOnlyList<string> Processes => ["php-fpm8.2", "nginx"];

    // In the image its settings lie at /etc/davical; here each machine sees a folder of its own there.
    public override IReadOnlyList<(string Name, string[] Command)> Servers(LabHost host) =>
    [
        ("davical", ["unshare", "--mount", "sh", "-c", "mount -t tmpfs -o mode=0755 tmpfs /etc/davical && ln -s \"$0\" /etc/davical/config.php && exec \"$@\"", host.Config("davical.php"),
            "/usr/sbin/php-fpm8.2", "--nodaemonize", "--fpm-config", host.Config("davical.fpm")]),
        ("davical-web", ["/usr/sbin/nginx", "-e", "stderr", "-g", "daemon off;", "-c", host.Config("davical.nginx")]),
    ];

    public override Task SetUpAsync(Lab lab) => Shell.RunAsync("env", $"PGHOST={Network.VirtualAddress}", "PGPORT=5000", "PGUSER=postgres", $"PGPASSWORD={lab.Secret("postgres")}",
        $"DAVICAL={lab.Secret("davical")}", $"DAVICAL_ADMIN={lab.Secret("davical_admin")}", lab.Bin("davical-database"));

    public override Writer Write(Lab lab) => new CalendarWriter(lab.Secret("davical_admin"));

    /// <summary>New events by CalDAV (RFC 4791), through the one address; 201 acknowledges one.</summary>
    private sealed class CalendarWriter : Writer
    {
        private const string Calendar = "/caldav.php/admin/drill/";
        private readonly HttpClient _client = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromSeconds(1) }) { BaseAddress = new($"http://{Network.VirtualAddress}:8091"), Timeout = TimeSpan.FromSeconds(4) };

        public CalendarWriter(string password) : base("davical", 2, TimeSpan.FromMilliseconds(300)) =>
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"admin:{password}")));

        public override async Task<bool> TryCreateAsync(CancellationToken cancel) =>
            await SendAsync("MKCALENDAR", Calendar, null, cancel) is (HttpStatusCode.Created, _) or (HttpStatusCode.MethodNotAllowed, _); // the second: an earlier attempt made it

        protected override async Task<bool> WriteAsync(int hand, long id, CancellationToken cancel)
        {
            var start = new DateTime(2030, 1, 1, 8, 0, 0, DateTimeKind.Utc).AddMinutes(id);
            using var entry = new StringContent($"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Picasoft//Drill//EN\r\nBEGIN:VEVENT\r\nUID:drill-{id}\r\nDTSTAMP:20300101T000000Z\r\nDTSTART:{start:yyyyMMdd'T'HHmmss'Z'}\r\nDTEND:{start.AddHours(1):yyyyMMdd'T'HHmmss'Z'}\r\nSUMMARY:Drill {id}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", Encoding.UTF8, "text/calendar");
            var (status, text) = await SendAsync("PUT", $"{Calendar}{id}.ics", entry, cancel);
            return status == HttpStatusCode.Created ? true : throw new InvalidOperationException($"{(int)status} {text}");
        }

        /// <summary>Read back as a calendar program does: which events are there?</summary>
        protected override async Task<IReadOnlySet<long>> PresentAsync(CancellationToken cancel)
        {
            using var question = new StringContent("""<propfind xmlns="DAV:"><prop><getetag/></prop></propfind>""", Encoding.UTF8, "application/xml");
            question.Headers.Add("Depth", "1");
            var (status, text) = await SendAsync("PROPFIND", Calendar, question, cancel);
            return status == HttpStatusCode.MultiStatus ? Event().Matches(text).Select(m => long.Parse(m.Groups["id"].ValueSpan)).ToHashSet() : throw new InvalidOperationException($"{(int)status} {text}");
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) _client.Dispose();
            base.Dispose(disposing);
        }

        private async Task<(HttpStatusCode Status, string Text)> SendAsync(string method, string path, HttpContent? body, CancellationToken cancel)
        {
            using var request = new HttpRequestMessage(new(method), path) { Content = body };
            if (method == "PUT") request.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Any);
            using var answer = await _client.SendAsync(request, cancel);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync(cancel));
        }
    }

    [GeneratedRegex(@"/drill/(?<id>\d+)\.ics", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Event();
}
