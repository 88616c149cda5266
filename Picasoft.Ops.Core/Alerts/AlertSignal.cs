using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Alerts;

/// <summary>What a source says about one alert, now.</summary>
/// <param name="Labels">Its identity.</param>
/// <param name="Annotations">Words for humans.</param>
/// <param name="StartsAt">Since when.</param>
/// <param name="EndsAt">Null: goes on until its source says otherwise. Not after now: it has ended.</param>
/// <param name="Source">See <see cref="Alert.Source"/>.</param>
/// <param name="Summary">The product's own words, if the source is the product.</param>
/// <param name="GeneratorUrl">Link back to the source.</param>
public sealed record AlertSignal(LabelSet Labels, LabelSet Annotations, DateTimeOffset StartsAt, DateTimeOffset? EndsAt, string Source, Phrase? Summary = null, string? GeneratorUrl = null);
