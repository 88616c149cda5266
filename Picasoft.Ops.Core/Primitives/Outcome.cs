namespace Picasoft.Ops.Core.Primitives;

/// <summary>One thing wrong with what somebody wrote.</summary>
/// <param name="Field">Where, as a path in the words of the contract: <c>http.expect.status[1]</c>; empty for the whole.</param>
/// <param name="Message">What, and what to do about it.</param>
/// <param name="Place">Line and column in a file, when it came from one.</param>
public sealed record FieldError(string Field, Phrase Message, InputPlace? Place = null);

/// <summary>Why something was not done; each maps to one HTTP status.</summary>
public enum RefusalKind
{
    /// <summary>The request itself is wrong (400): the errors name every field.</summary>
    Invalid,
    /// <summary>There is no such thing (404).</summary>
    NotFound,
    /// <summary>It is no longer, or not now, possible (409): somebody was faster, or the state does not allow it.</summary>
    Conflict,
    /// <summary>The actor may not (403).</summary>
    Forbidden,
    /// <summary>It cannot be done at the moment (503): the store is away.</summary>
    Unavailable,
}

/// <summary>Not done, and why; nothing was changed.</summary>
public sealed record Refusal(RefusalKind Kind, IReadOnlyList<FieldError> Errors)
{
    public static Refusal Invalid(string field, Phrase why) => new(RefusalKind.Invalid, [new(field, why)]);
    public static Refusal Invalid(IReadOnlyList<FieldError> errors) => new(RefusalKind.Invalid, errors);
    public static Refusal NotFound(string what, object key) => new(RefusalKind.NotFound, [new("", Phrase.Of("refused.not_found." + what, key))]);
    public static Refusal Conflict(Phrase why) => new(RefusalKind.Conflict, [new("", why)]);
    public static Refusal Unavailable(Phrase why) => new(RefusalKind.Unavailable, [new("", why)]);
    public static Refusal Forbidden(Phrase why) => new(RefusalKind.Forbidden, [new("", why)]);

    /// <summary>All reasons in one line, for a log or a snackbar.</summary>
    public override string ToString() => string.Join(" ", Errors.Select(e => e.Field.Length == 0 ? e.Message.In() : $"{e.Field}: {e.Message.In()}"));
}

/// <summary>The thing asked for, or the reason why not. Expected refusals are values; exceptions are for what nobody expected.</summary>
public readonly record struct Outcome<T>
{
    private readonly T? _value;

    private Outcome(T? value, Refusal? refusal) => (_value, Refusal) = (value, refusal);

    /// <summary>Null when it was done.</summary>
    public Refusal? Refusal { get; }

    /// <summary>What was asked for; throws when it was refused.</summary>
    public T Value => Refusal is null ? _value! : throw new InvalidOperationException($"Refused: {Refusal}");

    public bool IsDone => Refusal is null;

    internal static Outcome<T> Done(T value) => new(value, null);

    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(Refusal refusal) => new(default, refusal);
}
