using System.Globalization;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Tests.Core.Primitives;

public sealed class ScheduleTextTests
{
    [Theory]
    [InlineData("0 4 * * 1", "every Monday at 04:00", "chaque lundi à 04:00")]
    [InlineData("30 3 * * *", "every day at 03:30", "chaque jour à 03:30")]
    [InlineData("0 8,20 * * 0,6", "every Sunday, Saturday at 08:00, 20:00", "chaque dimanche, samedi à 08:00, 20:00")]
    [InlineData(" 5 9  * * 1-5 ", "from Monday to Friday at 09:05", "du lundi au vendredi à 09:05")]
    [InlineData("0 5 2 * *", "on day 2 of each month at 05:00", "le 2 de chaque mois à 05:00")]
    [InlineData("*/15 * * * *", "every 15 min", "toutes les 15 min")]
    [InlineData("10 * * * *", "every hour at minute 10", "chaque heure à la minute 10")]
    [InlineData("0 5 L * *", "by the cron schedule 0 5 L * *", "selon le calendrier cron 0 5 L * *")]
    [InlineData("0 5 1 * 1", "by the cron schedule 0 5 1 * 1", "selon le calendrier cron 0 5 1 * 1")]
    [InlineData("*/7 * * * *", "by the cron schedule */7 * * * *", "selon le calendrier cron */7 * * * *")]
    [InlineData("0 5 * 6 *", "by the cron schedule 0 5 * 6 *", "selon le calendrier cron 0 5 * 6 *")]
    public void A_schedule_is_said_as_people_say_it(string schedule, string english, string french)
    {
        Assert.Equal(english, ScheduleText.Of(schedule, CultureInfo.GetCultureInfo("en")));
        Assert.Equal(french, ScheduleText.Of(schedule, CultureInfo.GetCultureInfo("fr")));
    }
}
