using System.Text.RegularExpressions;
using System.Xml.Linq;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Rules;

/// <summary>Every text is there in both languages, and every text that is asked for exists.</summary>
public partial class TextsTests
{
    [Fact]
    public void Every_text_is_in_both_languages_with_the_same_values()
    {
        var wrong = new List<string>();
        foreach (var path in Books("Picasoft.Ops.Core").Concat(Books("Picasoft.Ops.Web")))
        {
            var french = Path.ChangeExtension(path, ".fr.resx");
            if (!File.Exists(french)) { wrong.Add($"{path} has no {Path.GetFileName(french)}"); continue; }
            var (en, fr) = (Read(path), Read(french));
            wrong.AddRange(en.Where(t => t.Key != t.Key.Trim() || t.Value.Trim().Length == 0).Select(t => $"{path}: “{t.Key}” is padded, or says nothing"));
            wrong.AddRange(en.Keys.Except(fr.Keys).Select(k => $"{french} lacks {k}"));
            wrong.AddRange(fr.Keys.Except(en.Keys).Select(k => $"{path} lacks {k}"));
            foreach (var key in en.Keys.Intersect(fr.Keys))
                if (!Values(en[key]).SetEquals(Values(fr[key]))) wrong.Add($"{french}: {key} has other values than the English one");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Every_phrase_that_is_said_exists()
    {
        var known = Books("Picasoft.Ops.Core").SelectMany(p => Read(p).Keys).ToHashSet();
        var wrong = new List<string>();
        foreach (var (path, text) in Sources("Picasoft.Ops.Core").Concat(Sources("Picasoft.Ops.Web")))
        {
            wrong.AddRange(PhraseUse().Matches(text).Where(m => !Knows(known, m)).Select(m => $"{path}: {m.Groups["key"].Value}"));
            wrong.AddRange(NotFoundUse().Matches(text).Select(m => "refused.not_found." + m.Groups["key"].Value).Where(k => !known.Contains(k)).Select(k => $"{path}: {k}"));
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Every_text_of_a_page_exists_in_the_book_it_is_read_from()
    {
        var books = Books("Picasoft.Ops.Web").ToDictionary(p => Path.GetFileNameWithoutExtension(p), p => Read(p).Keys.ToHashSet());
        var wrong = new List<string>();
        // A page and the code behind it are one text: X.razor, X.razor.cs.
        foreach (var page in Sources("Picasoft.Ops.Web").GroupBy(s => s.Path.Split(".razor")[0]))
        {
            var text = string.Concat(page.Select(p => p.Text));
            foreach (var localizer in LocalizerUse().Matches(text).DistinctBy(m => m.Groups["name"].Value))
            {
                if (!books.TryGetValue(localizer.Groups["book"].Value, out var known)) { wrong.Add($"{page.Key}: there is no {localizer.Groups["book"].Value}.resx"); continue; }
                var uses = Regex.Matches(text, $"\\b{Regex.Escape(localizer.Groups["name"].Value)}\\[\"(?<key>[^\"]+)\"\\s*(?<next>.)", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(2));
                wrong.AddRange(uses.Where(m => !Knows(known, m)).Select(m => $"{page.Key}: {m.Groups["key"].Value} is not in {localizer.Groups["book"].Value}.resx"));
            }
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    // A key that is put together from parts must at least begin as some key does.
    private static bool Knows(HashSet<string> known, Match use) =>
        use.Groups["next"].Value == "+" ? known.Any(k => k.StartsWith(use.Groups["key"].Value, StringComparison.Ordinal)) : known.Contains(use.Groups["key"].Value);

    // "incident(s)" is a form of a form-filler: Plural knows which.
    [Fact]
    public void Nobody_is_left_to_choose_between_one_and_several()
    {
        var wrong = Books("Picasoft.Ops.Core").Concat(Books("Picasoft.Ops.Web")).SelectMany(p => new[] { p, Path.ChangeExtension(p, ".fr.resx") }).Where(File.Exists)
            .SelectMany(p => Read(p).Where(t => Undecided().IsMatch(t.Value)).Select(t => $"{Path.GetRelativePath(Repository.Root, p)}: {t.Key}: {t.Value}")).ToList();
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    // With a narrow no-break space, everywhere the same one.
    [Fact]
    public void French_keeps_its_signs_with_their_words()
    {
        var wrong = Books("Picasoft.Ops.Core").Concat(Books("Picasoft.Ops.Web")).Select(p => Path.ChangeExtension(p, ".fr.resx")).Where(File.Exists)
            .SelectMany(p => Read(p).Where(t => BreakingSign().IsMatch(t.Value)).Select(t => $"{Path.GetRelativePath(Repository.Root, p)}: {t.Key}: {t.Value}")).ToList();
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static IEnumerable<string> Books(string project) =>
        Repository.Files(project, "*.resx").Where(p => !p.EndsWith(".fr.resx", StringComparison.Ordinal));

    private static Dictionary<string, string> Read(string path) => XDocument.Load(path).Root!.Elements("data").ToDictionary(d => (string)d.Attribute("name")!, d => (string)d.Element("value")!);

    private static HashSet<string> Values(string text) => [.. Value().Matches(text).Select(m => m.Value)];

    private static IEnumerable<(string Path, string Text)> Sources(string project) =>
        Repository.Files(project, "*.cs").Concat(Repository.Files(project, "*.razor")).Select(p => (Path.GetRelativePath(Repository.Root, p), File.ReadAllText(p)));

    [GeneratedRegex("Phrase\\.Of\\(\"(?<key>[^\"]+)\"\\s*(?<next>.)", RegexOptions.ExplicitCapture, 2000)]
    private static partial Regex PhraseUse();

    [GeneratedRegex(@"IStringLocalizer<(?<book>\w+Texts)>\s+(?<name>\w+)", RegexOptions.ExplicitCapture, 2000)]
    private static partial Regex LocalizerUse();

    [GeneratedRegex("Refusal\\.NotFound\\(\"(?<key>[^\"]+)\"", RegexOptions.ExplicitCapture, 2000)]
    private static partial Regex NotFoundUse();

    [GeneratedRegex(@"\{\d+(:\w+)?\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Value();

    [GeneratedRegex(@"(?<!http)\((s|e|es|x|nt)\)|\{\d+\} (days|lines|times|hours|incidents|alerts|jours|lignes|heures|alertes)\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Undecided();

    [GeneratedRegex("[\\w»…)}][ \u00a0][:;?!»](\\s|$)|«[ \u00a0]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex BreakingSign();
}
