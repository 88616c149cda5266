using Fluid;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>
/// Templates that people write, in Liquid: <c>{{ title }}</c>, <c>{% if state == "open" %}</c>. A template sees the values it is given and nothing else,
/// can neither read files nor call code, and stops after so many steps.
/// </summary>
public static class MessageTemplate
{
    private const int MaxSteps = 20_000;
    private const int MaxLength = 200_000;

    private static readonly FluidParser _parser = new();
    private static readonly TemplateOptions _options = new() { MaxSteps = MaxSteps, MaxRecursion = 20 };

    /// <summary>Whether it is one; the reason names line and column.</summary>
    public static Outcome<IFluidTemplate> Parse(string template) =>
        _parser.TryParse(template, out var parsed, out var error) ? Outcomes.Of(parsed) : Refusal.Invalid("template", Phrase.Of("template.wrong", error));

    public static Outcome<string> Render(string template, Message message)
    {
        var parsed = Parse(template);
        if (parsed.Refusal is { } refusal) return refusal;
        try
        {
            var context = new TemplateContext(_options);
            foreach (var (name, value) in message.ForPrograms()) context.SetValue(name, value);
            var text = parsed.Value.Render(context);
            return text.Length > MaxLength ? Refusal.Invalid("template", Phrase.Of("input.too_long", MaxLength)) : text;
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or ArgumentException or OverflowException)
        {
            return Refusal.Invalid("template", Phrase.Of("template.wrong", e.Message));
        }
    }
}
