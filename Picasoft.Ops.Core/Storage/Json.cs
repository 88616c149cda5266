using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Storage;

/// <summary>Values kept as one jsonb column.</summary>
public static class Json
{
    private static readonly JsonSerializerOptions _options = OpsJson.Configure(new(), null);

    /// <summary>Maps an immutable value (a label set, a phrase) to a jsonb column.</summary>
    public static PropertyBuilder<T> HasJson<T>(this PropertyBuilder<T> property)
    {
        property.HasColumnType("jsonb").HasConversion(
            value => JsonSerializer.Serialize(value, _options),
            text => JsonSerializer.Deserialize<T>(text, _options)!,
            new ValueComparer<T>((a, b) => Text(a) == Text(b), value => Text(value).GetHashCode(StringComparison.Ordinal), value => value));
        return property;
    }

    /// <summary>The text that <see cref="HasJson{T}"/> stores; for raw SQL.</summary>
    public static string Text<T>(T value) => JsonSerializer.Serialize(value, _options);

    /// <summary>Reads what <see cref="Text{T}"/> wrote.</summary>
    public static T Parse<T>(string text) => JsonSerializer.Deserialize<T>(text, _options)!;

    /// <inheritdoc cref="Parse{T}"/>
    public static object Parse(string text, Type type) => JsonSerializer.Deserialize(text, type, _options)!;
}
