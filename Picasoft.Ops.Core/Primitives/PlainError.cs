namespace Picasoft.Ops.Core.Primitives;

/// <summary>Something outside the program stands in the way. The message is for a human (what, where, what to do) and is shown alone, without a stack trace.</summary>
public sealed class PlainError(string message, Exception? inner = null) : Exception(message, inner);
