using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;

namespace Picasoft.Ops.Core.Primitives;

/// <summary>What kind of value a field takes.</summary>
public enum FieldKind
{
    Text,
    Secret,
    Integer,
    Number,
    Bool,
    Choice,
    Duration,
    Time,
    List,
    Map,
    Record,
    /// <summary>Kept as written, read later by whoever knows its shape.</summary>
    Raw,
}

/// <summary>One field of a <see cref="Shape"/>.</summary>
/// <param name="Name">In YAML: snake_case.</param>
/// <param name="Property">Where the value goes.</param>
/// <param name="Kind">What it takes.</param>
/// <param name="Type">The .NET type without its nullability.</param>
/// <param name="Rules">Bounds.</param>
/// <param name="Default">The value when nothing is written.</param>
public sealed record ShapeField(string Name, PropertyInfo Property, FieldKind Kind, Type Type, SettingAttribute Rules, object? Default)
{
    /// <summary>For a list or map: what its items are.</summary>
    public (FieldKind Kind, Type Type)? Item { get; init; }

    /// <summary>As whoever wrote <paramref name="input"/> calls it.</summary>
    public string NameIn(InputNode input) => input.IsJson ? JsonNamingPolicy.CamelCase.ConvertName(Property.Name) : Name;

    public object? Get(object record) => Property.GetValue(record);
}

/// <summary>
/// The fields of a record that people fill in, read once by reflection. A record has a constructor without parameters
/// and <c>init</c> properties whose initial values are the defaults.
/// </summary>
public sealed class Shape
{
    private static readonly ConcurrentDictionary<Type, Shape> _known = new();

    private Shape(Type type)
    {
        Type = type;
        var defaults = Activator.CreateInstance(type)!;
        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite && p.GetIndexParameters().Length == 0)
            .OrderBy(p => p.DeclaringType == type).ToList(); // what it shares with others comes first: a host before its folder
        Rest = properties.Find(p => p.IsDefined(typeof(RestAttribute)));
        Fields = [.. properties.Where(p => p != Rest).Select(p => FieldOf(p, defaults))];
        OneOf = [.. (type.GetCustomAttribute<OneOfAttribute>()?.Properties ?? []).Select(name => Fields.First(f => f.Property.Name == name))];
    }

    public Type Type { get; }

    public IReadOnlyList<ShapeField> Fields { get; }

    /// <summary>Of these exactly one is written; empty: there is no such rule.</summary>
    public IReadOnlyList<ShapeField> OneOf { get; }

    /// <summary>The property that takes unknown keys (<see cref="IReadOnlyDictionary{TKey,TValue}"/> of <see cref="InputNode"/>), if there is one.</summary>
    public PropertyInfo? Rest { get; }

    public static Shape Of(Type type) => _known.GetOrAdd(type, t => new Shape(t));

    public static Shape Of<T>() => Of(typeof(T));

    public ShapeField? Find(string name) =>
        Fields.FirstOrDefault(f => string.Equals(Words.Plain(f.Name), Words.Plain(name), StringComparison.OrdinalIgnoreCase));

    /// <summary>All fields, as whoever wrote <paramref name="input"/> calls them.</summary>
    public string NamesIn(InputNode input) => string.Join(", ", Fields.Select(f => f.NameIn(input)));

    /// <summary>A path of snake_case names as whoever wrote <paramref name="input"/> would write it. Names that people chose (the keys of a map) stay as they are.</summary>
    public string PathIn(InputNode input, string path)
    {
        if (!input.IsJson) return path;
        var end = path.AsSpan().IndexOfAny('.', '[') is >= 0 and var at ? at : path.Length;
        if (Find(path[..end]) is not { } field) return path;
        var below = path.AsSpan(end).IndexOf('.') is >= 0 and var dot ? end + dot + 1 : path.Length;
        var type = field.Item?.Type ?? field.Type;
        var isRecord = (field.Kind == FieldKind.List ? field.Item!.Value.Kind : field.Kind) == FieldKind.Record;
        return field.NameIn(input) + path[end..below] + (isRecord ? Of(type).PathIn(input, path[below..]) : path[below..]);
    }

    /// <summary>What a .NET type takes.</summary>
    /// <exception cref="NotSupportedException">A type that no form, YAML or JSON could fill: a mistake of ours.</exception>
    public static FieldKind KindOf(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string)) return FieldKind.Text;
        if (type == typeof(Secret)) return FieldKind.Secret;
        if (type == typeof(int) || type == typeof(long)) return FieldKind.Integer;
        if (type == typeof(double) || type == typeof(decimal)) return FieldKind.Number;
        if (type == typeof(bool)) return FieldKind.Bool;
        if (type.IsEnum) return FieldKind.Choice;
        if (type == typeof(TimeSpan)) return FieldKind.Duration;
        if (type == typeof(DateTimeOffset)) return FieldKind.Time;
        if (typeof(InputNode).IsAssignableFrom(type)) return FieldKind.Raw;
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)) return FieldKind.List;
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>)) return FieldKind.Map;
        if (type.IsClass && type.GetConstructor(Type.EmptyTypes) is not null) return FieldKind.Record;
        throw new NotSupportedException($"{type} cannot be filled in by a person.");
    }

    private static ShapeField FieldOf(PropertyInfo property, object defaults)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var kind = KindOf(type);
        var itemType = kind switch { FieldKind.List => type.GetGenericArguments()[0], FieldKind.Map => type.GetGenericArguments()[1], _ => null };
        return new(Words.Snake(property.Name), property, kind, type, property.GetCustomAttribute<SettingAttribute>() ?? new(), property.GetValue(defaults))
        {
            Item = itemType is null ? null : (KindOf(itemType), Nullable.GetUnderlyingType(itemType) ?? itemType),
        };
    }
}
