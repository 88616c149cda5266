namespace Picasoft.Ops.Web.StatusPage;

/// <summary>Marker of this feature's texts.</summary>
public sealed class StatusTexts;
