using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Incidents;

/// <summary>Finds incidents by words, wherever these stand: each place has a trigram index over exactly the expression written here (<c>migrations/SearchIndexes.cs</c>).</summary>
public static class IncidentSearch
{
    private const int MaxWords = 8;

    /// <summary>Shorter than this no trigram index can help, and only the titles and services are looked at.</summary>
    private const int Shortest = 3;

    public static IEnumerable<string> WordsOf(string? text) => (text ?? "").Replace("\0", "", StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(MaxWords);

    /// <summary>
    /// The numbers of the incidents that hold a word, above <paramref name="above"/>: of the newest alone a common word is found by walking them,
    /// where an index would bring up all that ever held it.
    /// </summary>
    public static IQueryable<long> NumbersOf(OpsDbContext db, string word, long above = 0)
    {
        var like = Containing(word);
        var number = long.TryParse(word.TrimStart('#'), NumberStyles.None, CultureInfo.InvariantCulture, out var said) ? said : 0;
        return word.Length < Shortest
            ? db.Database.SqlQuery<long>($"""
                select number as "Value" from incidents where (number = {number} or title ilike {like} or service ilike {like}) and number > {above}
                """)
            : db.Database.SqlQuery<long>($"""
                select number as "Value" from incidents where number = {number} and number > {above}
                union select number from incidents where title ilike {like} and number > {above}
                union select number from incidents where service in (select name from services where name ilike {like} or title ilike {like}) and number > {above}
                union select incident_number from timeline_entries where text is not null and text || ' ' || coalesce(data::text, '') ilike {like} and incident_number > {above}
                union select incident_id from alerts where incident_id is not null and coalesce(annotations ->> 'summary', '') || ' ' || coalesce(annotations ->> 'description', '') ilike {like} and incident_id > {above}
                """);
    }

    private static string Containing(string text) => "%" + text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal) + "%";
}
