namespace Picasoft.Ops.Core.Primitives;

/// <summary>How bad a problem is, least first, so that the worst of several is their maximum.</summary>
public enum Severity
{
    /// <summary>Worth knowing; can wait for the next time somebody looks.</summary>
    Low,
    /// <summary>Should be looked at this week.</summary>
    Medium,
    /// <summary>Users notice, or will soon.</summary>
    High,
    /// <summary>Something that people rely on is down.</summary>
    Critical,
}
