using System.Globalization;
using System.Text;
using CsCheck;
using Picasoft.Ops.Core.Configuration;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Tests.Core.Configuration;

public class YamlInputTests
{
    [Fact]
    public void No_text_makes_it_throw()
    {
        var scraps = Gen.OneOf(Gen.String, Pick("- ", "\n", "  ", ": ", "\t", "{", "}", "[", "]", "&a ", "*a", "|", ">", "\"", "'", "${", "}", "${X}", "!!", "!x ", "#", "---", "...", "? ", ",", "<<", "%YAML 9", "\u0000", "\ud800", "- - - ", "a: "));
        scraps.Array[0, 40].Select(string.Concat).Sample(text => YamlInput.Read(text, _ => null) is not null, iter: 5_000);
    }

    [Fact]
    public void No_file_makes_the_whole_reader_throw()
    {
        var scraps = Pick("version: 1\n", "hosts:\n", "services:\n", "probes:\n", "  - name: a\n", "  - {name: b, host: c}\n", "    depends_on: [a, b]\n", "    depends_on: {a: b}\n", "    type: http\n", "    http: {url: x}\n", "    http: [1]\n", "  - 3\n", "    runbook: x\n", "    slo: 3\n", "x: ${Y}\n", "    rto: 99999999999999999d\n", "    interval: 1s\n", "    host: [a]\n");
        scraps.Array[0, 20].Select(string.Concat).Sample(text => { _ = ConfigurationStore.Read(text); }, iter: 500);
    }

    [Fact]
    public void What_is_written_is_read_back_as_the_same()
    {
        var text = Gen.OneOf(Gen.String, Pick("", "null", "~", "true", "12", "0x1", "a: b", "- a", "# c", "line\nline\n", " lead", "trail ", "a\r\nb", "\t", "${X}", "$${X}", "a\n\n b\n", "\n", "é 😀", "*a", "&a", "!t", "%x", "@x", "`x", "'", "\"", "a #b", "---", "1e3", "\u2028", "\u0085", "-", "?", ":"))
            .Where(t => !t.Any(char.IsSurrogate) || t == "é 😀").Where(t => !t.Contains('\0', StringComparison.Ordinal) && t.All(c => c is not ('\uFFFE' or '\uFFFF')));
        var name = text.Where(t => t.Length is > 0 and < 900);
        var scalar = text.Select(t => (InputNode)new InputScalar(t, true, null));
        var node = Gen.Recursive<InputNode>((depth, inner) => depth > 3 ? scalar : Gen.OneOf(scalar, inner.Array[0, 4].Select(i => (InputNode)new InputList(i, null)),
            Gen.Select(name, inner).Array[0, 4].Select(e => (InputNode)new InputMap([.. e.DistinctBy(x => x.Item1).Select(x => new InputEntry(x.Item1, x.Item2, null))], null))));
        Gen.Select(name, node).Array[1, 4].Sample(entries =>
        {
            var map = new InputMap([.. entries.DistinctBy(e => e.Item1).Select(e => new InputEntry(e.Item1, new ExportedText().Finish(e.Item2), null))], null);
            var yaml = YamlOutput.Write(map);
            var back = YamlInput.Read(yaml, _ => "VARIABLE");
            Assert.Empty(back.Errors);
            Assert.Equal(Texts(new InputMap([.. entries.DistinctBy(e => e.Item1).Select(e => new InputEntry(e.Item1, e.Item2, null))], null)), Texts(back.Root!));
        }, iter: 1_000);
    }

    [Theory]
    [InlineData("a: 1\nb: [1", 2, "This is not valid YAML")]
    [InlineData("a:\n\t- 1", 2, "This line is indented with a tab: YAML wants spaces.")]
    [InlineData("a: 1\n---\nb: 2", 2, "A second document begins here; write everything in one.")]
    [InlineData("a: *nobody", 1, "There is no anchor called \"nobody\" above.")]
    [InlineData("a: 1\na: 2", 2, "Given twice.")]
    [InlineData("a: 1\n[x]: 2", 2, "A name must be a plain text, not a list or a group.")]
    [InlineData("a: !exec ls", 1, "The tag \"!exec\" is not understood here: leave it out.")]
    [InlineData("a: 1\nb: ${NOPE}", 2, "The environment variable NOPE is not set: set it (or NOPE_FILE), or write ${NOPE:-default}.")]
    [InlineData("a: \"${no pe}\"", 1, "\"${\" begins a variable, such as ${NAME} or ${NAME:-default}; write $${ for the characters themselves.")]
    public void Each_mistake_has_its_line_and_a_sentence(string yaml, int line, string sentence)
    {
        var error = Assert.Single(YamlInput.Read(yaml, _ => null).Errors);
        Assert.Equal(line, error.Place!.Value.Line);
        Assert.StartsWith(sentence, error.Message.In(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("${A}", "1")]
    [InlineData("x${A}y${A}", "x1y1")]
    [InlineData("${B:-two}", "two")]
    [InlineData("${EMPTY:-two}", "two")]
    [InlineData("${EMPTY}", "")]
    [InlineData("${B:-}", "")]
    [InlineData("$${A}", "${A}")]
    [InlineData("$A $ {A}", "$A $ {A}")]
    [InlineData("${TRICK}", "${A}")]
    public void Variables_are_put_in_once(string written, string read) =>
        Assert.Equal(read, Variables.Expand(written, name => name switch { "A" => "1", "EMPTY" => "", "TRICK" => "${A}", _ => null }, why => Assert.Fail(why.In())));

    [Fact]
    public void A_billion_laughs_are_refused_quickly()
    {
        var yaml = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 12; i++) yaml.Append(CultureInfo.InvariantCulture, $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n");
        var read = YamlInput.Read(yaml.ToString(), _ => null);
        Assert.Null(read.Root);
        Assert.Contains("at most 100000 values", Assert.Single(read.Errors).Message.In(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData('[')]
    [InlineData('{')]
    public void Deep_nesting_is_refused(char open) => Assert.Null(YamlInput.Read(new string(open, 200_000), _ => null).Root);

    [Fact]
    public void More_than_a_mebibyte_is_refused() => Assert.Null(YamlInput.Read(new string('#', YamlInput.MaxBytes + 1), _ => null).Root);

    [Fact]
    public void Quotes_make_a_text_of_what_looks_like_a_number()
    {
        var root = (InputMap)YamlInput.Read("a: 1\nb: '1'\nc: ~\nd: 'null'", _ => null).Root!;
        Assert.Equal([(false, "1"), (true, "1"), (false, null), (true, "null")], root.Entries.Select(e => (((InputScalar)e.Value).IsQuoted, ((InputScalar)e.Value).Text)));
    }

    private static Gen<string> Pick(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static string Texts(InputNode node) => node switch
    {
        InputMap map => "{" + string.Join(",", map.Entries.Select(e => $"{e.Name.Length}:{e.Name}={Texts(e.Value)}")) + "}",
        InputList list => "[" + string.Join(",", list.Items.Select(Texts)) + "]",
        _ => $"{((InputScalar)node).Text?.Length}:{((InputScalar)node).Text}",
    };

    private sealed class ExportedText
    {
        public InputNode Finish(InputNode node) => node switch
        {
            InputMap map => map with { Entries = [.. map.Entries.Select(e => e with { Value = Finish(e.Value) })] },
            InputList list => list with { Items = [.. list.Items.Select(Finish)] },
            InputScalar { Text: { } text } scalar => scalar with { Text = Variables.Escape(text) },
            _ => node,
        };
    }
}
