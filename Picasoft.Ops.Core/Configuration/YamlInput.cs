using System.Text;
using Picasoft.Ops.Core.Primitives;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Picasoft.Ops.Core.Configuration;

/// <summary>What a YAML text says, and what is wrong with it as YAML.</summary>
/// <param name="Root">Null when it is no YAML at all.</param>
/// <param name="Errors">All of them; the rest can still be read, so that its errors are reported too.</param>
public sealed record YamlText(InputNode? Root, IReadOnlyList<FieldError> Errors);

/// <summary>
/// YAML as <see cref="InputNode"/>s, with line and column. Never throws, whatever the text. Values may name environment variables;
/// anchors are understood, but a text may not grow by them (billion laughs).
/// </summary>
public sealed class YamlInput
{
    /// <summary>Largest text, in bytes of UTF-8.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>Most values, those repeated by aliases counted each time.</summary>
    public const int MaxNodes = 100_000;

    private const int MaxDepth = 32;

    private readonly IParser _parser;
    private readonly Func<string, string?> _environment;
    private readonly List<FieldError> _errors = [];
    private readonly Dictionary<AnchorName, (InputNode Node, int Size, int Depth)> _anchors = [];
    private int _nodes;

    private YamlInput(string text, Func<string, string?> environment) => (_parser, _environment) = (new Parser(new StringReader(text)), environment);

    /// <summary>Reads a text.</summary>
    /// <param name="text">YAML 1.2, one document.</param>
    /// <param name="environment">The value of a variable, or null when it is not set.</param>
    public static YamlText Read(string text, Func<string, string?> environment)
    {
        if (Encoding.UTF8.GetByteCount(text) > MaxBytes) return new(null, [new("", Phrase.Of("input.too_large", MaxBytes), new(1, 1))]);
        var input = new YamlInput(text, environment);
        try
        {
            return new(input.Document(), input._errors);
        }
        catch (YamlException e)
        {
            return new(null, [.. input._errors, NotYaml(text, e)]);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The library's own slips over texts that are no YAML: for the reader of the message it is the same.
            return new(null, [.. input._errors, new("", Phrase.Of("yaml.not_yaml", e.Message), new(1, 1))]);
        }
    }

    private static FieldError NotYaml(string text, YamlException error)
    {
        // An end that is missing is told of the line after the last.
        var place = error.Start.Line > text.Count(c => c == '\n') + 1 ? new InputPlace(text.Count(c => c == '\n') + 1, 1) : new((int)Math.Max(1, error.Start.Line), (int)Math.Max(1, error.Start.Column));
        if (error is TooMuch) return new("", Phrase.Of("yaml.too_much", MaxNodes, MaxDepth), place);
        // The commonest mistake, and the library's words for it depend on what stands around it.
        var tab = Array.FindIndex(text.Split('\n'), l => l.TakeWhile(c => c is ' ' or '\t').Contains('\t')) + 1;
        return tab > 0 && (error.Message.Contains("tab", StringComparison.OrdinalIgnoreCase) || Math.Abs(tab - error.End.Line) <= 1)
            ? new("", Phrase.Of("yaml.tab"), new(tab, 1)) : new("", Phrase.Of("yaml.not_yaml", error.Message.Split('\n')[0]), place);
    }

    private InputNode Document()
    {
        _parser.Consume<StreamStart>();
        if (_parser.Accept<StreamEnd>(out _)) return new InputMap([], new(1, 1));
        _parser.Consume<DocumentStart>();
        var root = Node(0).Node;
        _parser.Consume<DocumentEnd>();
        if (!_parser.Accept<StreamEnd>(out _)) Fail(_parser.Current!, "", "yaml.one_document");
        // An empty file is an empty map, not a value that is missing.
        return root is InputScalar { Text: null } ? new InputMap([], root.Place) : root;
    }

    private (InputNode Node, int Size, int Depth) Node(int depth, string path = "")
    {
        if (depth > MaxDepth) throw new TooMuch(_parser.Current!);
        if (_parser.TryConsume<AnchorAlias>(out var alias))
        {
            if (!_anchors.TryGetValue(alias.Value, out var known))
            {
                Fail(alias, path, "yaml.no_anchor", alias.Value.Value);
                return (new InputScalar(null, false, Place(alias)), 1, 0);
            }
            Count(known.Size, alias);
            if (depth + known.Depth > MaxDepth) throw new TooMuch(alias);
            return known;
        }
        if (_parser.Current is not NodeEvent start) throw new YamlException(_parser.Current!.Start, _parser.Current.End, "A value is missing.");
        // Its own tags (!!str) change nothing here: the field says what it takes. Foreign ones ask for something we do not do.
        if (!start.Tag.IsEmpty && !start.Tag.IsNonSpecific && !start.Tag.Value.StartsWith("tag:yaml.org,2002:", StringComparison.Ordinal)) Fail(start, path, "yaml.tag", start.Tag.Value);
        Count(1, start);
        var before = _nodes;
        var (node, below) = start switch
        {
            Scalar _ => (Text(path), 0),
            SequenceStart => Sequence(depth, path),
            _ => Mapping(depth, path),
        };
        var read = (node, _nodes - before + 1, below);
        if (!start.Anchor.IsEmpty) _anchors[start.Anchor] = read;
        return read;
    }

    private (InputNode Node, int Depth) Sequence(int depth, string path)
    {
        var start = _parser.Consume<SequenceStart>();
        var items = new List<InputNode>();
        var below = 0;
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            var (item, _, itemDepth) = Node(depth + 1, $"{path}[{items.Count}]");
            items.Add(item);
            below = Math.Max(below, itemDepth + 1);
        }
        return (new InputList(items, Place(start)), below);
    }

    private (InputNode Node, int Depth) Mapping(int depth, string path)
    {
        var start = _parser.Consume<MappingStart>();
        var entries = new List<InputEntry>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var below = 0;
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var key = _parser.Current!;
            if (_parser.TryConsume<Scalar>(out var name))
            {
                var at = InputReader.Join(path, name.Value);
                var (value, _, valueDepth) = Node(depth + 1, at);
                below = Math.Max(below, valueDepth + 1);
                if (!names.Add(name.Value)) Fail(name, at, "input.twice");
                else entries.Add(new(name.Value, value, Place(name)));
                continue;
            }
            Fail(key, path, "yaml.key");
            Node(depth + 1, path);
            Node(depth + 1, path);
        }
        return (new InputMap(entries, Place(start)), below);
    }

    private InputScalar Text(string path)
    {
        var scalar = _parser.Consume<Scalar>();
        var isQuoted = scalar.Style != ScalarStyle.Plain;
        if (!isQuoted && scalar.Value is "" or "~" or "null" or "Null" or "NULL") return new(null, false, Place(scalar));
        var text = Variables.Expand(scalar.Value, _environment, why => _errors.Add(new(path, why, Place(scalar))));
        return new(text, isQuoted, Place(scalar));
    }

    private void Count(int nodes, ParsingEvent at)
    {
        _nodes += nodes;
        if (_nodes > MaxNodes) throw new TooMuch(at);
    }

    private void Fail(ParsingEvent at, string path, string key, params object?[] args)
    {
        if (_errors.Count < InputReader.MaxErrors) _errors.Add(new(path, Phrase.Of(key, args), Place(at)));
    }

    private static InputPlace Place(ParsingEvent e) => new((int)e.Start.Line, (int)e.Start.Column);

    private sealed class TooMuch(ParsingEvent at) : YamlException(at.Start, at.End, "too much");
}
