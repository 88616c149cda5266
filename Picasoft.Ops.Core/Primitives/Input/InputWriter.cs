using System.Collections;
using System.Globalization;

namespace Picasoft.Ops.Core.Primitives;

/// <summary>A record as people would write it: the way back of <see cref="InputReader"/>. What is as by default is left out.</summary>
public static class InputWriter
{
    /// <summary>Writes a record.</summary>
    /// <param name="record">An object with a <see cref="Shape"/>.</param>
    /// <param name="secret">What to write for a secret, by its path.</param>
    /// <param name="path">Where the record stands.</param>
    public static InputMap Write(object record, Func<string, Secret, string> secret, string path = "")
    {
        var entries = new List<InputEntry>();
        foreach (var field in Shape.Of(record.GetType()).Fields)
        {
            var value = field.Get(record);
            var at = InputReader.Join(path, field.Name);
            if (value is null or Secret { IsEmpty: true } || IsSame(value, field.Default, field.Kind)) continue;
            entries.Add(new(field.Name, Node(field.Kind, value, secret, at), null));
        }
        return new(entries, null);
    }

    /// <summary>A text that is equal exactly when the nodes say the same; for comparing.</summary>
    public static string Canonical(InputNode? node) => node switch
    {
        InputMap map => "{" + string.Join(",", map.Entries.OrderBy(e => e.Name, StringComparer.Ordinal).Select(e => $"{Quoted(e.Name)}:{Canonical(e.Value)}")) + "}",
        InputList list => "[" + string.Join(",", list.Items.Select(Canonical)) + "]",
        InputScalar { Text: { } text } scalar => (scalar.IsQuoted ? "s" : "p") + Quoted(text),
        _ => "-",
    };

    private static string Quoted(string text) => System.Text.Json.JsonSerializer.Serialize(text);

    private static bool IsSame(object value, object? initial, FieldKind kind) => kind switch
    {
        FieldKind.List or FieldKind.Map or FieldKind.Record or FieldKind.Raw =>
            initial is not null && Canonical(Node(kind, value, (_, s) => s.Reveal(), "")) == Canonical(Node(kind, initial, (_, s) => s.Reveal(), "")),
        _ => value.Equals(initial),
    };

    private static InputNode Node(FieldKind kind, object? value, Func<string, Secret, string> secret, string path)
    {
        switch (value)
        {
            case null: return new InputScalar(null, false, null);
            case InputNode node: return node;
            case string text: return new InputScalar(text, true, null);
            case Secret hidden: return new InputScalar(secret(path, hidden), true, null);
            case IDictionary map:
                return new InputMap([.. map.Keys.Cast<string>().Select(name => new InputEntry(name, Node(FieldKind.Raw, map[name], secret, InputReader.Join(path, name)), null))], null);
            case IEnumerable list: return new InputList([.. list.Cast<object?>().Select((item, i) => Node(FieldKind.Raw, item, secret, $"{path}[{i}]"))], null);
        }
        return value switch
        {
            bool yes => Plain(yes ? "true" : "false"),
            Enum word => Plain(Words.Of(word)),
            TimeSpan length => Plain(DurationText.Exact(length)),
            DateTimeOffset at => new InputScalar(at.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture), true, null),
            double number => Plain(number.ToString("R", CultureInfo.InvariantCulture)),
            IFormattable number => Plain(number.ToString(null, CultureInfo.InvariantCulture)),
            _ when kind == FieldKind.Record || Shape.KindOf(value.GetType()) == FieldKind.Record => Write(value, secret, path),
            _ => throw new NotSupportedException(value.GetType().ToString()),
        };

        static InputScalar Plain(string text) => new(text, false, null);
    }
}
