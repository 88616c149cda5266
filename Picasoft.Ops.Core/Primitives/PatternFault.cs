using System.Text.RegularExpressions;
using static System.Text.RegularExpressions.RegexParseError;

namespace Picasoft.Ops.Core.Primitives;

/// <summary>What is wrong with a regular expression, in the reader's words: .NET says it in English only, and to programmers.</summary>
public static class PatternFault
{
    /// <param name="thrown">By .NET's engine.</param>
    /// <param name="isAsWritten">The engine was given what the person wrote: the place that it names is a place in that.</param>
    public static Phrase Of(Exception thrown, bool isAsWritten) => thrown switch
    {
        RegexParseException e when isAsWritten => Phrase.Of("pattern.at", Phrase.Of(KeyOf(e.Error)), e.Offset),
        RegexParseException e => Phrase.Of(KeyOf(e.Error)),
        NotSupportedException or { InnerException: NotSupportedException } => Phrase.Of("pattern.not_linear"),
        _ => Phrase.Of("pattern.unreadable"),
    };

    /// <summary>The key of the words for a mistake; what has none of its own is unreadable.</summary>
    public static string KeyOf(RegexParseError error) => error switch
    {
        InsufficientClosingParentheses => "pattern.open_group",
        InsufficientOpeningParentheses => "pattern.closed_group",
        UnterminatedBracket => "pattern.open_class",
        QuantifierAfterNothing => "pattern.nothing_repeated",
        NestedQuantifiersNotParenthesized => "pattern.repeated_twice",
        ReversedQuantifierRange or QuantifierOrCaptureGroupOutOfRange => "pattern.count",
        ReversedCharacterRange or ShorthandClassInCharacterRange or ExclusionGroupNotLast => "pattern.range",
        UnescapedEndingBackslash => "pattern.backslash",
        UnrecognizedEscape or UnrecognizedControlCharacter or MissingControlCharacter or InsufficientOrInvalidHexDigits => "pattern.escape",
        InvalidUnicodePropertyEscape or MalformedUnicodePropertyEscape or UnrecognizedUnicodeProperty => "pattern.category",
        UndefinedNamedReference or UndefinedNumberedReference or MalformedNamedReference => "pattern.reference",
        CaptureGroupNameInvalid or CaptureGroupOfZero => "pattern.group_name",
        InvalidGroupingConstruct or UnterminatedComment => "pattern.group",
        AlternationHasTooManyConditions or AlternationHasMalformedCondition or AlternationHasNamedCapture or AlternationHasComment or AlternationHasMalformedReference or AlternationHasUndefinedReference => "pattern.condition",
        _ => "pattern.unreadable",
    };
}
