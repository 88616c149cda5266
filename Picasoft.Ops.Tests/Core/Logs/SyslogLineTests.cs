using System.Text;
using CsCheck;
using Picasoft.Ops.Core.Logs;
using Picasoft.Ops.Core.Logs.Syslog;

namespace Picasoft.Ops.Tests.Core.Logs;

public sealed class SyslogLineTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 25, 17, 5, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("Europe/Paris", "2026-11-02T08:00Z", 1, "2026-10-26T08:00Z")] // 9 in the morning, both in winter
    [InlineData("Europe/Paris", "2026-11-02T08:00Z", 2, "2026-10-19T07:00Z")] // the same 9 in the morning, in summer
    [InlineData("Europe/Paris", "2026-04-05T00:00Z", 1, "2026-03-29T01:00Z")] // an hour that did not exist
    [InlineData("Asia/Kolkata", "2026-11-02T08:00Z", 2, "2026-10-19T08:00Z")] // half past there, then and now
    [InlineData("UTC", "2026-11-02T08:00Z", 4, "2026-10-05T08:00Z")]
    public void The_same_hour_of_past_weeks_is_that_of_the_clock_on_the_wall(string zone, string hour, int weeks, string same) =>
        Assert.Equal(DateTimeOffset.Parse(same, null), LogTime.SameHour(DateTimeOffset.Parse(hour, null), weeks, TimeZoneInfo.FindSystemTimeZoneById(zone)));

    [Theory]
    // RFC 5424 §6.5
    [InlineData("<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \uFEFF'su root' failed for lonvick on /dev/pts/8", "mymachine.example.com|su||'su root' failed for lonvick on /dev/pts/8|Critical")]
    [InlineData("<165>1 2003-10-11T22:14:15.003Z host evntslog - ID47 [a@1 iut=\"3\" x=\"a\\]b\"][b@2] An event", "host|evntslog||An event|Notice")]
    [InlineData("<165>1 2003-10-11T22:14:15.003Z host app 9 ID47 [broken", "host|app|9|[broken|Notice")]
    [InlineData("<13>1 - - - - - -", "peer||||Notice")]
    // RFC 3164, and what is sent in its name
    [InlineData("<34>Oct 11 22:14:15 mymachine su: 'su root' failed", "mymachine|su||'su root' failed|Critical")]
    [InlineData("<22>Nov 25 17:00:00 alice postfix/smtp[4711]: A1B2: to=<x@example.org>, status=deferred", "alice|postfix/smtp|4711|A1B2: to=<x@example.org>, status=deferred|Info")]
    [InlineData("Nov  5 17:00:00 alice kernel: Out of memory", "alice|kernel||Out of memory|Notice")]
    [InlineData("2026-11-25T17:00:00.123456+01:00 alice sshd[1]: Accepted", "alice|sshd|1|Accepted|Notice")]
    [InlineData("<30>Nov 25 17:00:00 2001:db8::1 app: text", "2001:db8::1|app||text|Info")]
    // Docker's syslog driver: default, rfc3164 on the local socket, rfc3164, rfc5424
    [InlineData("<30> 2026-11-25T17:00:00Z alice a1b2c3d4[812]: GET / 200", "alice|a1b2c3d4|812|GET / 200|Info")]
    [InlineData("<30>Nov 25 17:00:00 a1b2c3d4[812]: GET / 200", "peer|a1b2c3d4|812|GET / 200|Info")]
    [InlineData("<30>Nov 25 17:00:00 alice web/a1b2[812]: GET / 200", "alice|web/a1b2|812|GET / 200|Info")]
    [InlineData("<30>1 2026-11-25T17:00:00Z alice web 812 web - GET / 200", "alice|web|812|GET / 200|Info")]
    [InlineData("<28>Nov 25 17:00:00 alice borg terminating with success", "alice|borg||terminating with success|Warning")] // rsyslog's imfile
    // nothing of it
    [InlineData("just words: and more", "peer|||just words: and more|Notice")]
    [InlineData("<999>x", "peer|||<999>x|Notice")]
    [InlineData("<13>", "peer||||Notice")]
    [InlineData("", "peer||||Notice")]
    public void Its_parts_are_found(string message, string parts)
    {
        var line = SyslogLine.Parse(Encoding.UTF8.GetBytes(message), "peer"u8, _now);
        Assert.Equal(parts, $"{LogFields.Text(line.Host)}|{LogFields.Text(line.App)}|{LogFields.Text(line.Process)}|{LogFields.Text(line.Text)}|{line.Severity}");
    }

    [Fact]
    public void No_bytes_break_it() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        var line = SyslogLine.Parse(bytes, "peer"u8, _now);
        _ = LogFields.Text(line.Text) + LogTime.Of(line.Stamp, _now, TimeZoneInfo.Utc);
    }, iter: 20_000);

    [Theory]
    [InlineData("2026-11-25T17:00:00+01:00", "2026-11-25T16:00:00Z")]
    [InlineData("Nov 25 17:04:05", "2026-11-25T17:04:05Z")]
    [InlineData("1795625940000000000", "2026-11-25T16:59:00Z")]
    [InlineData("1795625940", "2026-11-25T16:59:00Z")]
    [InlineData("2030-01-01T00:00:00Z", "2026-11-25T17:05:00Z")] // ahead: as of when it came
    [InlineData("1970-01-01T00:00:00Z", "2026-11-25T17:05:00Z")]
    [InlineData("Foo 99 99:99:99", "2026-11-25T17:05:00Z")]
    public void A_clock_that_cannot_be_believed_is_not(string stamp, string at) =>
        Assert.Equal(DateTimeOffset.Parse(at, null), LogTime.Of(Encoding.ASCII.GetBytes(stamp), _now, TimeZoneInfo.Utc));

    [Fact]
    public void A_line_of_last_year_is_of_last_year()
    {
        var newYear = new DateTimeOffset(2027, 1, 1, 0, 0, 5, TimeSpan.Zero);
        Assert.Equal(newYear.AddSeconds(-10), LogTime.Of("Dec 31 23:59:55"u8, newYear, TimeZoneInfo.Utc));
    }
}
