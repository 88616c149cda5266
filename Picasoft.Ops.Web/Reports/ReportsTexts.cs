namespace Picasoft.Ops.Web.Reports;

/// <summary>Marker of this feature's texts.</summary>
public sealed class ReportsTexts;
