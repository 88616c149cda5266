namespace Picasoft.Ops.Core.Primitives;

/// <summary>
/// What may be written in a property of a record that people fill in (form, API, YAML).
/// The form, the reader, the JSON Schema and the documentation are all drawn from it.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SettingAttribute : Attribute
{
    /// <summary>Must be there and not empty.</summary>
    public bool Required { get; init; }

    /// <summary>Smallest value: a number, or a length of time such as <c>"1s"</c>.</summary>
    public string? Min { get; init; }

    /// <summary>Largest value.</summary>
    public string? Max { get; init; }

    /// <summary>Most characters in a text, or items in a list or map.</summary>
    public int MaxLength { get; init; } = 4096;

    /// <summary>The form offers several lines.</summary>
    public bool Multiline { get; init; }

    /// <summary>A short example shown in an empty field.</summary>
    public string? Example { get; init; }

    /// <summary>Text must be a name: lower-case letters, digits, <c>- _ .</c>, at most 100, so that it can stand in a URL and a label.</summary>
    public bool Name { get; init; }

    /// <summary>A text that may begin with a day of the week: the form says it in the reader’s language.</summary>
    public bool Weekday { get; init; }

    /// <summary>A secret only because it may hold one: it is seen while it is typed.</summary>
    public bool Seen { get; init; }
}

/// <summary>Marks the map property that takes every key the record does not know.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RestAttribute : Attribute;

/// <summary>Of these properties exactly one is written. The reader keeps to it, the schema says it, and the form offers a choice between them.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OneOfAttribute(params string[] properties) : Attribute
{
    public IReadOnlyList<string> Properties => properties;
}

/// <summary>Rules between several properties; called after each was read well on its own.</summary>
public interface IChecked
{
    /// <summary>What is wrong; field paths relative to this record.</summary>
    IEnumerable<FieldError> Check();
}
