namespace Picasoft.Ops.Web.Recovery;

/// <summary>Marker of this feature's texts.</summary>
public sealed class RecoveryTexts;
