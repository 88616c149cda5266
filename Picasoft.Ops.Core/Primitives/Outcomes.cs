namespace Picasoft.Ops.Core.Primitives;

/// <summary>Outcomes of interfaces, which C# does not convert by itself.</summary>
public static class Outcomes
{
    public static Outcome<T> Of<T>(T value) => Outcome<T>.Done(value);
}
