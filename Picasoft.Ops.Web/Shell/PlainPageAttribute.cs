namespace Picasoft.Ops.Web.Shell;

/// <summary>The page shows nothing of MudBlazor's at first: it is painted before MudBlazor's rules are there.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class PlainPageAttribute : Attribute;
