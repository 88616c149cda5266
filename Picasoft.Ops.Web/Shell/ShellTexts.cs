namespace Picasoft.Ops.Web.Shell;

/// <summary>Marks the texts of the frame around every page.</summary>
public sealed class ShellTexts;
