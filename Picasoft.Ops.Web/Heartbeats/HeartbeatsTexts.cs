namespace Picasoft.Ops.Web.Heartbeats;

/// <summary>Marker of this feature's texts.</summary>
public sealed class HeartbeatsTexts;
