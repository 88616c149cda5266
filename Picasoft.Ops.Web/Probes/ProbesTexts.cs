namespace Picasoft.Ops.Web.Probes;

/// <summary>Marker of this feature's texts.</summary>
public sealed class ProbesTexts;
