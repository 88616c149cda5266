using System.Collections;
using System.Globalization;

namespace Picasoft.Ops.Core.Primitives;

/// <summary>
/// Reads what somebody wrote into a record, by its <see cref="Shape"/>. Never throws for bad input and never stops at the first error:
/// every wrong field is named with what it should be. The one reader for forms, the API and <c>ops.yaml</c>.
/// </summary>
public sealed class InputReader
{
    /// <summary>Most errors reported for one input; beyond that nobody reads on.</summary>
    public const int MaxErrors = 100;

    private const int MaxDepth = 16;

    private readonly List<FieldError> _errors = [];

    public IReadOnlyList<FieldError> Errors => _errors;

    /// <summary>Reads a whole input. <paramref name="keep"/>: secrets and so on that a mask stands for are taken from it (an update of what exists).</summary>
    public static Outcome<T> Read<T>(InputNode input, string path = "", T? keep = null) where T : class, new()
    {
        var reader = new InputReader();
        var value = reader.Record(typeof(T), input, path, keep, 0);
        return reader._errors.Count > 0 ? Refusal.Invalid(reader._errors) : (T)value!;
    }

    /// <summary>Reads into a type known only at run time (the settings of a probe kind).</summary>
    public static Outcome<object> Read(Type type, InputNode input, string path = "", object? keep = null)
    {
        var reader = new InputReader();
        var value = reader.Record(type, input, path, keep, 0);
        if (reader._errors.Count > 0) return Refusal.Invalid(reader._errors); // not "?:": a refusal is an object too, and would pass for the value
        return value!;
    }

    private object? Record(Type type, InputNode input, string path, object? keep, int depth)
    {
        if (input is not InputMap map) return Fail(path, input, "input.expected_map");
        if (depth > MaxDepth) return Fail(path, input, "input.too_deep", MaxDepth);
        var shape = Shape.Of(type);
        var record = Activator.CreateInstance(type)!;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var rest = new Dictionary<string, InputNode>(StringComparer.Ordinal);
        var before = _errors.Count;
        foreach (var entry in map.Entries)
        {
            var field = shape.Find(entry.Name);
            var at = Join(path, field?.NameIn(map) ?? entry.Name);
            if (!seen.Add(field?.Name ?? entry.Name)) { Add(new(at, Phrase.Of("input.twice"), entry.Place)); continue; }
            if (field is null)
            {
                if (shape.Rest is not null) rest[entry.Name] = entry.Value;
                else Add(new(at, Phrase.Of("input.unknown_key", shape.NamesIn(map)), entry.Place));
                continue;
            }
            if (entry.Value is InputScalar { Text: null }) continue;
            var value = Value(field.Kind, field.Type, field.Rules, entry.Value, at, keep is null ? null : field.Get(keep), depth);
            if (value is not null) field.Property.SetValue(record, value);
        }
        shape.Rest?.SetValue(record, rest);
        foreach (var field in shape.Fields.Where(f => f.Rules.Required && IsMissing(f.Get(record))))
            if (!_errors.Exists(e => e.Field == Join(path, field.NameIn(map))))
                Add(new(Join(path, field.NameIn(map)), Phrase.Of("input.required"), input.Place));
        if (shape.OneOf.Count > 0 && map.Entries.Count(e => shape.Find(e.Name) is { } field && shape.OneOf.Contains(field) && IsWritten(e.Value)) != 1)
            Add(new(path, Phrase.Of("input.one_of", string.Join(", ", shape.OneOf.Select(f => f.NameIn(map)))), map.Place));
        // Rules between fields make sense once each field of this record is right; a mistake deeper down does not hide them.
        if (record is IChecked self && _errors.Skip(before).All(e => e.Field.IndexOf('.', Math.Min(path.Length + 1, e.Field.Length)) >= 0))
            foreach (var error in self.Check())
                Add(error with { Field = Join(path, shape.PathIn(map, error.Field)), Place = error.Place ?? PlaceOf(map, error.Field) ?? map.Place });
        return record;
    }

    private object? Value(FieldKind kind, Type type, SettingAttribute rules, InputNode input, string path, object? keep, int depth)
    {
        switch (kind)
        {
            case FieldKind.Raw: return input;
            case FieldKind.Record: return Record(type, input, path, keep, depth + 1);
            case FieldKind.List: return List(type.GetGenericArguments()[0], rules, input, path, depth);
            case FieldKind.Map: return Map(type.GetGenericArguments()[1], rules, input, path, keep as IDictionary, depth);
        }
        if (input is not InputScalar { Text: { } text } scalar) return Fail(path, input, "input.expected_value");
        if (text.Length > rules.MaxLength) return Fail(path, input, "input.too_long", rules.MaxLength);
        switch (kind)
        {
            case FieldKind.Text:
                if (text.Contains('\0', StringComparison.Ordinal)) return Fail(path, input, "input.nul");
                if (rules.Name && !IsName(text)) return Fail(path, input, "input.bad_name");
                return text;
            case FieldKind.Secret:
                if (text != Secret.Mask) return new Secret(text);
                // The mask itself must never become the password: a renamed header, or a copied export.
                return keep is Secret { IsEmpty: false } ? keep : Fail(path, input, "input.masked");
            case FieldKind.Bool:
                return text.ToLowerInvariant() switch { "true" or "yes" or "on" when !scalar.IsQuoted => true, "false" or "no" or "off" when !scalar.IsQuoted => false, _ => Fail(path, input, "input.expected_bool", text) };
            case FieldKind.Integer:
                if (scalar.IsQuoted || !long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer)) return Fail(path, input, "input.expected_integer", text);
                if (Outside(integer, rules, type == typeof(int) ? int.MinValue : long.MinValue, type == typeof(int) ? int.MaxValue : long.MaxValue) is { } bounds) return Fail(path, input, "input.out_of_range", text, bounds.Min, bounds.Max);
                return type == typeof(int) ? (object)(int)integer : integer;
            case FieldKind.Number:
                if (scalar.IsQuoted || !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number)) return Fail(path, input, "input.expected_number", text);
                if (Outside(number, rules, double.MinValue, double.MaxValue) is { } range) return Fail(path, input, "input.out_of_range", text, range.Min, range.Max);
                return type == typeof(decimal) ? (object)(decimal)Math.Clamp(number, -7e27, 7e27) : number;
            case FieldKind.Choice:
                var names = Enum.GetNames(type);
                var index = Array.FindIndex(names, n => string.Equals(Words.Plain(n), Words.Plain(text), StringComparison.OrdinalIgnoreCase));
                return index < 0 ? Fail(path, input, "input.expected_choice", text, string.Join(", ", Words.All(type))) : Enum.Parse(type, names[index]);
            case FieldKind.Duration:
                if (!DurationText.TryParse(text, out var length)) return Fail(path, input, "input.expected_duration", text);
                if ((rules.Min is not null && DurationText.TryParse(rules.Min, out var min) && length < min) || (rules.Max is not null && DurationText.TryParse(rules.Max, out var max) && length > max))
                    return Fail(path, input, "input.out_of_range", text, rules.Min ?? "0s", rules.Max ?? "3650d");
                return length;
            case FieldKind.Time:
                return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at.ToUniversalTime() : Fail(path, input, "input.expected_time", text);
            default: throw new NotSupportedException(kind.ToString());
        }
    }

    private object? List(Type itemType, SettingAttribute rules, InputNode input, string path, int depth)
    {
        // One value where a list may stand is a list of one: what YAML users expect of "to: x".
        IReadOnlyList<InputNode> items = input switch { InputList list => list.Items, InputScalar => [input], _ => [] };
        if (input is InputMap) return Fail(path, input, "input.expected_list");
        if (items.Count > rules.MaxLength) return Fail(path, input, "input.too_many", rules.MaxLength);
        var kind = Shape.KindOf(itemType);
        var result = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(itemType))!;
        foreach (var (index, item) in items.Index())
            if (Value(kind, itemType, rules, item, $"{path}[{index}]", null, depth) is { } value) result.Add(value);
        return result;
    }

    private object? Map(Type valueType, SettingAttribute rules, InputNode input, string path, IDictionary? keep, int depth)
    {
        if (input is not InputMap map) return Fail(path, input, "input.expected_map");
        if (map.Entries.Count > rules.MaxLength) return Fail(path, input, "input.too_many", rules.MaxLength);
        var kind = Shape.KindOf(valueType);
        var result = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), valueType))!;
        foreach (var entry in map.Entries)
            if (Value(kind, valueType, rules, entry.Value, Join(path, entry.Name), keep?.Contains(entry.Name) == true ? keep[entry.Name] : null, depth) is { } value) result[entry.Name] = value;
        return result;
    }

    private object? Fail(string path, InputNode input, string key, params object?[] args)
    {
        Add(new(path, Phrase.Of(key, [.. args.Select(a => a is string { Length: > 100 } s ? s[..100] + "…" : a)]), input.Place));
        return null;
    }

    private void Add(FieldError error)
    {
        if (_errors.Count < MaxErrors) _errors.Add(error);
    }

    private static InputPlace? PlaceOf(InputMap map, string field) => map[field.Split('.', '[')[0]]?.Place;

    private static (string Min, string Max)? Outside(double value, SettingAttribute rules, double least, double most)
    {
        var min = rules.Min is null ? least : double.Parse(rules.Min, CultureInfo.InvariantCulture);
        var max = rules.Max is null ? most : double.Parse(rules.Max, CultureInfo.InvariantCulture);
        return value >= min && value <= max ? null : (min.ToString(CultureInfo.InvariantCulture), max.ToString(CultureInfo.InvariantCulture));
    }

    private static bool IsWritten(InputNode node) => node is not InputScalar { Text: var text } || !string.IsNullOrWhiteSpace(text);

    private static bool IsMissing(object? value) => value is null or "" or Secret { IsEmpty: true } || (value is IEnumerable list and not string && !list.GetEnumerator().MoveNext());

    /// <summary>Lower-case letters, digits, <c>- _ .</c>, first a letter or digit, at most 100.</summary>
    public static bool IsName(string text) =>
        text.Length is > 0 and <= 100 && char.IsAsciiLetterOrDigit(text[0]) && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_' or '.');

    public static string Join(string path, string name) => path.Length == 0 ? name : name.Length == 0 ? path : name.StartsWith('[') ? path + name : $"{path}.{name}";
}
