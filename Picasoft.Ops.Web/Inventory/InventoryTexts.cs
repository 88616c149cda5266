namespace Picasoft.Ops.Web.Inventory;

/// <summary>Marker of this feature's texts.</summary>
public sealed class InventoryTexts;
