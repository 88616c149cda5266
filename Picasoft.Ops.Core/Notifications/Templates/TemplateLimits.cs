using System.Text;
using Fluid;
using Fluid.Values;

namespace Picasoft.Ops.Core.Notifications.Templates;

/// <summary>A template wanted more than one may have.</summary>
internal sealed class TemplateTooMuchException() : IOException("The template makes too much.");

/// <summary>
/// Bounds what the engine itself does not: it counts steps, and with few steps a text can double until the memory is full. Every filter is charged for what it reads and makes,
/// and what is kept under a name is bounded.
/// </summary>
internal static class TemplateLimits
{
    /// <summary>All that the filters of one rendering may read and make, in characters or items.</summary>
    private const int Budget = 2_000_000;

    /// <summary>Of one value that a template makes, in characters or items.</summary>
    private const int LongestValue = 20_000;

    private const string Left = "picasoft.left";

    public static TemplateOptions Of(TemplateOptions options)
    {
        foreach (var (name, filter) in options.Filters.ToList()) options.Filters.AddFilter(name, (input, arguments, context) => BoundedAsync(filter, input, arguments, context));
        options.Assigned = (_, value, _) => new(Kept(value));
        options.Captured = (_, value, _) => new(Kept(value));
        return options;
    }

    public static void Begin(TemplateContext context) => context.AmbientValues[Left] = new StrongBox(Budget);

    private static async ValueTask<FluidValue> BoundedAsync(FilterDelegate filter, FluidValue input, FilterArguments arguments, TemplateContext context)
    {
        long given = SizeOf(input), most = 0;
        for (var i = 0; i < arguments.Count; i++) most = Math.Max(most, SizeOf(arguments.At(i)));
        // What is put between, or in place of, each part of a text: at worst so long.
        if (given * Math.Max(1, most) > (long)LongestValue * 100) throw new TemplateTooMuchException();
        Charge(context, given + most);
        var made = await filter(input, arguments, context);
        Charge(context, SizeOf(made));
        return Kept(made);
    }

    private static void Charge(TemplateContext context, long amount)
    {
        if (context.AmbientValues.TryGetValue(Left, out var box) && box is StrongBox left && (left.Value -= amount) < 0) throw new TemplateTooMuchException();
    }

    private static FluidValue Kept(FluidValue value) => SizeOf(value) > LongestValue ? throw new TemplateTooMuchException() : value;

    private static long SizeOf(FluidValue value) => value switch
    {
        StringValue text => text.ToStringValue().Length,
        ArrayValue list => list.Values.Count + list.Values.OfType<StringValue>().Sum(v => (long)v.ToStringValue().Length),
        _ => 1,
    };

    private sealed class StrongBox(long value)
    {
        public long Value = value;
    }

    /// <summary>Takes so many characters and no more.</summary>
    internal sealed class Writer(int longest) : TextWriter
    {
        private readonly StringBuilder _text = new();

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => Bounded(1).Append(value);

        public override void Write(string? value) => Bounded(value?.Length ?? 0).Append(value);

        public override void Write(ReadOnlySpan<char> buffer) => Bounded(buffer.Length).Append(buffer);

        public override void Write(char[] buffer, int index, int count) => Bounded(count).Append(buffer, index, count);

        public override Task WriteAsync(char value) { Write(value); return Task.CompletedTask; }

        public override Task WriteAsync(string? value) { Write(value); return Task.CompletedTask; }

        public override Task WriteAsync(ReadOnlyMemory<char> buffer, CancellationToken cancellationToken = default) { Write(buffer.Span); return Task.CompletedTask; }

        public override Task WriteAsync(char[] buffer, int index, int count) { Write(buffer, index, count); return Task.CompletedTask; }

        public override string ToString() => _text.ToString();

        private StringBuilder Bounded(int more) => _text.Length + more > longest ? throw new TemplateTooMuchException() : _text;
    }
}
