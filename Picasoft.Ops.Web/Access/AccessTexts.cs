namespace Picasoft.Ops.Web.Access;

/// <summary>Marks the texts of signing in, people, tokens and the audit log.</summary>
public sealed class AccessTexts;
