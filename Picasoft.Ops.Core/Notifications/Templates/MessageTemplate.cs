using System.Globalization;
using System.Text.RegularExpressions;
using Fluid;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Notifications.Templates;

/// <summary>
/// Templates that people write, in Liquid: <c>{{ title }}</c>, <c>{% if state == "open" %}</c>. A template sees the values it is given and nothing else: it can neither read
/// files nor call code, and its steps, what it may put together, and what comes out are all bounded. Pure.
/// </summary>
public static partial class MessageTemplate
{
    /// <summary>Longest output, in characters.</summary>
    public const int Longest = 100_000;

    private const int MaxSteps = 2_000;

    private static readonly FluidParser _parser = new();
    private static readonly TemplateOptions _options = TemplateLimits.Of(new() { MaxSteps = MaxSteps, MaxRecursion = 10 });

    /// <summary>Whether it can be carried out; the reason names line and column.</summary>
    public static Outcome<IFluidTemplate> Parse(string template) => Parse(template, null);

    /// <summary>The same, and whether it names only values that there are: for who writes it.</summary>
    public static Outcome<IFluidTemplate> Check(string template) => Parse(template, Message.Values);

    /// <summary>Never throws for what somebody wrote.</summary>
    public static Outcome<string> Render(string template, IReadOnlyDictionary<string, object?> values)
    {
        var parsed = Parse(template);
        if (parsed.Refusal is { } refusal) return refusal;
        try
        {
            var context = new TemplateContext(_options);
            foreach (var (name, value) in values) context.SetValue(name, value);
            TemplateLimits.Begin(context);
            using var writer = new TemplateLimits.Writer(Longest);
            parsed.Value.RenderAsync(writer, context).AsTask().GetAwaiter().GetResult(); // nothing in it waits
            return writer.ToString();
        }
        catch (TemplateTooMuchException) { return Refusal.Invalid("template", Phrase.Of("template.too_much")); }
        catch (Exception e) when (e is InvalidOperationException or FormatException or ArgumentException or ArithmeticException or IOException or InvalidCastException or IndexOutOfRangeException or NullReferenceException or FluidException)
        {
            return Refusal.Invalid("template", e is InvalidOperationException ? Phrase.Of("template.too_much") : Phrase.Of("template.wrong", e.Message));
        }
    }

    private static Outcome<IFluidTemplate> Parse(string template, IReadOnlyCollection<string>? known)
    {
        if (!_parser.TryParse(template, out var parsed, out var error)) return Refusal.Invalid([Said(error)]);
        var inspector = new TemplateInspector(_options.Filters, known);
        inspector.VisitTemplate(parsed);
        var errors = inspector.Wrong.Select(w => Wrong(w.Words, PlaceOf(template, w.Word))).ToList();
        return errors.Count > 0 ? Refusal.Invalid(errors) : Outcomes.Of(parsed);
    }

    private static FieldError Wrong(Phrase words, InputPlace? at) => new("template", at is { } place ? Phrase.Of("template.wrong_at", words, place.Line, place.Column) : words, at);

    /// <summary>What the parser says, in the reader's words where they are known.</summary>
    private static FieldError Said(string error)
    {
        var line = error.Split('\n')[0].Trim();
        if (Place().Match(line) is not { Success: true } place) return new("template", Phrase.Of("template.wrong", line));
        var said = line[..place.Index].Trim();
        var words = (Expected().Match(said), UnknownTag().Match(said)) switch
        {
            ({ Success: true } expected, _) => Phrase.Of("template.expected", expected.Groups["what"].Value),
            (_, { Success: true } tag) => Phrase.Of("template.unknown_tag", tag.Groups["what"].Value),
            _ when said == "A value was expected" => Phrase.Of("template.expected_value"),
            _ => Phrase.Of("template.said", said),
        };
        return Wrong(words, new(int.Parse(place.Groups["line"].ValueSpan, CultureInfo.InvariantCulture), int.Parse(place.Groups["column"].ValueSpan, CultureInfo.InvariantCulture)));
    }

    /// <summary>Where a word first stands between braces; the parsed template does not say.</summary>
    private static InputPlace? PlaceOf(string template, string word)
    {
        foreach (Match tag in Tag().Matches(template))
        {
            if (Regex.Match(tag.Value, $@"(?<![\w.]){Regex.Escape(word)}(?!\w)", RegexOptions.None, TimeSpan.FromSeconds(1)) is not { Success: true } found) continue;
            var before = template[..(tag.Index + found.Index)];
            return new(before.Count(c => c == '\n') + 1, before.Length - before.LastIndexOf('\n'));
        }
        return null;
    }

    [GeneratedRegex(@" at \((?<line>\d+):(?<column>\d+)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Place();

    [GeneratedRegex(@"'(?<what>.{1,30})' was expected$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Expected();

    [GeneratedRegex(@"^Unknown tag '(?<what>.{1,30})'", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex UnknownTag();

    [GeneratedRegex(@"\{[{%].*?[}%]\}", RegexOptions.Singleline, 1000)]
    private static partial Regex Tag();
}
