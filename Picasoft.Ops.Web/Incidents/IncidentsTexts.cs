namespace Picasoft.Ops.Web.Incidents;

/// <summary>Words of the incident pages: <c>IncidentsTexts.resx</c>.</summary>
public sealed class IncidentsTexts;
