using System.Collections;
using System.Globalization;
using System.Text;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Web.Ui;

/// <summary>
/// What somebody is typing into a form, as text, before it means anything: nothing typed is lost because it is wrong.
/// <see cref="ToInput"/> gives it to <see cref="InputReader"/>, which is what the API and <c>ops.yaml</c> go through too.
/// </summary>
public sealed class SettingsDraft
{
    private readonly DraftRecord _root;

    private SettingsDraft(DraftRecord root) => _root = root;

    /// <summary>A form for the record <typeparamref name="T"/>, filled from <paramref name="value"/> (its defaults if null). <paramref name="hide"/>: fields that the page sets itself.</summary>
    public static SettingsDraft Of<T>(T? value = null, params string[] hide) where T : class, new() => Of(typeof(T), value, hide);

    /// <inheritdoc cref="Of{T}"/>
    public static SettingsDraft Of(Type type, object? value = null, params string[] hide) =>
        new(DraftRecord.Of(type, value ?? Activator.CreateInstance(type), isOptional: false, hide));

    /// <summary>Adds a group of its own: a probe's <c>http:</c>.</summary>
    /// <param name="after">The field it follows: what matters most does not stand below what is rarely changed.</param>
    public SettingsDraft With(string name, Type type, object? value, string after)
    {
        _root.Fields.RemoveAll(f => f.Name == name);
        _root.Fields.Insert(_root.Fields.FindIndex(f => f.Name == after) + 1, new(name, type.Name, null, DraftRecord.Of(type, value ?? Activator.CreateInstance(type), isOptional: false)));
        return this;
    }

    /// <summary>Adds the fields of another record beside those that are there: a channel's settings.</summary>
    public SettingsDraft And(Type type, object? value)
    {
        _root.Fields.AddRange(DraftRecord.Of(type, value ?? Activator.CreateInstance(type), isOptional: false).Fields);
        return this;
    }

    /// <summary>What the page sets itself, such as the type it was opened for; sent along, not shown.</summary>
    public Dictionary<string, string> Fixed { get; } = new(StringComparer.Ordinal);

    /// <summary>Fields that take one (or, for a list, some) of what there is, such as the services of the catalogue: the path and the words.</summary>
    public Dictionary<string, IReadOnlyList<string>> Choices { get; } = new(StringComparer.Ordinal);

    public DraftRecord Root => _root;

    /// <summary>What was typed, in the common form.</summary>
    public InputMap ToInput() => new([.. Fixed.Select(f => new InputEntry(f.Key, new InputScalar(f.Value, false, null), null)), .. _root.Entries()], null);
}

/// <summary>One value being typed.</summary>
public abstract class DraftNode
{
    /// <summary>As it will be read; null: nothing was typed, so the default counts.</summary>
    public abstract InputNode? ToInput();

    /// <summary>Nothing in it that a person chose.</summary>
    public abstract bool IsBlank { get; }

    public static DraftNode Of(FieldKind kind, Type type, SettingAttribute rules, object? value, object? initial, bool isOptional) => kind switch
    {
        FieldKind.Record when rules.Required && value is null && initial is null && !isOptional => DraftRecord.Of(type, Activator.CreateInstance(type), false),
        FieldKind.Record => DraftRecord.OfField(type, value ?? (isOptional ? null : initial), value is null && initial is null, canGo: initial is null && !rules.Required),
        FieldKind.List when Shape.KindOf(type.GetGenericArguments()[0]) is not (FieldKind.Record or FieldKind.List or FieldKind.Map or FieldKind.Secret or FieldKind.Raw) =>
            new DraftLines { Words = Shape.KindOf(type.GetGenericArguments()[0]) == FieldKind.Choice ? type.GetGenericArguments()[0] : null, Text = string.Join('\n', ((IEnumerable?)value ?? Array.Empty<object>()).Cast<object?>().Select(DraftScalar.TextOf)), NoneWhenBlank = initial is null && value is not ICollection { Count: 0 } },
        FieldKind.List => DraftList.Of(type.GetGenericArguments()[0], rules, (IEnumerable?)value),
        FieldKind.Map => DraftMap.Of(type.GetGenericArguments()[1], rules, value as IDictionary),
        _ => new DraftScalar(kind, type, rules, value, initial),
    };
}

/// <summary>A field of a record.</summary>
/// <param name="Name">In the contract's words.</param>
/// <param name="Key">Of its label: <c>HttpExpectation.status</c>.</param>
/// <param name="Rules">Null for a group.</param>
/// <param name="Node">What is typed.</param>
public sealed record DraftField(string Name, string Key, SettingAttribute? Rules, DraftNode Node);

/// <summary>The fields of one record.</summary>
public sealed class DraftRecord : DraftNode
{
    private Type _type = typeof(object);

    /// <summary>It need not be there, and was not when the form was opened: shown folded.</summary>
    public bool IsOptional { get; private init; }

    /// <summary>It need not be there, and is: it can be taken out.</summary>
    public bool CanGo { get; private set; }

    public List<DraftField> Fields { get; } = [];

    /// <summary>What it is of: its texts begin with this.</summary>
    public string Name { get; private init; } = "";

    /// <summary>Names of the fields of which one is chosen; empty: all of them are there.</summary>
    public IReadOnlyList<string> Ways { get; private init; } = [];

    /// <summary>The one of <see cref="Ways"/> that is; empty: none yet.</summary>
    public string Chosen { get; private set; } = "";

    public static DraftRecord Of(Type type, object? value, bool isOptional, params string[] hide)
    {
        var shape = Shape.Of(type);
        var record = new DraftRecord { IsOptional = isOptional, Name = type.Name, _type = type, Ways = [.. shape.OneOf.Select(f => f.Name)], Chosen = value is null ? "" : shape.OneOf.FirstOrDefault(f => f.Get(value) is not null)?.Name ?? "" };
        foreach (var field in shape.Fields.Where(f => !hide.Contains(f.Name, StringComparer.Ordinal)))
        {
            var label = $"{type.Name}.{field.Name}";
            // A group that need not be there starts empty: its defaults count once something in it is filled in.
            record.Fields.Add(new(field.Name, label, field.Rules, Of(field.Kind, field.Type, field.Rules, value is null ? null : field.Get(value), field.Default, value is null)));
        }
        return record;
    }

    internal static DraftRecord OfField(Type type, object? value, bool isOptional, bool canGo)
    {
        var record = Of(type, value, isOptional);
        record.CanGo = canGo && !isOptional;
        return record;
    }

    /// <summary>Takes out a group that need not be there: as if it had never been filled in.</summary>
    public void Remove(string name)
    {
        var index = Fields.FindIndex(f => f.Name == name && f.Node is DraftRecord { CanGo: true });
        if (index >= 0) Fields[index] = Fields[index] with { Node = Of(((DraftRecord)Fields[index].Node)._type, null, isOptional: true) };
    }

    /// <summary>Takes one of <see cref="Ways"/>; what was typed into another stays until the form is closed, for whoever only looks around.</summary>
    public void Choose(string way)
    {
        Chosen = Ways.Contains(way, StringComparer.Ordinal) ? way : "";
        // A group that was not there now is, with its defaults.
        var index = Fields.FindIndex(f => f.Name == Chosen && f.Node is DraftRecord { IsOptional: true, IsBlank: true });
        if (index >= 0) Fields[index] = Fields[index] with { Node = ((DraftRecord)Fields[index].Node).Fresh() };
    }

    public override bool IsBlank => Chosen.Length == 0 && Fields.TrueForAll(f => Ways.Contains(f.Name, StringComparer.Ordinal) || f.Node.IsBlank);

    public IEnumerable<InputEntry> Entries() => Fields.Where(f => f.Name == Chosen || !Ways.Contains(f.Name, StringComparer.Ordinal))
        // What was chosen is there, though nothing was typed yet: then it is said what is missing in it.
        .Select(f => (f.Name, Input: f.Name == Chosen && f.Node is DraftRecord group ? new InputMap([.. group.Entries()], null) : f.Node.ToInput()))
        .Where(f => f.Input is not null).Select(f => new InputEntry(f.Name, f.Input!, null));

    private DraftRecord Fresh() => Of(_type, Activator.CreateInstance(_type), isOptional: false);

    public override InputNode? ToInput() => IsOptional && IsBlank ? null : new InputMap([.. Entries()], null);
}

/// <summary>A single value.</summary>
public sealed class DraftScalar : DraftNode
{
    private readonly string _initial;

    public DraftScalar(FieldKind kind, Type type, SettingAttribute rules, object? value, object? initial)
    {
        (Kind, Type, Rules) = (kind, type, rules);
        _initial = kind == FieldKind.Secret ? "" : In(TextOf(initial), CultureInfo.CurrentUICulture);
        WasSet = value is Secret { IsEmpty: false };
        Text = value is Secret ? "" : kind == FieldKind.Bool && value is null ? _initial : In(TextOf(value), CultureInfo.CurrentUICulture);
    }

    public FieldKind Kind { get; }

    public Type Type { get; }

    public SettingAttribute Rules { get; }

    /// <summary>What stands in the field; of a secret only what was typed just now.</summary>
    public string Text { get; set; }

    /// <summary>There is a stored secret, which is never shown.</summary>
    public bool WasSet { get; }

    /// <summary>The stored secret is to go.</summary>
    public bool Removed { get; set; }

    /// <summary>What counts when nothing is typed.</summary>
    public string Initial => _initial;

    /// <summary>What an empty field shows.</summary>
    public string? Example => _initial.Length > 0 ? _initial : Rules.Example is { } example ? In(example, CultureInfo.CurrentUICulture) : Kind == FieldKind.Duration ? "30s, 5m, 24h" : null;

    public override bool IsBlank => Kind == FieldKind.Secret ? Text.Length == 0 && (!WasSet || Removed) : Text.Length == 0 || (Kind is FieldKind.Bool or FieldKind.Choice && Text == _initial);

    public override InputNode? ToInput()
    {
        if (Kind == FieldKind.Secret && Text.Length == 0) return WasSet && !Removed ? new InputScalar(Secret.Mask, true, null) : null;
        if (Kind == FieldKind.Secret) return new InputScalar(Text, true, null);
        var text = Kind == FieldKind.Text ? Text : Text.Trim();
        if (text.Length == 0) return null;
        return Kind switch
        {
            // 99,5 is how a French keyboard writes it.
            FieldKind.Number => new InputScalar(text.Replace(',', '.'), false, null),
            FieldKind.Raw => JsonInput.Parse(Encoding.UTF8.GetBytes(text)) is { IsDone: true } json ? json.Value : new InputScalar(text, true, null),
            _ => new InputScalar(In(text, CultureInfo.InvariantCulture), false, null),
        };
    }

    // On the page in the reader's words (14j, lundi 18:00), elsewhere in those of the contract.
    private string In(string text, CultureInfo culture) => Kind == FieldKind.Duration ? DurationText.In(text, culture) : Rules.Weekday ? Handoff.In(text, culture) : text;

    internal static string TextOf(object? value) => value switch
    {
        null => "",
        string text => text,
        bool yes => yes ? "true" : "false",
        Enum word => Words.Of(word),
        TimeSpan length => DurationText.Exact(length),
        DateTimeOffset at => at.ToString("yyyy-MM-ddTHH:mm:ssK", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}

/// <summary>A list of plain values, one a line: easier to type and to paste on a phone than rows of fields.</summary>
public sealed class DraftLines : DraftNode
{
    public string Text { get; set; } = "";

    /// <summary>The choice that each line is a word of; null: anything.</summary>
    public Type? Words { get; init; }

    public override bool IsBlank => string.IsNullOrWhiteSpace(Text);

    public IReadOnlyList<string> Lines => [.. Text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)];

    /// <summary>Adds or takes away one line, for a list of which one picks.</summary>
    public void Pick(string line, bool picked) => Text = string.Join('\n', picked ? Lines.Append(line).Distinct(StringComparer.Ordinal) : Lines.Where(l => l != line));

    /// <summary>Nothing written is not the same as an empty list (a route that says nothing groups as the one above): blank, it is not there.</summary>
    public bool NoneWhenBlank { get; init; }

    // Where it is never absent, an emptied list is an empty list, not the default.
    public override InputNode? ToInput() => NoneWhenBlank && IsBlank ? null : new InputList([.. Lines.Select(line => new InputScalar(line, false, null))], null);
}

/// <summary>A list of groups.</summary>
public sealed class DraftList : DraftNode
{
    private readonly Func<object?, DraftNode> _new;

    private DraftList(Func<object?, DraftNode> make) => _new = make;

    public List<DraftNode> Items { get; } = [];

    public static DraftList Of(Type item, SettingAttribute rules, IEnumerable? values)
    {
        var kind = Shape.KindOf(item);
        var list = new DraftList(value => Of(kind, item, rules, value ?? (kind == FieldKind.Record ? Activator.CreateInstance(item) : null), null, false));
        foreach (var value in values ?? Array.Empty<object>()) list.Items.Add(list._new(value));
        return list;
    }

    public void Add() => Items.Add(_new(null));

    /// <summary>Changes places with the one before it (-1) or after it (1), if there is one.</summary>
    public void Move(DraftNode item, int by)
    {
        var (from, to) = (Items.IndexOf(item), Items.IndexOf(item) + by);
        if (from >= 0 && to >= 0 && to < Items.Count) (Items[from], Items[to]) = (Items[to], Items[from]);
    }

    public override bool IsBlank => Items.Count == 0;

    public override InputNode ToInput() => new InputList([.. Items.Select(i => i.ToInput() ?? new InputScalar("", true, null))], null);
}

/// <summary>Names and values that a person chooses.</summary>
public sealed class DraftMap : DraftNode
{
    private readonly Func<object?, DraftNode> _new;

    private DraftMap(Func<object?, DraftNode> make) => _new = make;

    public List<Row> Rows { get; } = [];

    public static DraftMap Of(Type item, SettingAttribute rules, IDictionary? values)
    {
        var kind = Shape.KindOf(item);
        var map = new DraftMap(value => Of(kind, item, rules, value ?? (kind == FieldKind.Record ? Activator.CreateInstance(item) : null), null, false));
        if (values is not null)
            foreach (DictionaryEntry entry in values) map.Rows.Add(new() { Name = (string)entry.Key, Value = map._new(entry.Value) });
        return map;
    }

    public void Add() => Rows.Add(new() { Value = _new(null) });

    public override bool IsBlank => Rows.TrueForAll(r => r.Name.Length == 0 && r.Value.IsBlank);

    public override InputNode ToInput() => new InputMap([.. Rows.Where(r => r.Name.Trim().Length > 0 || !r.Value.IsBlank).Select(r => new InputEntry(r.Name.Trim(), r.Value.ToInput() ?? new InputScalar("", true, null), null))], null);

    /// <summary>One name and its value.</summary>
    public sealed class Row
    {
        public string Name { get; set; } = "";

        public required DraftNode Value { get; init; }
    }
}
